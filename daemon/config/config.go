package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Config is the configuration of `saccade serve`. The `yaml` tag of a field is its
// name in the file, the `doc` tag the comment that Print writes above it; the
// ranges stand in validate.go, the defaults in Default.
type Config struct {
	NATS     NATS     `yaml:"nats" doc:"NATS: where events come from and results go to."`
	Ingest   Ingest   `yaml:"ingest" doc:"Ingest: what is accepted from sensors, and how much of it may wait."`
	Durable  Durable  `yaml:"durable" doc:"Durable: streams and checkpoints, where ingest.mode is stream."`
	Cluster  Cluster  `yaml:"cluster" doc:"Cluster: daemons that share the sensors of one NATS cluster, where ingest.mode is stream."`
	Pipeline Pipeline `yaml:"pipeline" doc:"Pipeline: what is computed from the events of a sensor."`

	Pipelines []NamedPipeline `yaml:"pipelines" doc:"Pipelines for some sensors, by their names: a list of name, sensors (names, with * and ? as wildcards) and pipeline, a section like the one above. The first whose sensors match is taken; pipeline is for all others, and is named default."`
	Reload    Reload          `yaml:"reload" doc:"Reload: where else a configuration comes from while the daemon runs. All of it is taken, or nothing; pipeline, pipelines and ingest.sensors.accept can change, everything else needs a restart."`

	HTTP HTTP `yaml:"http" doc:"HTTP: metrics for Prometheus at /metrics; /healthz, which is 200 while the daemon works; /readyz, which is 200 while it takes messages; /debug/pprof/."`
	Log  Log  `yaml:"log" doc:"Log: what the daemon says of itself, on standard error."`
}

// NATS says which server is used and how to be let in.
type NATS struct {
	URL          string   `yaml:"url" doc:"Addresses of a NATS server or cluster, comma separated, such as nats://10.0.0.5:4222 or tls://nats.example.org. Empty: the server embedded in saccade. Passwords do not belong here."`
	Context      string   `yaml:"context" doc:"Name of a context of the nats command line tool (~/.config/nats/context/NAME.json) to take address and credentials from, or the path of such a file."`
	Creds        string   `yaml:"creds" doc:"File with NATS credentials (JWT and seed), as made by nsc."`
	NKey         string   `yaml:"nkey" doc:"File with the seed of an NKEY user."`
	User         string   `yaml:"user" doc:"User name, with password_file."`
	PasswordFile string   `yaml:"password_file" doc:"File whose first line is the password of user."`
	InboxPrefix  string   `yaml:"inbox_prefix" doc:"Prefix of the subjects that answers come to, such as _INBOX.saccade, for users whose permissions name one. Empty: that of the context, _INBOX.USER for a user with a password, or _INBOX."`
	TLS          TLS      `yaml:"tls" doc:"TLS towards the server at url. A tls:// address needs none of these for a certificate that the system trusts."`
	Prefix       string   `yaml:"prefix" doc:"First token or tokens of every subject: PREFIX.SENSOR.events in; .features, .labels, .rejects and .status out."`
	Embedded     Embedded `yaml:"embedded" doc:"The embedded server, used when neither url nor context is given."`
}

// TLS names the files of a client's side of TLS.
type TLS struct {
	CA   string `yaml:"ca" doc:"File with the certificates of the authorities to trust (PEM)."`
	Cert string `yaml:"cert" doc:"File with the client's certificate (PEM), with key."`
	Key  string `yaml:"key" doc:"File with the client's private key (PEM), with cert."`
}

// Embedded is the NATS server inside the daemon.
type Embedded struct {
	Host       string    `yaml:"host" doc:"Address to listen on. Anything beyond this machine needs users."`
	Port       int       `yaml:"port" doc:"Port to listen on. -1: any free one; 0: none, the daemon alone uses the server."`
	DataDir    string    `yaml:"data_dir" doc:"Folder of the server's data (JetStream). Empty: saccade's folder for state, $STATE_DIRECTORY, $XDG_STATE_HOME/saccade or ~/.local/state/saccade."`
	JetStream  bool      `yaml:"jetstream" doc:"JetStream: streams, key-value and object store, kept in data_dir."`
	MaxPayload Size      `yaml:"max_payload" doc:"Largest message that the server takes."`
	Users      []Client  `yaml:"users" doc:"Who may connect, a list of user and password_file, and what for. role: full, which is everything, and so is none; sensor, which publishes events of sensors, a list of names; viewer, which reads results, of sensors alone where there are any; operator, which reads and controls. A user with a role has answers sent to _INBOX.USER. Empty: whoever reaches the port."`
	TLS        ServerTLS `yaml:"tls" doc:"TLS: with cert and key the server speaks nothing else beyond the daemon itself."`
	Plaintext  bool      `yaml:"plaintext" doc:"Listen beyond this machine without TLS: passwords and data can be read by whoever is on the way."`
}

// Client may connect to the embedded server.
type Client struct {
	User         string   `yaml:"user" doc:"User name; letters, digits, dashes and underscores with a role."`
	PasswordFile string   `yaml:"password_file" doc:"File whose first line is the password, in plain text or as a bcrypt hash."`
	Role         string   `yaml:"role" doc:"full, sensor, viewer or operator."`
	Sensors      []string `yaml:"sensors" doc:"Names of sensors; * for every one."`
}

// ServerTLS names the files of a server's side of TLS.
type ServerTLS struct {
	Cert     string `yaml:"cert" doc:"File with the server's certificate (PEM), with key. Both are read again when they have changed."`
	Key      string `yaml:"key" doc:"File with the private key of cert (PEM)."`
	ClientCA string `yaml:"client_ca" doc:"File with authorities (PEM): only clients with a certificate of one of them are let in, beside what users say."`
}

// User may read metrics.
type User struct {
	User         string `yaml:"user" doc:"User name."`
	PasswordFile string `yaml:"password_file" doc:"File whose first line is the password, in plain text or as a bcrypt hash."`
}

// Ingest bounds what comes in.
type Ingest struct {
	Mode            string  `yaml:"mode" doc:"core: messages are taken as they come, with the least latency, and what nobody takes is lost unless its sender keeps it; stream: they are kept in a JetStream stream, results in another, and every result is there once whatever ends a daemon."`
	MaxMessageBytes Size    `yaml:"max_message_bytes" doc:"Largest events message that is read; a larger one is rejected."`
	PendingMessages int     `yaml:"pending_messages" doc:"How many messages of a sensor may wait for its pipeline."`
	PendingBytes    Size    `yaml:"pending_bytes" doc:"How many bytes of a sensor may wait for its pipeline."`
	TotalPending    Size    `yaml:"total_pending_bytes" doc:"How many bytes of all sensors together may wait. None has more of it than is left to the others."`
	Sensors         Sensors `yaml:"sensors" doc:"Sensors appear by publishing."`
}

// Sensors says which sensors are served.
type Sensors struct {
	Max    int      `yaml:"max" doc:"How many sensors are served; the messages of any further one are rejected."`
	Accept []string `yaml:"accept" doc:"Names of sensors that are served. * stands for any run of characters, ? for one."`

	Idle time.Duration `yaml:"idle" doc:"From when a sensor that sends nothing is put away: its state is stored, and its memory free until it sends again. 0s: never, and never without JetStream for its state."`

	MaxRate     Size `yaml:"max_rate" doc:"Bytes of messages a second that are taken of a sensor, a message counting as 1KiB at least; twice as much at once. What is beyond is answered busy and not processed. 0: no bound."`
	MaxRejects  int  `yaml:"max_rejects" doc:"Rejects of a sensor that are published a second; what is beyond is counted in the next one. 0: all are published."`
	MaxPixels   int  `yaml:"max_pixels" doc:"Pixels of the largest sensor, width times height."`
	TotalPixels int  `yaml:"total_pixels" doc:"Pixels of all sensors together: each takes some 20 bytes of memory, or more with many features or layers."`
}

// Pipeline is what is computed from the events of each sensor.
type Pipeline struct {
	Device        string   `yaml:"device" doc:"What computes: a name that 'saccade devices' lists, or auto for the fastest here. The results are the same, bit for bit."`
	DeviceFailure string   `yaml:"device_failure" doc:"What to do when a device fails that is no processor: does not answer, was reset, has lost words or results. fallback: go on from its last good state on a processor, without losing or repeating an event; stop: finish the message at which it failed in that way, and end the daemon with an error."`
	Workers       int      `yaml:"workers" doc:"How many cores the events of one sensor may be spread over; 0: all there are. Frozen features are found on all of them, split polarities learned on two. The results are the same, bit for bit. Several sensors are spread over the cores in any case."`
	Geometry      Geometry `yaml:"geometry" doc:"Size of the sensors in pixels. 0 and 0: as the messages' headers say."`
	Model         string   `yaml:"model" doc:"File of a trained model to start from; feast and layers are then the model's own, but for learning and inference. Empty: start from random features and learn them."`
	Filters       Filters  `yaml:"filters" doc:"Filters: events that are dropped before the first layer sees them, and counted. The refractory period comes first, so that a hot pixel does not support its neighbours at its own rate."`
	FEAST         FEAST    `yaml:"feast" doc:"FEAST: features learned from time surfaces (Afshar et al. 2020)."`
	Layers        []Layer  `yaml:"layers" doc:"Layers behind the first, each over the features of the one before. A layer has pool (pixels along x and y of the layer before that are one of its own), neurons, radius, tau, eta, delta_i, delta_e, initial_threshold, border, last_events and min_recent; what it does not say, or says as 0, is as in feast, but for min_recent."`
	Pool          Pool     `yaml:"pool" doc:"Pooling: feature events counted into the vector that is classified."`
	Labels        Labels   `yaml:"labels" doc:"Labels: when a decision is published."`
	Outputs       Outputs  `yaml:"outputs" doc:"Outputs: what is published."`
}

// Geometry is the size of a sensor; 0 and 0 for as the messages say.
type Geometry struct {
	Width  int `yaml:"width" doc:"Width in pixels."`
	Height int `yaml:"height" doc:"Height in pixels."`
}

// Filters drop events before anything is computed from them; zeros for none.
type Filters struct {
	Refractory time.Duration `yaml:"refractory" doc:"Drop an event whose pixel had one that was kept less than this before, such as 1ms. 0s: no refractory period."`
	Background time.Duration `yaml:"background" doc:"Drop an event as background activity, that is noise, unless one of the eight pixels around it had an event within this before, such as 5ms (Delbruck 2008). 0s: no such filter."`
}

// FEAST holds the parameters of the feature layer, under the paper's names.
type FEAST struct {
	Mode             string        `yaml:"mode" doc:"split: neurons for each polarity; merged: one bank that does not see polarity; on: one bank for ON events, OFF events are ignored."`
	Neurons          int           `yaml:"neurons" doc:"Number of neurons, that is features, of a layer."`
	Radius           int           `yaml:"radius" doc:"Radius of the patch around an event in pixels: a patch is 2*radius+1 pixels wide and high."`
	Decay            string        `yaml:"decay" doc:"Decay of the time surface: exponential; linear, ending at tau; index, by the number of events in the stead of time."`
	Tau              time.Duration `yaml:"tau" doc:"Time constant of the time surface."`
	LastEvents       int           `yaml:"last_events" doc:"Events after which nothing is left on an index surface; 0 for the other decays."`
	MinRecent        int           `yaml:"min_recent" doc:"Pixels of a patch, the event's own among them, that must have fired recently: an event with fewer is noise and left out. 0: none is."`
	Recent           time.Duration `yaml:"recent" doc:"How long ago is recent. 0s: tau."`
	Eta              float64       `yaml:"eta" doc:"Mixing rate: how far the winner's weights move towards the patch."`
	DeltaI           float64       `yaml:"delta_i" doc:"By how much the winner's selection threshold rises."`
	DeltaE           float64       `yaml:"delta_e" doc:"By how much all selection thresholds fall at a missed event."`
	InitialThreshold float64       `yaml:"initial_threshold" doc:"Selection threshold of every neuron at the start, a cosine."`
	Border           string        `yaml:"border" doc:"Events whose patch reaches over the border. skip: they are counted and left out; zero: pixels outside have never fired."`
	Learning         Switch        `yaml:"learning" doc:"Learn online. true: always; false: weights and thresholds stay as they are; auto: unless the model has a readout or a network over features, whose labels rest on features that learning moves."`
	Inference        string        `yaml:"inference" doc:"What wins without learning. nearest: the nearest feature; thresholds: only one whose threshold is reached, so that what is new is a missed event; auto: as the model has it, and nearest without one."`
	AnnealEvents     int           `yaml:"anneal_events" doc:"Events of a bank after which its learning rates are multiplied by anneal_factor, each time. 0: never."`
	AnnealFactor     float64       `yaml:"anneal_factor" doc:"What the rates are multiplied by, 0 to 0.99."`
	AnnealFloor      float64       `yaml:"anneal_floor" doc:"Share of the rates that always stays."`
	Seed             uint64        `yaml:"seed" doc:"Seed of the random initial weights."`
}

// Layer is a FEAST layer behind another one. Its zero values stand for those of FEAST.
type Layer struct {
	Pool             int           `yaml:"pool" doc:"Pixels along x and y of the layer before that are one pixel of this one; 0 is 1."`
	Neurons          int           `yaml:"neurons" doc:"Number of neurons."`
	Radius           int           `yaml:"radius" doc:"Radius of the patch in pixels of this layer; it spans all features of the layer before."`
	Tau              time.Duration `yaml:"tau" doc:"Time constant of the surface of feature events."`
	Eta              float64       `yaml:"eta" doc:"Mixing rate."`
	DeltaI           float64       `yaml:"delta_i" doc:"By how much the winner's selection threshold rises."`
	DeltaE           float64       `yaml:"delta_e" doc:"By how much all selection thresholds fall at a missed event."`
	InitialThreshold float64       `yaml:"initial_threshold" doc:"Selection threshold at the start."`
	Border           string        `yaml:"border" doc:"skip or zero."`
	LastEvents       int           `yaml:"last_events" doc:"Events of the layer before, after which nothing is left on an index surface."`
	MinRecent        int           `yaml:"min_recent" doc:"Feature events that a patch must have, or the event is noise; 0: none is."`
}

// Pool says how feature events become a vector.
type Pool struct {
	Cell      int    `yaml:"cell" doc:"Width and height of a pooling cell in pixels."`
	Spread    string `yaml:"spread" doc:"How a feature event is counted. hard: once, for its cell; bilinear: shared among the four nearest cells."`
	Transform string `yaml:"transform" doc:"Transform of the counts: sqrt or none."`
	Norm      string `yaml:"norm" doc:"Norm to which the vector is scaled: l2 or none."`
}

// Labels says when a recording is classified, besides at its end.
type Labels struct {
	Every       time.Duration `yaml:"every" doc:"A label for each such interval of a recording's own time. 0s: one, at the end of a recording. A model with a network has one a frame by itself; this asks for fewer."`
	EveryEvents int           `yaml:"every_events" doc:"A label for so many events, or for every, whichever is over first. 1: after every event. 0: events are not counted for it."`
	Mode        string        `yaml:"mode" doc:"What a label of an interval rests on. interval: the events of the interval alone, as counts start anew; running: all since the recording began, so that it gets ever more certain."`
}

// Outputs says what is published.
type Outputs struct {
	Features    bool          `yaml:"features" doc:"Publish a message of feature events for every message of events."`
	Missed      bool          `yaml:"missed" doc:"Put missed events among the feature events, marked by flags of 1: with inference by thresholds, what is new to the layer."`
	Labels      bool          `yaml:"labels" doc:"Publish labels."`
	StatusEvery time.Duration `yaml:"status_every" doc:"How often a sensor's status is published. 0s: never."`
}

// HTTP says where metrics are served, how many, and to whom.
type HTTP struct {
	Listen string `yaml:"listen" doc:"Where to listen, host:port, such as 127.0.0.1:9464; the host is localhost or an IP address. Anything beyond this machine needs users. Empty: nowhere."`
	Users  []User `yaml:"users" doc:"Who may read /metrics and /debug/pprof/, by basic authentication: a list of user and password_file. Empty: whoever reaches the port."`
	Cert   string `yaml:"cert" doc:"File with the server's certificate (PEM), with key: HTTPS alone is then spoken. Both are read again when they have changed. Empty: HTTP."`
	Key    string `yaml:"key" doc:"File with the private key of cert (PEM)."`

	Pprof        bool `yaml:"pprof" doc:"Serve profiles of the daemon under /debug/pprof/, to those who may read /metrics."`
	SensorLabels int  `yaml:"sensor_labels" doc:"How many sensors have metrics under their own names, some 80 each; all others are summed under the sensor (others)."`
}

// Log configures the daemon's log.
type Log struct {
	Level  string `yaml:"level" doc:"debug, info, warn or error."`
	Format string `yaml:"format" doc:"text or json."`
}

// Values of the fields that choose among a few.
const (
	DeviceAuto = "auto"

	DeviceFallback = "fallback"
	DeviceStop     = "stop"

	ModeSplit  = "split"
	ModeMerged = "merged"
	ModeOn     = "on"

	DecayExponential = "exponential"
	DecayLinear      = "linear"
	DecayIndex       = "index"

	InferAuto       = "auto"
	InferNearest    = "nearest"
	InferThresholds = "thresholds"

	LabelsInterval = "interval"
	LabelsRunning  = "running"

	BorderSkip     = "skip"
	BorderZero     = "zero"
	SpreadHard     = "hard"
	SpreadBilinear = "bilinear"
	TransformSqrt  = "sqrt"
	TransformNone  = "none"
	NormL2         = "l2"
	NormNone       = "none"
	FormatText     = "text"
	FormatJSON     = "json"
)

// Default is the configuration of an empty file. The parameters of FEAST and of the
// pooling are those of the N-MNIST experiments that the README reports.
func Default() Config {
	return Config{
		NATS: NATS{
			Prefix: "saccade",
			Embedded: Embedded{
				Host:       "127.0.0.1",
				Port:       4222,
				JetStream:  true,
				MaxPayload: MiB,
			},
		},
		Ingest: Ingest{
			Mode:            IngestCore,
			MaxMessageBytes: MiB,
			PendingMessages: 1024,
			PendingBytes:    32 * MiB,
			TotalPending:    512 * MiB,
			Sensors: Sensors{
				Max: 1024, Accept: []string{"*"}, Idle: 5 * time.Minute,
				MaxRejects: 100, MaxPixels: 4 << 20, TotalPixels: 64 << 20,
			},
		},
		Pipeline: Pipeline{
			Device:        DeviceAuto,
			DeviceFailure: DeviceFallback,
			Workers:       1,
			FEAST: FEAST{
				Mode:             ModeSplit,
				Neurons:          16,
				Radius:           5,
				Decay:            DecayExponential,
				Tau:              20 * time.Millisecond,
				Eta:              0.001,
				DeltaI:           0.001,
				DeltaE:           0.003,
				InitialThreshold: 0.5,
				Border:           BorderSkip,
				Learning:         Auto,
				Inference:        InferAuto,
				AnnealFactor:     0.5,
				Seed:             1,
			},
			Pool:    Pool{Cell: 5, Spread: SpreadBilinear, Transform: TransformSqrt, Norm: NormL2},
			Labels:  Labels{Mode: LabelsInterval},
			Outputs: Outputs{Features: true, Labels: true, StatusEvery: time.Second},
		},
		Durable: defaultDurable(),
		Cluster: Cluster{Lease: 5 * time.Second},
		HTTP:    HTTP{Pprof: true, SensorLabels: 256},
		Log:     Log{Level: "info", Format: FormatText},
	}
}

// UsesEmbedded tells whether the daemon runs its own NATS server.
func (n NATS) UsesEmbedded() bool { return n.URL == "" && n.Context == "" }

// Folder is DataDir, or saccade's folder for state where that is empty: the
// first of systemd's $STATE_DIRECTORY, $XDG_STATE_HOME/saccade and
// ~/.local/state/saccade that can be told.
func (e Embedded) Folder() (string, error) {
	if e.DataDir != "" {
		return e.DataDir, nil
	}
	// systemd separates several folders by colons; the first is the unit's own.
	if dir, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":"); filepath.IsAbs(dir) {
		return dir, nil
	}
	// The XDG specification has relative paths ignored.
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "saccade"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("no folder for the embedded server's data: set nats.embedded.data_dir, $XDG_STATE_HOME or $HOME")
	}
	return filepath.Join(home, ".local", "state", "saccade"), nil
}

// Accepts tells whether a sensor of this name is served.
func (s Sensors) Accepts(name string) bool {
	for _, p := range s.Accept {
		if matches(p, name) {
			return true
		}
	}
	return false
}

// matches tells whether name matches a pattern of * and ?. It goes back to the
// last * only, so its time is at most the product of the lengths.
func matches(pattern, name string) bool {
	p, n := 0, 0
	star, resume := -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			resume++
			p, n = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
