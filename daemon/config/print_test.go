package config

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/stack"
)

func printed(t require.TestingT, c Config) string {
	var b strings.Builder
	require.NoError(t, Print(&b, c))
	return b.String()
}

func TestPrintDefaultParsesBack(t *testing.T) {
	text := printed(t, Default())
	c, err := Parse([]byte(text), "printed")
	require.NoError(t, err)
	require.Equal(t, Default(), c)
	require.Less(t, len(text), MaxFileBytes/4)
}

// Above every field stands its comment, and no line is too long to read.
func TestPrintComments(t *testing.T) {
	lines := strings.Split(printed(t, Default()), "\n")
	var names []string
	field := regexp.MustCompile(`^ *([a-z0-9_]+):`)
	for i, line := range lines {
		require.LessOrEqual(t, len(line), printWidth)
		if m := field.FindStringSubmatch(line); m != nil {
			names = append(names, m[1])
			require.Regexp(t, `^ *# \S`, lines[i-1], "above %s", line)
		}
	}
	var want []string
	var walk func(typ reflect.Type)
	walk = func(typ reflect.Type) {
		for i, tag := range fields(typ) {
			want = append(want, tag.Get("yaml"))
			if f := typ.Field(i).Type; f.Kind() == reflect.Struct {
				walk(f)
			}
		}
	}
	walk(reflect.TypeFor[Config]())
	require.Equal(t, want, names)
	require.True(t, slices.Contains(lines, "  # By how much all selection thresholds fall at a missed event.") ||
		slices.Contains(lines, "    # By how much all selection thresholds fall at a missed event."))
}

func TestPrintParsesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		require.NoError(t, c.Validate())
		text := printed(t, c)
		again, err := Parse([]byte(text), "printed")
		require.NoError(t, err, text)
		require.Equal(t, c, again, text)
	})
}

// drawConfig draws a valid configuration.
func drawConfig(t *rapid.T) Config {
	// Texts with everything that means something in YAML.
	texts := rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "a", "null", "~", "true", "No", "1", "1e3", ".5", "0x1", " a", "a ", "a: b", "a #b", "#", "- a", "[a]", "{a}", "*", "&a", "!t", "|", ">",
			`"`, `'`, `a"b`, `\`, `\n`, "%", "@a", "`a", ",", "?", ":", "a:", "-", "--- a", "...", "<<", "=", "2026-01-01", "12:30:45", "$X", "ü", "日本", "🙂", "a//b.c",
		}),
		rapid.StringOf(rapid.SampledFrom([]rune(` "'\#:{}[],&*!|>%@-?~aZ0.é🙂`))),
	)
	name := rapid.StringMatching(`[A-Za-z0-9_-]{1,20}`)
	oneOf := func(label string, all ...string) string { return rapid.SampledFrom(all).Draw(t, label) }
	flag := func(label string) bool { return rapid.Bool().Draw(t, label) }
	size := func(label string, low, high Size) Size {
		return Size(rapid.Int64Range(int64(low), int64(high)).Draw(t, label))
	}
	span := func(label string, low, high time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(int64(low), int64(high)).Draw(t, label))
	}
	number := func(label string, low float64) float64 { return rapid.Float64Range(low, 1).Draw(t, label) }

	c := Default()
	n := &c.NATS
	switch rapid.IntRange(0, 2).Draw(t, "server") {
	case 1:
		n.URL = oneOf("url", "nats://h:4222", "tls://a.example,tls://b.example:1", "nats://[::1]:4222")
	case 2:
		n.Context = texts.Filter(func(s string) bool { return s != "" }).Draw(t, "context")
	}
	if !n.UsesEmbedded() {
		filled := texts.Filter(func(s string) bool { return s != "" })
		switch rapid.IntRange(0, 3).Draw(t, "auth") {
		case 1:
			n.Creds = texts.Draw(t, "creds")
		case 2:
			n.NKey = texts.Draw(t, "nkey")
		case 3:
			n.User, n.PasswordFile = filled.Draw(t, "user"), filled.Draw(t, "password file")
		}
		if flag("tls") {
			n.TLS = TLS{texts.Draw(t, "ca"), filled.Draw(t, "cert"), filled.Draw(t, "key")}
		}
	}
	n.Prefix = rapid.StringMatching(`[A-Za-z0-9_-]{1,9}(\.[A-Za-z0-9_-]{1,9}){0,3}`).Draw(t, "prefix")
	n.Embedded.Host = oneOf("host", "127.0.0.1", "localhost", "::1", "0.0.0.0")
	n.Embedded.Port = rapid.IntRange(-1, 65535).Draw(t, "port")
	n.Embedded.DataDir = texts.Draw(t, "data dir")
	n.Embedded.JetStream = flag("jetstream")
	n.Embedded.MaxPayload = size("max payload", MiB, MaxMessage)
	filled := texts.Filter(func(s string) bool { return s != "" })
	for _, u := range rapid.SliceOfNDistinct(filled, 0, 3, rapid.ID[string]).Draw(t, "users") {
		client := Client{User: u, PasswordFile: filled.Draw(t, "file")}
		if isName(u) {
			client.Role = oneOf("role", "", RoleFull, RoleViewer, RoleSensor, RoleOperator)
		}
		if client.Role == RoleViewer || client.Role == RoleSensor {
			client.Sensors = rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9-]{1,9}|\*`), 1, 3).Draw(t, "sensors of a user")
		}
		n.Embedded.Users = append(n.Embedded.Users, client)
	}
	n.Embedded.Plaintext = flag("plaintext")
	if flag("server tls") {
		n.Embedded.TLS = ServerTLS{filled.Draw(t, "server cert"), filled.Draw(t, "server key"), texts.Draw(t, "client ca")}
	}
	if n.Embedded.Users == nil || n.Embedded.TLS.Cert == "" && !n.Embedded.Plaintext {
		n.Embedded.Host = "127.0.0.1"
	}
	in := &c.Ingest
	in.MaxMessageBytes = size("max message", KiB, MiB)
	in.PendingMessages = rapid.IntRange(1, 1<<20).Draw(t, "pending messages")
	in.PendingBytes = size("pending bytes", MiB, 16*GiB)
	in.TotalPending = size("total pending", in.PendingBytes, 16*GiB)
	in.Sensors.MaxRate = size("max rate", MiB, GiB)
	if flag("no rate") {
		in.Sensors.MaxRate = 0
	}
	in.Sensors.MaxRejects = rapid.IntRange(0, 1000).Draw(t, "rejects")
	in.Sensors.MaxPixels = rapid.IntRange(1, 1<<24).Draw(t, "pixels")
	in.Sensors.TotalPixels = rapid.IntRange(in.Sensors.MaxPixels, 1<<30).Draw(t, "all pixels")
	in.Sensors.Max = rapid.IntRange(1, MaxSensors).Draw(t, "sensors")
	in.Sensors.Accept = rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9_*?-]{1,20}`), 1, 4).Draw(t, "accept")
	p := &c.Pipeline
	p.Device = name.Draw(t, "device")
	if flag("device elsewhere") {
		p.Device += rapid.SampledFrom([]string{"@127.0.0.1:7121", "@[::1]:1", "@fpga.example.org:65535"}).Draw(t, "address")
	}
	p.DeviceFailure = rapid.SampledFrom([]string{DeviceFallback, DeviceStop}).Draw(t, "device failure")
	p.Workers = rapid.IntRange(0, MaxWorkers).Draw(t, "workers")
	if flag("geometry") {
		p.Geometry = Geometry{rapid.IntRange(1, 4096).Draw(t, "width"), rapid.IntRange(1, 4096).Draw(t, "height")}
	}
	p.Model = texts.Draw(t, "model")
	if flag("filters") {
		p.Filters = Filters{span("refractory", 1, 1e6) * time.Microsecond, span("background", 1, 1e6) * time.Microsecond}
	}
	p.FEAST = FEAST{
		Mode:             oneOf("mode", ModeSplit, ModeMerged, ModeOn),
		Decay:            oneOf("decay", DecayExponential, DecayLinear),
		MinRecent:        rapid.IntRange(0, 1).Draw(t, "min recent"),
		Recent:           span("recent", 0, time.Minute).Truncate(time.Microsecond),
		Inference:        oneOf("inference", InferAuto, InferNearest, InferThresholds),
		AnnealEvents:     rapid.IntRange(0, 1<<40).Draw(t, "anneal"),
		AnnealFactor:     0.99 * number("anneal factor", 0),
		AnnealFloor:      number("anneal floor", 0),
		Neurons:          rapid.IntRange(1, MaxNeurons).Draw(t, "neurons"),
		Radius:           rapid.IntRange(0, MaxRadius).Draw(t, "radius"),
		Tau:              span("tau", 10*time.Microsecond, time.Minute).Truncate(time.Microsecond),
		Eta:              0.25 * number("eta", 1e-6),
		DeltaI:           0.5 * number("delta i", 1e-6),
		DeltaE:           0.5 * number("delta e", 1e-6),
		InitialThreshold: number("threshold", 0),
		Border:           oneOf("border", BorderSkip, BorderZero),
		Learning:         rapid.SampledFrom([]Switch{Auto, On, Off}).Draw(t, "learning"),
		Seed:             rapid.Uint64().Draw(t, "seed"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "layers") {
		// Of layers that fit whatever came before.
		p.FEAST.Neurons, p.FEAST.Radius, p.Geometry = min(p.FEAST.Neurons, 100), min(p.FEAST.Radius, 5), Geometry{}
		p.Layers = append(p.Layers, Layer{
			Pool: rapid.IntRange(0, 3).Draw(t, "pool"), Neurons: rapid.IntRange(1, 200).Draw(t, "neurons"),
			Radius: rapid.IntRange(1, 1).Draw(t, "radius"), Eta: 0.25 * number("eta", 0),
			DeltaI: 0.5 * number("delta i", 0), DeltaE: 0.5 * number("delta e", 0), InitialThreshold: number("threshold", 0),
			Border: BorderZero, LastEvents: rapid.IntRange(0, 99).Draw(t, "last"), MinRecent: rapid.IntRange(0, 5).Draw(t, "recent"),
		})
	}
	if p.Geometry.Width > 0 && p.Geometry.Height > 0 && !stack.Fits(p.First()) {
		p.FEAST.Border = BorderZero
	}
	if flag("index") {
		p.FEAST.Decay, p.FEAST.Recent = DecayIndex, 0
		p.FEAST.LastEvents = rapid.IntRange(1, 1<<24).Draw(t, "last events")
	}
	p.Pool = Pool{rapid.IntRange(1, 4096).Draw(t, "cell"), oneOf("spread", SpreadHard, SpreadBilinear), oneOf("transform", TransformSqrt, TransformNone), oneOf("norm", NormL2, NormNone)}
	if flag("every") {
		p.Labels.Every = span("every", time.Millisecond, 24*time.Hour)
	}
	p.Labels.EveryEvents = rapid.IntRange(0, 1<<30).Draw(t, "every events")
	p.Labels.Mode = LabelsInterval
	if p.Labels.Every > 0 || p.Labels.EveryEvents > 0 {
		p.Labels.Mode = oneOf("labels mode", LabelsInterval, LabelsRunning)
	}
	p.Outputs = Outputs{flag("features"), flag("missed"), flag("labels"), span("status", 100*time.Millisecond, 24*time.Hour)}
	if flag("http") {
		c.HTTP.Listen = oneOf("listen", "127.0.0.1:9464", "localhost:0", "[::1]:65535")
		for _, u := range rapid.SliceOfNDistinct(filled, 0, 2, rapid.ID[string]).Draw(t, "readers") {
			c.HTTP.Users = append(c.HTTP.Users, User{u, filled.Draw(t, "file")})
		}
	}
	c.Log = Log{oneOf("level", "debug", "info", "warn", "error"), oneOf("format", FormatText, FormatJSON)}
	return c
}

func TestPrintDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second: "1s", time.Minute: "1m", time.Hour: "1h", 90 * time.Second: "1m30s", time.Hour + time.Second: "1h0m1s",
		20 * time.Minute: "20m", 10 * time.Second: "10s", 10 * time.Hour: "10h", 20 * time.Millisecond: "20ms",
	} {
		require.Equal(t, want, duration(d))
		back, err := time.ParseDuration(want)
		require.NoError(t, err)
		require.Equal(t, d, back)
	}
}

// Problems of the writer are the caller's to know.
func TestPrintReturnsTheWritersError(t *testing.T) {
	full := errors.New("disk full")
	require.ErrorIs(t, Print(failing{full}, Default()), full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
