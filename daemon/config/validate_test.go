package config

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Values on either side of every bound, and fields that do not fit together.
func TestValidate(t *testing.T) {
	users := []Client{{User: "a", PasswordFile: "a.txt"}}
	type edit = func(c *Config)
	tests := []struct {
		path      string
		good, bad []edit
	}{
		{"nats.url", []edit{
			func(c *Config) { c.NATS.URL = "nats://h" },
			func(c *Config) { c.NATS.URL = "nats://a:4222, tls://b:4222,nats://[::1]:4222" },
			func(c *Config) { c.NATS.URL = "wss://h/path" },
		}, []edit{
			func(c *Config) { c.NATS.URL = "h:4222" },
			func(c *Config) { c.NATS.URL = "http://h" },
			func(c *Config) { c.NATS.URL = "nats://" },
			func(c *Config) { c.NATS.URL = "nats://a,," },
			func(c *Config) { c.NATS.URL = "nats://h:port" },
			func(c *Config) { c.NATS.URL = "nats://user:secret@h" },
			func(c *Config) { c.NATS.URL = "nats://token@h" },
			func(c *Config) { c.NATS.URL = "nats://a\nb" },
		}},
		{"nats.context", []edit{
			func(c *Config) { c.NATS.Context = "lab" },
		}, []edit{
			func(c *Config) { c.NATS.Context, c.NATS.URL = "lab", "nats://h" },
			func(c *Config) { c.NATS.Context = "a\x00" },
			func(c *Config) { c.NATS.Context = strings.Repeat("a", 4097) },
			func(c *Config) { c.NATS.Context = "\xff" },
		}},
		{"nats.creds", []edit{
			func(c *Config) { c.NATS.Creds, c.NATS.URL = "f", "nats://h" },
		}, []edit{
			func(c *Config) { c.NATS.Creds = "f" },
		}},
		{"nats.nkey", []edit{
			func(c *Config) { c.NATS.NKey, c.NATS.Context = "f", "lab" },
		}, []edit{
			func(c *Config) { c.NATS.NKey = "f" },
			func(c *Config) { c.NATS.NKey, c.NATS.Creds, c.NATS.URL = "f", "f", "nats://h" },
		}},
		{"nats.user", []edit{
			func(c *Config) { c.NATS.User, c.NATS.PasswordFile, c.NATS.URL = "u", "f", "nats://h" },
		}, []edit{
			func(c *Config) { c.NATS.User, c.NATS.PasswordFile = "u", "f" },
			func(c *Config) { c.NATS.PasswordFile, c.NATS.URL = "f", "nats://h" },
			func(c *Config) { c.NATS.User, c.NATS.PasswordFile, c.NATS.NKey, c.NATS.URL = "u", "f", "f", "nats://h" },
		}},
		{"nats.password_file", nil, []edit{
			func(c *Config) { c.NATS.User, c.NATS.URL = "u", "nats://h" },
		}},
		{"nats.tls.ca", []edit{
			func(c *Config) { c.NATS.TLS.CA, c.NATS.URL = "f", "nats://h" },
		}, []edit{
			func(c *Config) { c.NATS.TLS.CA = "f" },
		}},
		{"nats.tls.cert", []edit{
			func(c *Config) { c.NATS.TLS.Cert, c.NATS.TLS.Key, c.NATS.URL = "f", "g", "nats://h" },
		}, []edit{
			func(c *Config) { c.NATS.TLS.Cert, c.NATS.TLS.Key = "f", "g" },
			func(c *Config) { c.NATS.TLS.Key, c.NATS.URL = "g", "nats://h" },
		}},
		{"nats.tls.key", nil, []edit{
			func(c *Config) { c.NATS.TLS.Cert, c.NATS.URL = "g", "nats://h" },
		}},
		{"nats.prefix", []edit{
			func(c *Config) { c.NATS.Prefix = "a.B-c_9" },
		}, []edit{
			func(c *Config) { c.NATS.Prefix = "" },
			func(c *Config) { c.NATS.Prefix = "a..b" },
			func(c *Config) { c.NATS.Prefix = ".a" },
			func(c *Config) { c.NATS.Prefix = "a." },
			func(c *Config) { c.NATS.Prefix = "a.*" },
			func(c *Config) { c.NATS.Prefix = ">" },
			func(c *Config) { c.NATS.Prefix = "a b" },
			func(c *Config) { c.NATS.Prefix = strings.Repeat("a", 65) },
		}},
		{"nats.embedded.host", []edit{
			func(c *Config) { c.NATS.Embedded.Host = "localhost" },
			func(c *Config) { c.NATS.Embedded.Host = "127.8.9.1" },
			func(c *Config) { c.NATS.Embedded.Host = "::1" },
			func(c *Config) { c.NATS.Embedded.Host = "::ffff:127.0.0.1" },
			func(c *Config) {
				c.NATS.Embedded.Host, c.NATS.Embedded.Users, c.NATS.Embedded.Plaintext = "0.0.0.0", users, true
			},
			func(c *Config) {
				c.NATS.Embedded.Host, c.NATS.Embedded.Users = "::", users
				c.NATS.Embedded.TLS = ServerTLS{Cert: "c", Key: "k"}
			},
			func(c *Config) { c.NATS.Embedded.Host, c.NATS.Embedded.Port = "0.0.0.0", 0 },
			func(c *Config) { c.NATS.Embedded.Host, c.NATS.URL = "0.0.0.0", "nats://h" },
		}, []edit{
			func(c *Config) { c.NATS.Embedded.Host = "" },
			func(c *Config) { c.NATS.Embedded.Host = "0.0.0.0" },
			func(c *Config) { c.NATS.Embedded.Host = "::" },
			func(c *Config) { c.NATS.Embedded.Host = "10.0.0.1" },
			func(c *Config) { c.NATS.Embedded.Host = "example.org" },
			func(c *Config) { c.NATS.Embedded.Host = "[::1]" },
			func(c *Config) { c.NATS.Embedded.Host = "127.1" },
			func(c *Config) { c.NATS.Embedded.Host = "LOCALHOST" },
			func(c *Config) { c.NATS.Embedded.Host, c.NATS.Embedded.Users = "0.0.0.0", users },
			func(c *Config) { c.NATS.Embedded.Host, c.NATS.Embedded.Plaintext = "0.0.0.0", true },
			func(c *Config) {
				c.NATS.Embedded.Host, c.NATS.Embedded.TLS = "0.0.0.0", ServerTLS{Cert: "c", Key: "k"}
			},
			func(c *Config) { c.NATS.Embedded.Host, c.NATS.Embedded.Users = "example.org", users },
		}},
		{"nats.embedded.port", []edit{
			func(c *Config) { c.NATS.Embedded.Port = -1 },
			func(c *Config) { c.NATS.Embedded.Port = 0 },
			func(c *Config) { c.NATS.Embedded.Port = 65535 },
		}, []edit{
			func(c *Config) { c.NATS.Embedded.Port = -2 },
			func(c *Config) { c.NATS.Embedded.Port = 65536 },
		}},
		{"nats.embedded.max_payload", []edit{
			func(c *Config) { c.NATS.Embedded.MaxPayload = 8 * MiB },
		}, []edit{
			func(c *Config) { c.NATS.Embedded.MaxPayload = 8*MiB + 1 },
			func(c *Config) { c.NATS.Embedded.MaxPayload, c.Ingest.MaxMessageBytes = KiB-1, KiB },
		}},
		{"nats.embedded.users[0].user", []edit{
			func(c *Config) { c.NATS.Embedded.Users = users },
		}, []edit{
			func(c *Config) { c.NATS.Embedded.Users = []Client{{User: "", PasswordFile: "f"}} },
		}},
		{"nats.embedded.users[1].user", nil, []edit{
			func(c *Config) {
				c.NATS.Embedded.Users = []Client{{User: "a", PasswordFile: "f"}, {User: "a", PasswordFile: "g"}}
			},
		}},
		{"nats.embedded.users[0].password_file", nil, []edit{
			func(c *Config) { c.NATS.Embedded.Users = []Client{{User: "a"}} },
		}},
		{"nats.embedded.users", nil, []edit{
			func(c *Config) { c.NATS.Embedded.Users = make([]Client, 257) },
		}},
		{"ingest.max_message_bytes", []edit{
			func(c *Config) { c.Ingest.MaxMessageBytes = KiB },
			func(c *Config) { c.Ingest.MaxMessageBytes, c.NATS.URL = 8*MiB, "nats://h" },
		}, []edit{
			func(c *Config) { c.Ingest.MaxMessageBytes = KiB - 1 },
			func(c *Config) { c.Ingest.MaxMessageBytes, c.NATS.URL = 8*MiB+1, "nats://h" },
			func(c *Config) { c.Ingest.MaxMessageBytes = 2 * MiB },
		}},
		{"ingest.pending_messages", []edit{
			func(c *Config) { c.Ingest.PendingMessages = 1 },
		}, []edit{
			func(c *Config) { c.Ingest.PendingMessages = 0 },
			func(c *Config) { c.Ingest.PendingMessages = 1<<20 + 1 },
		}},
		{"ingest.pending_bytes", []edit{
			func(c *Config) { c.Ingest.PendingBytes = MiB },
		}, []edit{
			func(c *Config) { c.Ingest.PendingBytes = MiB - 1 },
			func(c *Config) { c.Ingest.PendingBytes = 16*GiB + 1 },
		}},
		{"ingest.sensors.max", []edit{
			func(c *Config) { c.Ingest.Sensors.Max = 1 },
		}, []edit{
			func(c *Config) { c.Ingest.Sensors.Max = 0 },
			func(c *Config) { c.Ingest.Sensors.Max = MaxSensors + 1 },
		}},
		{"ingest.sensors.accept", nil, []edit{
			func(c *Config) { c.Ingest.Sensors.Accept = nil },
		}},
		{"ingest.sensors.accept[1]", nil, []edit{
			func(c *Config) { c.Ingest.Sensors.Accept = []string{"*", ""} },
			func(c *Config) { c.Ingest.Sensors.Accept = []string{"*", "a.b"} },
			func(c *Config) { c.Ingest.Sensors.Accept = []string{"*", strings.Repeat("a", 65)} },
		}},
		{"pipeline.workers", []edit{
			func(c *Config) { c.Pipeline.Workers = 0 },
			func(c *Config) { c.Pipeline.Workers = 256 },
		}, []edit{
			func(c *Config) { c.Pipeline.Workers = -1 },
			func(c *Config) { c.Pipeline.Workers = 257 },
		}},
		{"pipeline.device_failure", []edit{
			func(c *Config) { c.Pipeline.DeviceFailure = DeviceStop },
		}, []edit{
			func(c *Config) { c.Pipeline.DeviceFailure = "" },
			func(c *Config) { c.Pipeline.DeviceFailure = "Stop" },
		}},
		{"pipeline.device", []edit{
			func(c *Config) { c.Pipeline.Device = "fpga-sim" },
			func(c *Config) { c.Pipeline.Device = "fpga@127.0.0.1:7121" },
			func(c *Config) { c.Pipeline.Device = "fpga@[fe80::1%eth0]:7121" },
		}, []edit{
			func(c *Config) { c.Pipeline.Device = "fpga@" },
			func(c *Config) { c.Pipeline.Device = "fpga@127.0.0.1" },
			func(c *Config) { c.Pipeline.Device = "@127.0.0.1:7121" },
			func(c *Config) { c.Pipeline.Device = "fpga@a b:1" },
			func(c *Config) { c.Pipeline.Device = "fpga@a@b:1" },
			func(c *Config) { c.Pipeline.Device = "fpga@" + strings.Repeat("a", 300) + ":1" },
			func(c *Config) { c.Pipeline.Device = "" },
			func(c *Config) { c.Pipeline.Device = "a b" },
			func(c *Config) { c.Pipeline.Device = strings.Repeat("a", 65) },
		}},
		{"pipeline.geometry", []edit{
			func(c *Config) { c.Pipeline.Geometry = Geometry{34, 34} },
			func(c *Config) { c.Pipeline.Geometry, c.Pipeline.FEAST.Border = Geometry{4096, 1}, BorderZero },
		}, []edit{
			func(c *Config) { c.Pipeline.Geometry = Geometry{34, 0} },
			func(c *Config) { c.Pipeline.Geometry = Geometry{0, 34} },
		}},
		{"pipeline.geometry.width", nil, []edit{
			func(c *Config) { c.Pipeline.Geometry = Geometry{4097, 1} },
			func(c *Config) { c.Pipeline.Geometry = Geometry{-1, 1} },
		}},
		{"pipeline.geometry.height", nil, []edit{
			func(c *Config) { c.Pipeline.Geometry = Geometry{1, 4097} },
			func(c *Config) { c.Pipeline.Geometry = Geometry{1, -1} },
		}},
		{"pipeline.model", nil, []edit{
			func(c *Config) { c.Pipeline.Model = "a\tb" },
		}},
		{"pipeline.feast.mode", []edit{
			func(c *Config) { c.Pipeline.FEAST.Mode = ModeMerged },
		}, []edit{
			func(c *Config) { c.Pipeline.FEAST.Mode = "" },
			func(c *Config) { c.Pipeline.FEAST.Mode = "Split" },
		}},
		{"pipeline.feast.neurons", []edit{
			func(c *Config) { c.Pipeline.FEAST.Neurons = 1 },
			func(c *Config) { c.Pipeline.FEAST.Neurons = MaxNeurons },
		}, []edit{
			func(c *Config) { c.Pipeline.FEAST.Neurons = 0 },
			func(c *Config) { c.Pipeline.FEAST.Neurons = MaxNeurons + 1 },
		}},
		{"pipeline.feast.radius", []edit{
			func(c *Config) { c.Pipeline.FEAST.Radius = 0 },
			func(c *Config) { c.Pipeline.FEAST.Radius = MaxRadius },
		}, []edit{
			func(c *Config) { c.Pipeline.FEAST.Radius = -1 },
			func(c *Config) { c.Pipeline.FEAST.Radius = MaxRadius + 1 },
		}},
		{
			"pipeline.layers",
			[]edit{func(c *Config) { c.Pipeline.Layers = make([]Layer, 7) }},
			[]edit{func(c *Config) { c.Pipeline.Layers = make([]Layer, 8) }},
		},
		{
			"pipeline.layers[1].pool",
			[]edit{func(c *Config) { c.Pipeline.Layers = []Layer{{}, {Pool: 64}} }},
			[]edit{func(c *Config) { c.Pipeline.Layers = []Layer{{}, {Pool: 65}} }},
		},
		{
			"pipeline.layers[0].border",
			[]edit{func(c *Config) { c.Pipeline.Layers = []Layer{{Border: BorderZero}} }},
			[]edit{func(c *Config) { c.Pipeline.Layers = []Layer{{Border: "wrap"}} }},
		},
		{"pipeline.feast", nil, []edit{
			func(c *Config) { c.Pipeline.FEAST.Tau = 20*time.Millisecond + 1 },
			func(c *Config) { c.Pipeline.FEAST.MinRecent = 122 },
		}},
		{"pipeline.layers", []edit{func(c *Config) { c.Pipeline.Layers = []Layer{{Radius: 2, MinRecent: 800}} }}, []edit{
			func(c *Config) { c.Pipeline.Layers = []Layer{{Radius: 31}} },
			func(c *Config) { c.Pipeline.FEAST.Neurons, c.Pipeline.Layers = 129, []Layer{{Radius: 1}} },
			func(c *Config) {
				c.Pipeline.Geometry, c.Pipeline.Layers = Geometry{34, 34}, []Layer{{Pool: 20, Radius: 2}}
			},
		}},
		{"pipeline.feast.decay", []edit{
			func(c *Config) { c.Pipeline.FEAST.Decay = DecayLinear },
			func(c *Config) { c.Pipeline.FEAST.Decay, c.Pipeline.FEAST.LastEvents = DecayIndex, 1 },
		}, []edit{func(c *Config) { c.Pipeline.FEAST.Decay = "Index" }}},
		{"pipeline.feast.last_events", []edit{
			func(c *Config) { c.Pipeline.FEAST.Decay, c.Pipeline.FEAST.LastEvents = DecayIndex, 1<<24 },
		}, []edit{
			func(c *Config) { c.Pipeline.FEAST.Decay = DecayIndex },
			func(c *Config) { c.Pipeline.FEAST.Decay, c.Pipeline.FEAST.LastEvents = DecayIndex, 1<<24+1 },
			func(c *Config) { c.Pipeline.FEAST.LastEvents = 1 },
		}},
		{"pipeline.feast.min_recent", []edit{func(c *Config) { c.Pipeline.FEAST.MinRecent, c.Pipeline.FEAST.Radius = 3969, 31 }}, []edit{
			func(c *Config) { c.Pipeline.FEAST.MinRecent = -1 },
			func(c *Config) { c.Pipeline.FEAST.MinRecent = 3970 },
		}},
		{"pipeline.filters.refractory", []edit{
			func(c *Config) { c.Pipeline.Filters.Refractory = time.Microsecond },
			func(c *Config) { c.Pipeline.Filters.Refractory = time.Second },
		}, []edit{
			func(c *Config) { c.Pipeline.Filters.Refractory = -time.Microsecond },
			func(c *Config) { c.Pipeline.Filters.Refractory = time.Second + time.Microsecond },
			func(c *Config) { c.Pipeline.Filters.Refractory = time.Nanosecond },
		}},
		{"pipeline.filters.background", []edit{
			func(c *Config) { c.Pipeline.Filters.Background = 5 * time.Millisecond },
		}, []edit{
			func(c *Config) { c.Pipeline.Filters.Background = time.Minute },
			func(c *Config) { c.Pipeline.Filters.Background = 1001 * time.Nanosecond },
		}},
		{"pipeline.feast.recent", []edit{func(c *Config) { c.Pipeline.FEAST.Recent = time.Minute }}, []edit{
			func(c *Config) { c.Pipeline.FEAST.Recent = -1 },
			func(c *Config) { c.Pipeline.FEAST.Recent = time.Minute + 1 },
			func(c *Config) {
				c.Pipeline.FEAST.Decay, c.Pipeline.FEAST.LastEvents, c.Pipeline.FEAST.Recent = DecayIndex, 5, 1
			},
		}},
		{
			"pipeline.feast.inference",
			[]edit{func(c *Config) { c.Pipeline.FEAST.Inference = InferThresholds }},
			[]edit{func(c *Config) { c.Pipeline.FEAST.Inference = "" }},
		},
		{
			"pipeline.feast.learning",
			[]edit{func(c *Config) { c.Pipeline.FEAST.Learning = Off }},
			[]edit{func(c *Config) { c.Pipeline.FEAST.Learning = Off + 1 }},
		},
		{"pipeline.feast.radius", []edit{
			func(c *Config) { c.Pipeline.Geometry = Geometry{11, 11} },
			func(c *Config) { c.Pipeline.Geometry, c.Pipeline.FEAST.Border = Geometry{9, 9}, BorderZero },
			func(c *Config) { c.Pipeline.Geometry, c.Pipeline.Model = Geometry{9, 9}, "it brings its own" },
		}, []edit{
			func(c *Config) { c.Pipeline.Geometry = Geometry{9, 9} },
			func(c *Config) { c.Pipeline.Geometry = Geometry{11, 10} },
			func(c *Config) { c.Pipeline.Geometry = Geometry{10, 11} },
		}},
		{
			"pipeline.feast.anneal_events",
			[]edit{func(c *Config) { c.Pipeline.FEAST.AnnealEvents = math.MaxInt }},
			[]edit{func(c *Config) { c.Pipeline.FEAST.AnnealEvents = -1 }},
		},
		{"pipeline.feast.anneal_factor", []edit{func(c *Config) { c.Pipeline.FEAST.AnnealFactor = 0.99 }}, []edit{
			func(c *Config) { c.Pipeline.FEAST.AnnealFactor = 1 },
			func(c *Config) { c.Pipeline.FEAST.AnnealFactor = math.NaN() },
		}},
		{
			"pipeline.feast.anneal_floor",
			[]edit{func(c *Config) { c.Pipeline.FEAST.AnnealFloor = 1 }},
			[]edit{func(c *Config) { c.Pipeline.FEAST.AnnealFloor = -0.1 }},
		},
		{"pipeline.feast.tau", []edit{
			func(c *Config) { c.Pipeline.FEAST.Tau = 10 * time.Microsecond },
			func(c *Config) { c.Pipeline.FEAST.Tau = time.Minute },
		}, []edit{
			func(c *Config) { c.Pipeline.FEAST.Tau = 0 },
			func(c *Config) { c.Pipeline.FEAST.Tau = time.Minute + 1 },
			func(c *Config) { c.Pipeline.FEAST.Tau = -time.Second },
		}},
		{"pipeline.feast.eta", []edit{
			func(c *Config) { c.Pipeline.FEAST.Eta = 0.25 },
		}, []edit{
			func(c *Config) { c.Pipeline.FEAST.Eta = 0 },
			func(c *Config) { c.Pipeline.FEAST.Eta = 0.2501 },
			func(c *Config) { c.Pipeline.FEAST.Eta = math.NaN() },
			func(c *Config) { c.Pipeline.FEAST.Eta = math.Inf(1) },
		}},
		{"pipeline.feast.delta_i", nil, []edit{
			func(c *Config) { c.Pipeline.FEAST.DeltaI = 0 },
			func(c *Config) { c.Pipeline.FEAST.DeltaI = 0.51 },
		}},
		{"pipeline.feast.delta_e", nil, []edit{
			func(c *Config) { c.Pipeline.FEAST.DeltaE = -1 },
			func(c *Config) { c.Pipeline.FEAST.DeltaE = 0.51 },
		}},
		{"pipeline.feast.initial_threshold", []edit{
			func(c *Config) { c.Pipeline.FEAST.InitialThreshold = 0 },
			func(c *Config) { c.Pipeline.FEAST.InitialThreshold = 1 },
		}, []edit{
			func(c *Config) { c.Pipeline.FEAST.InitialThreshold = -0.1 },
			func(c *Config) { c.Pipeline.FEAST.InitialThreshold = 1.1 },
		}},
		{"pipeline.feast.border", []edit{
			func(c *Config) { c.Pipeline.FEAST.Border = BorderZero },
		}, []edit{
			func(c *Config) { c.Pipeline.FEAST.Border = "wrap" },
		}},
		{"pipeline.pool.cell", []edit{
			func(c *Config) { c.Pipeline.Pool.Cell = 1 },
		}, []edit{
			func(c *Config) { c.Pipeline.Pool.Cell = 0 },
			func(c *Config) { c.Pipeline.Pool.Cell = 4097 },
		}},
		{"pipeline.pool.transform", []edit{
			func(c *Config) { c.Pipeline.Pool.Transform = TransformNone },
		}, []edit{
			func(c *Config) { c.Pipeline.Pool.Transform = "square" },
		}},
		{"pipeline.pool.norm", []edit{
			func(c *Config) { c.Pipeline.Pool.Norm = NormNone },
		}, []edit{
			func(c *Config) { c.Pipeline.Pool.Norm = "l3" },
		}},
		{"pipeline.labels.every", []edit{
			func(c *Config) { c.Pipeline.Labels.Every = time.Millisecond },
		}, []edit{
			func(c *Config) { c.Pipeline.Labels.Every = time.Microsecond },
			func(c *Config) { c.Pipeline.Labels.Every = -time.Second },
			func(c *Config) { c.Pipeline.Labels.Every = 25 * time.Hour },
		}},
		{"pipeline.labels.every_events", []edit{
			func(c *Config) { c.Pipeline.Labels.EveryEvents = 1 },
		}, []edit{
			func(c *Config) { c.Pipeline.Labels.EveryEvents = -1 },
			func(c *Config) { c.Pipeline.Labels.EveryEvents = 1<<30 + 1 },
		}},
		{"pipeline.labels.mode", []edit{
			func(c *Config) { c.Pipeline.Labels = Labels{Mode: LabelsRunning, Every: time.Millisecond} },
			func(c *Config) { c.Pipeline.Labels = Labels{Mode: LabelsRunning, EveryEvents: 1} },
		}, []edit{
			func(c *Config) { c.Pipeline.Labels.Mode = "" },
			func(c *Config) { c.Pipeline.Labels.Mode = "rolling" },
			func(c *Config) { c.Pipeline.Labels.Mode = LabelsRunning },
		}},
		{"pipeline.outputs.status_every", []edit{
			func(c *Config) { c.Pipeline.Outputs.StatusEvery = 0 },
			func(c *Config) { c.Pipeline.Outputs.StatusEvery = 100 * time.Millisecond },
		}, []edit{
			func(c *Config) { c.Pipeline.Outputs.StatusEvery = time.Millisecond },
			func(c *Config) { c.Pipeline.Outputs.StatusEvery = 25 * time.Hour },
		}},
		{"log.level", []edit{
			func(c *Config) { c.Log.Level = "error" },
		}, []edit{
			func(c *Config) { c.Log.Level = "loud" },
		}},
		{"log.format", []edit{
			func(c *Config) { c.Log.Format = FormatJSON },
		}, []edit{
			func(c *Config) { c.Log.Format = "xml" },
		}},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			for i, good := range test.good {
				c := Default()
				good(&c)
				require.NoError(t, c.Validate(), "good value %d", i)
			}
			for i, bad := range test.bad {
				c := Default()
				bad(&c)
				err := c.Validate()
				var e *Error
				require.ErrorAs(t, err, &e, "bad value %d", i)
				paths := make([]string, 0, len(e.Problems))
				for _, p := range e.Problems {
					paths = append(paths, p.Path)
					require.NotEmpty(t, p.Want)
					require.NotEmpty(t, p.Got)
					require.Zero(t, p.Line)
				}
				require.Contains(t, paths, test.path, "bad value %d: %v", i, err)
			}
		})
	}
}

// Whatever is wrong with an address, what is said of it holds no password.
func TestNoSecretIsRepeated(t *testing.T) {
	for _, url := range []string{
		"nats://user:S3CRET@host:4222", "nats://S3CRET@host", "user:S3CRET@host", "nats://a,nats://u:S3CRET@b", "nats://u:S3CRET,S3CRET@b",
		"nats://u:S3CRET @h", "nats://u:S3CRET@h:port", "nats://u:S3CRET\x00@h", "http://u:S3CRET@h", "tls://u:S3/CRET@h", "nats://S3CRET@@h",
	} {
		c := Default()
		c.NATS.URL = url
		err := c.Validate()
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "S3", url)
		require.NotContains(t, err.Error(), "CRET", url)
		var b strings.Builder
		require.NoError(t, Print(&b, c))
		require.NotContains(t, b.String(), "S3", url)
		require.NotContains(t, b.String(), "CRET", url)
	}
}
