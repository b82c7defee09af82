package config

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/filter"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
)

// Ranges that several fields share, or that others may want to know.
const (
	MaxMessage = 8 * MiB         // NATS's own recommendation for the largest payload
	MaxNeurons = 4096            // of a layer
	MaxRadius  = feast.MaxRadius // of a patch
	MaxSensors = 65536
	MaxWorkers = 256 // of a sensor

	maxEvents = 1 << 30 // of an interval

	maxText = 4096 // bytes of a text
	maxList = 256  // entries of a list
)

// Validate checks every field's range and whether the fields fit together. Its
// error is an [*Error].
func (c Config) Validate() error {
	problems := c.problems(func(path string) *Problem { return &Problem{Path: path} })
	if len(problems) > 0 {
		return &Error{Problems: problems}
	}
	return nil
}

// check collects problems. at makes one at the place of a field.
type check struct {
	at    func(path string) *Problem
	found []*Problem
}

func (k *check) fail(path, want, got string) *Problem {
	p := k.at(path)
	p.Path, p.Want, p.Got = path, want, got
	k.found = append(k.found, p)
	return p
}

func (c Config) problems(at func(path string) *Problem) []*Problem {
	k := &check{at: at}
	k.texts(reflect.ValueOf(c), "")
	k.nats(&c.NATS)
	k.ingest(&c)
	k.durable(&c)
	k.pipeline(&c.Pipeline)
	k.pipelines(&c)
	k.http(&c.HTTP)
	k.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	k.oneOf("log.format", c.Log.Format, FormatText, FormatJSON)
	return k.found
}

func (k *check) nats(n *NATS) {
	k.url("nats.url", n.URL)
	if n.URL != "" && n.Context != "" {
		k.fail("nats.context", "nothing beside nats.url", quote(n.Context))
	}
	var ways []string
	for _, way := range []struct{ name, value string }{{"creds", n.Creds}, {"nkey", n.NKey}, {"user", n.User}} {
		if way.value != "" {
			ways = append(ways, way.name)
		}
	}
	if len(ways) > 1 {
		k.fail("nats."+ways[1], "one way of authentication", strings.Join(ways, " and "))
	}
	k.together("nats.user", n.User, "nats.password_file", n.PasswordFile)
	k.together("nats.tls.cert", n.TLS.Cert, "nats.tls.key", n.TLS.Key)
	if n.UsesEmbedded() {
		// They would be ignored, and someone would believe that they were not.
		for _, f := range []struct{ path, value string }{
			{"nats.creds", n.Creds},
			{"nats.nkey", n.NKey},
			{"nats.user", n.User},
			{"nats.inbox_prefix", n.InboxPrefix},
			{"nats.tls.ca", n.TLS.CA},
			{"nats.tls.cert", n.TLS.Cert},
		} {
			if f.value != "" {
				p := k.fail(f.path, "nothing beside the embedded server", quote(f.value))
				p.Hint = "it is for the server at nats.url; users of the embedded server are nats.embedded.users"
			}
		}
	}
	k.prefix("nats.prefix", n.Prefix)
	if n.InboxPrefix != "" {
		k.inbox("nats.inbox_prefix", n.InboxPrefix)
	}
	k.embedded(n)
}

func (k *check) embedded(n *NATS) {
	e := &n.Embedded
	loopback, ok := hostIsLoopback(e.Host)
	switch {
	case !ok:
		k.fail("nats.embedded.host", "localhost or an IP address", quote(e.Host))
	case !loopback && len(e.Users) == 0 && e.Port != 0 && n.UsesEmbedded():
		p := k.fail("nats.embedded.host", "an address of this machine alone, as there are no users", quote(e.Host))
		p.Hint = "set nats.embedded.users to listen beyond this machine"
	}
	k.integer("nats.embedded.port", e.Port, -1, 65535)
	k.size("nats.embedded.max_payload", e.MaxPayload, KiB, MaxMessage)
	k.clients("nats.embedded.users", e.Users)
	k.encrypted(n, !loopback && ok)
}

func (k *check) ingest(c *Config) {
	in := &c.Ingest
	k.size("ingest.max_message_bytes", in.MaxMessageBytes, KiB, MaxMessage)
	k.integer("ingest.pending_messages", in.PendingMessages, 1, 1<<20)
	k.size("ingest.pending_bytes", in.PendingBytes, KiB, 16*GiB)
	if in.PendingBytes < in.MaxMessageBytes {
		k.fail("ingest.pending_bytes", "room for one message of ingest.max_message_bytes, "+in.MaxMessageBytes.String(), in.PendingBytes.String())
	}
	if max := c.NATS.Embedded.MaxPayload; c.NATS.UsesEmbedded() && in.MaxMessageBytes > max {
		k.fail("ingest.max_message_bytes", "at most nats.embedded.max_payload, "+max.String(), in.MaxMessageBytes.String())
	}
	k.limits(in)
	k.integer("ingest.sensors.max", in.Sensors.Max, 1, MaxSensors)
	if len(in.Sensors.Accept) == 0 {
		k.fail("ingest.sensors.accept", "at least one name or pattern", "an empty list").Hint = `"*" accepts all`
	}
	for i, p := range in.Sensors.Accept {
		if p == "" || len(p) > 64 || strings.ContainsFunc(p, func(r rune) bool { return !nameRune(r) && r != '*' && r != '?' }) {
			k.fail(index("ingest.sensors.accept", i), "1 to 64 of A-Z, a-z, 0-9, - and _, and * or ? as wildcards", quote(p))
		}
	}
}

func (k *check) pipeline(p *Pipeline) {
	k.device("pipeline.device", p.Device)
	k.oneOf("pipeline.device_failure", p.DeviceFailure, DeviceFallback, DeviceStop)
	k.integer("pipeline.workers", p.Workers, 0, MaxWorkers)
	k.integer("pipeline.geometry.width", p.Geometry.Width, 0, events.MaxSide)
	k.integer("pipeline.geometry.height", p.Geometry.Height, 0, events.MaxSide)
	if w, h := p.Geometry.Width, p.Geometry.Height; (w == 0) != (h == 0) {
		k.fail("pipeline.geometry", "both width and height, or 0 and 0", fmt.Sprintf("%d and %d", w, h))
	}

	k.filter("pipeline.filters.refractory", p.Filters.Refractory)
	k.filter("pipeline.filters.background", p.Filters.Background)

	before := len(k.found)
	f := &p.FEAST
	k.oneOf("pipeline.feast.mode", f.Mode, ModeSplit, ModeMerged, ModeOn)
	k.oneOf("pipeline.feast.decay", f.Decay, DecayExponential, DecayLinear, DecayIndex)
	if f.Learning > Off {
		k.fail("pipeline.feast.learning", wantSwitch, f.Learning.String())
	}
	k.oneOf("pipeline.feast.inference", f.Inference, InferAuto, InferNearest, InferThresholds)
	k.integer("pipeline.feast.neurons", f.Neurons, 1, MaxNeurons)
	k.integer("pipeline.feast.radius", f.Radius, 0, MaxRadius)
	k.duration("pipeline.feast.tau", f.Tau, 10*time.Microsecond, time.Minute)
	switch {
	case f.Decay == DecayIndex:
		k.integer("pipeline.feast.last_events", f.LastEvents, 1, feast.MaxLast)
		if f.Recent != 0 {
			k.fail("pipeline.feast.recent", "0s with an index surface, which knows no time", duration(f.Recent))
		}
	case f.LastEvents != 0:
		k.fail("pipeline.feast.last_events", "0 but for decay index", strconv.Itoa(f.LastEvents))
	}
	k.integer("pipeline.feast.min_recent", f.MinRecent, 0, feast.MaxElements)
	k.duration("pipeline.feast.recent", f.Recent, 0, time.Minute)
	k.integer("pipeline.feast.anneal_events", f.AnnealEvents, 0, math.MaxInt)
	if !(f.AnnealFactor >= 0 && f.AnnealFactor <= 0.99) {
		k.fail("pipeline.feast.anneal_factor", "0 to 0.99", strconv.FormatFloat(f.AnnealFactor, 'g', -1, 64))
	}
	k.fraction("pipeline.feast.anneal_floor", f.AnnealFloor, 0)
	// Below 2^-24 a rate is nothing in the layer's arithmetic.
	k.between("pipeline.feast.eta", f.Eta, 1e-7, feast.MaxEta)
	k.between("pipeline.feast.delta_i", f.DeltaI, 1e-7, feast.MaxDelta)
	k.between("pipeline.feast.delta_e", f.DeltaE, 1e-7, feast.MaxDelta)
	k.fraction("pipeline.feast.initial_threshold", f.InitialThreshold, 0)
	k.oneOf("pipeline.feast.border", f.Border, BorderSkip, BorderZero)

	if len(p.Layers) >= stack.MaxLayers {
		k.fail("pipeline.layers", fmt.Sprintf("at most %d", stack.MaxLayers-1), strconv.Itoa(len(p.Layers)))
	}
	for i, l := range p.Layers {
		k.layer(index("pipeline.layers", i), l)
	}
	if len(k.found) == before {
		k.layers(p)
	}

	k.integer("pipeline.pool.cell", p.Pool.Cell, 1, events.MaxSide)
	k.oneOf("pipeline.pool.spread", p.Pool.Spread, SpreadHard, SpreadBilinear)
	k.oneOf("pipeline.pool.transform", p.Pool.Transform, TransformSqrt, TransformNone)
	k.oneOf("pipeline.pool.norm", p.Pool.Norm, NormL2, NormNone)

	if p.Labels.Every != 0 {
		k.duration("pipeline.labels.every", p.Labels.Every, time.Millisecond, 24*time.Hour).hint("or 0s: one at the end of a recording")
	}
	k.integer("pipeline.labels.every_events", p.Labels.EveryEvents, 0, maxEvents)
	k.oneOf("pipeline.labels.mode", p.Labels.Mode, LabelsInterval, LabelsRunning)
	if p.Labels.Mode == LabelsRunning && p.Labels.Every == 0 && p.Labels.EveryEvents == 0 {
		k.fail("pipeline.labels.mode", "pipeline.labels.every or every_events beside it", quote(LabelsRunning)).
			Hint = "say how often there is to be a running label"
	}
	if p.Outputs.StatusEvery != 0 {
		k.duration("pipeline.outputs.status_every", p.Outputs.StatusEvery, 100*time.Millisecond, 24*time.Hour).hint("or 0s: never")
	}
}

// filter demands the time of a filter, or none.
func (k *check) filter(path string, v time.Duration) {
	if v == 0 {
		return
	}
	if filter.CheckPeriod(path, v) != nil {
		k.fail(path, "whole microseconds, 1µs to "+duration(filter.MaxPeriod), duration(v)).Hint = "or 0s: no such filter"
	}
}

// device demands the name of a device, with its address where it is elsewhere: name@host:port.
func (k *check) device(path, v string) {
	name, address, elsewhere := strings.Cut(v, "@")
	ok := name != "" && len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool { return !nameRune(r) })
	if elsewhere {
		at, _, _ := strings.Cut(address, ",") // settings may follow, which the device's kind knows
		host, port, err := net.SplitHostPort(at)
		ok = ok && err == nil && host != "" && port != "" && len(address) <= maxAddress &&
			!strings.ContainsFunc(address, func(r rune) bool { return !nameRune(r) && !strings.ContainsRune(".:[]%,=", r) })
	}
	if !ok {
		k.fail(path, "auto, a name that 'saccade devices' lists, or one with an address, name@host:port", quote(v))
	}
}

// maxAddress is longer than any host's name and port.
const maxAddress = 300

// layer checks a layer behind the first, whose zero values stand for those of feast.
func (k *check) layer(path string, l Layer) {
	k.integer(join(path, "pool"), l.Pool, 0, stack.MaxPool)
	k.integer(join(path, "neurons"), l.Neurons, 0, MaxNeurons)
	k.integer(join(path, "radius"), l.Radius, 0, MaxRadius)
	k.duration(join(path, "tau"), l.Tau, 0, time.Minute)
	k.between(join(path, "eta"), l.Eta, 0, feast.MaxEta)
	k.between(join(path, "delta_i"), l.DeltaI, 0, feast.MaxDelta)
	k.between(join(path, "delta_e"), l.DeltaE, 0, feast.MaxDelta)
	k.integer(join(path, "last_events"), l.LastEvents, 0, feast.MaxLast)
	k.integer(join(path, "min_recent"), l.MinRecent, 0, feast.MaxElements)
	k.fraction(join(path, "initial_threshold"), l.InitialThreshold, 0)
	if l.Border != "" {
		k.oneOf(join(path, "border"), l.Border, BorderSkip, BorderZero)
	}
}

// hint adds a hint to a problem, where there is one.
func (p *Problem) hint(h string) {
	if p != nil {
		p.Hint = h
	}
}

func (k *check) integer(path string, v, low, high int) {
	if v < low || v > high {
		k.fail(path, fmt.Sprintf("%d to %d", low, high), strconv.Itoa(v))
	}
}

func (k *check) size(path string, v, low, high Size) {
	if v < low || v > high {
		k.fail(path, fmt.Sprintf("%s to %s", low, high), v.String())
	}
}

func (k *check) fraction(path string, v, low float64) { k.between(path, v, low, 1) }

func (k *check) between(path string, v, low, high float64) {
	if !(v >= low && v <= high) { // so that NaN is refused
		k.fail(path, fmt.Sprintf("%g to %g", low, high), strconv.FormatFloat(v, 'g', -1, 64))
	}
}

func (k *check) duration(path string, v, low, high time.Duration) *Problem {
	if v < low || v > high {
		return k.fail(path, fmt.Sprintf("%s to %s", duration(low), duration(high)), duration(v))
	}
	return nil
}

func (k *check) oneOf(path, v string, all ...string) {
	if slices.Contains(all, v) {
		return
	}
	p := k.fail(path, strings.Join(all, " or "), quote(v))
	for _, s := range all {
		if distance(strings.ToLower(v), s, 3) < 3 && v != "" {
			p.Hint = "did you mean " + s + "?"
			return
		}
	}
}

// together demands both of two texts or none.
func (k *check) together(pathA, a, pathB, b string) {
	if a != "" && b == "" {
		k.fail(pathB, "a value beside "+pathA, `""`)
	}
	if a == "" && b != "" {
		k.fail(pathA, "a value beside "+pathB, `""`)
	}
}

// prefix demands tokens that may stand in a subject before a sensor's name.
func (k *check) prefix(path, v string) {
	ok := v != "" && len(v) <= 64
	for t := range strings.SplitSeq(v, ".") {
		ok = ok && t != "" && !strings.ContainsFunc(t, func(r rune) bool { return !nameRune(r) })
	}
	if !ok {
		k.fail(path, "1 to 64 of A-Z, a-z, 0-9, - and _, and dots between", quote(v))
	}
}

// url demands addresses that hold no secret. What it repeats of a wrong one is
// without whatever stands where a password would.
func (k *check) url(path, v string) {
	if strings.Contains(v, "@") {
		k.fail(path, "addresses without a user or password", quote(redact(v))).
			Hint = "set nats.user and nats.password_file, nats.creds, nats.nkey or nats.context"
		return
	}
	for s := range strings.SplitSeq(v, ",") {
		u, err := url.Parse(strings.TrimSpace(s))
		if v != "" && (err != nil || u.Hostname() == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme)) {
			k.fail(path, "an address such as nats://host:4222", quote(s))
		}
	}
}

// texts demands of every text that it can be written on a line and read back.
func (k *check) texts(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Struct:
		for i, tag := range fields(v.Type()) {
			k.texts(v.Field(i), join(path, tag.Get("yaml")))
		}
	case reflect.Slice:
		if v.Len() > maxList {
			k.fail(path, fmt.Sprintf("a list of at most %d", maxList), strconv.Itoa(v.Len()))
			return
		}
		for i := range v.Len() {
			k.texts(v.Index(i), index(path, i))
		}
	case reflect.String:
		s := v.String()
		switch {
		case len(s) > maxText:
			k.fail(path, fmt.Sprintf("a text of at most %d bytes", maxText), fmt.Sprintf("%d bytes", len(s)))
		case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
			k.fail(path, "a text of printable characters", quote(redact(s)))
		}
	default:
	}
}

func nameRune(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// hostIsLoopback tells whether a host is this machine alone, and whether it is a
// host that can be listened on at all.
func hostIsLoopback(host string) (loopback, ok bool) {
	if host == "localhost" {
		return true, true
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false, false
	}
	return a.Unmap().IsLoopback(), true
}
