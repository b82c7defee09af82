package hil

import (
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
)

// Config is a run: which device, what it is told, what it is sent and how fast, what goes wrong on purpose, and
// what must be true in the end. It is what a run file holds; [Example] has the meaning of every field.
type Config struct {
	Name    string        `yaml:"name" json:"name"`
	Device  Device        `yaml:"device" json:"device"`
	Model   Model         `yaml:"model" json:"model"`
	Stream  Stream        `yaml:"stream" json:"stream"`
	Pacing  Pacing        `yaml:"pacing" json:"pacing"`
	Compare Compare       `yaml:"compare" json:"compare"`
	Faults  []FaultConfig `yaml:"faults" json:"faults"`
	Pass    Pass          `yaml:"pass" json:"pass"`
}

// Simulated is the address of the model of the device in this process; others begin with Remote.
const (
	Simulated = "fpga-sim"
	Remote    = "fpga@"
)

// Device says where the device is, and what is built where it is a model in this process.
type Device struct {
	Address string `yaml:"address" json:"address"`
	// Timeout is how long a device elsewhere may be silent while it owes an answer.
	Timeout time.Duration `yaml:"timeout" json:"timeout_ns"`
	// ClockMHz is the clock that cycles are counted against: pacing of a model, and rates in events/s.
	ClockMHz float64 `yaml:"clock_mhz" json:"clock_mhz"`
	// Overflow is Wait or Drop: what becomes of words that the device's FIFOs have no room for.
	Overflow string `yaml:"overflow" json:"overflow"`
	Build    Build  `yaml:"build" json:"build"`
}

// What Device.Overflow can be.
const (
	Wait = "wait"
	Drop = "drop"
)

// Build is what of a model in this process is fixed when a device is synthesised; 0 is as much as the layer
// needs, and no less than the default build has.
type Build struct {
	Rows    int `yaml:"rows" json:"rows"`
	Lanes   int `yaml:"lanes" json:"lanes"`
	Neurons int `yaml:"neurons" json:"neurons"`
	Cells   int `yaml:"cells" json:"cells"`
	In      int `yaml:"in" json:"in"`
	Out     int `yaml:"out" json:"out"`
}

// size is what a layer asks of a device.
type size struct{ side, neurons, banks, width, height int }

func sizeOf(c feast.Config) size {
	return size{c.Side(), c.Neurons, c.Banks(), c.Width, c.Height}
}

// fitting is a build that has room for a layer.
func (b Build) fitting(s size) simfpga.Build {
	out := simfpga.DefaultBuild()
	out.Rows = max(out.Rows, s.side)
	if b.Rows > 0 {
		out.Rows = b.Rows
	}
	out.Lanes = 16 * out.Rows
	out.Neurons = max(out.Neurons, s.neurons)
	out.Cells = max(out.Cells, out.CellsFor(events.Geometry{Width: s.width, Height: s.height}, s.banks))
	for _, of := range []struct {
		is   int
		into *int
	}{{b.Lanes, &out.Lanes}, {b.Neurons, &out.Neurons}, {b.Cells, &out.Cells}, {b.In, &out.In}, {b.Out, &out.Out}} {
		if of.is != 0 {
			*of.into = of.is
		}
	}
	return out
}

// Model is the layer that the device computes.
type Model struct {
	// File is a trained model, of which the first layer is taken; empty for Layer with random weights.
	File     string       `yaml:"file" json:"file"`
	Layer    feast.Config `yaml:"layer" json:"layer"`
	Learning bool         `yaml:"learning" json:"learning"`
}

// Stream is what the device is sent.
type Stream struct {
	// Recordings are files, folders of recordings, and lists of both, a line each, which are written as @FILE.
	Recordings []string `yaml:"recordings" json:"recordings"`
	// Shuffle is the seed of their order; 0 leaves them as they are given, folders sorted by name.
	Shuffle   uint64      `yaml:"shuffle" json:"shuffle"`
	Simulated []Simulator `yaml:"simulated" json:"simulated"`
	// Events is the most events that are sent in all; 0 sends all there are.
	Events int64 `yaml:"events" json:"events"`
	// Reset clears the device's surface before each recording.
	Reset bool `yaml:"reset" json:"reset"`
}

// Simulator is a stream that is made.
type Simulator struct {
	Kind       string `yaml:"kind" json:"kind"`
	Seed       uint64 `yaml:"seed" json:"seed"`
	Recordings int    `yaml:"recordings" json:"recordings"`
	// Events of each recording of kind Random; the others have as many as they have.
	Events int64 `yaml:"events" json:"events"`
}

// What Simulator.Kind can be.
const (
	Moving   = "moving"   // package sim/moving
	Saccades = "saccades" // package sim/saccades
	Random   = "random"   // whatever a stream may do to place and time
)

// Pacing is how fast events are sent.
type Pacing struct {
	Kind   string        `yaml:"kind" json:"kind"`
	Factor float64       `yaml:"factor" json:"factor"`
	Burst  int           `yaml:"burst" json:"burst"`
	Gap    time.Duration `yaml:"gap" json:"gap_ns"`
}

// What Pacing.Kind can be.
const (
	Fast   = "fast"      // as fast as the device takes them
	Real   = "real time" // by their times, Factor times as fast
	Bursts = "bursts"    // Burst events at once, and Gap between the beginnings of two bursts
)

// Compare is how the device's answers are judged.
type Compare struct {
	// Reference is the target that computes what is expected.
	Reference string `yaml:"reference" json:"reference"`
	// Arithmetic is Bits, or Tolerance for devices that compute otherwise.
	Arithmetic string `yaml:"arithmetic" json:"arithmetic"`
	// Details has the device tell dot product and norm of each event, so that they are compared too.
	Details bool `yaml:"details" json:"details"`
	// Dots is by how much, and Norms, a device's numbers may be off, and Weights and Thresholds in the end.
	Dots       int64 `yaml:"dots" json:"dots"`
	Norms      int64 `yaml:"norms" json:"norms"`
	Weights    int64 `yaml:"weights" json:"weights"`
	Thresholds int64 `yaml:"thresholds" json:"thresholds"`
	// Winners is the share of events whose winner may be another one.
	Winners float64 `yaml:"winners" json:"winners"`
	// After is Count, Stop or Resync: what follows a mismatch.
	After string `yaml:"after" json:"after"`
	// Memories is End, Batches or Never: when weights, thresholds and surface are compared.
	Memories string `yaml:"memories" json:"memories"`
	// Batch is how many events are sent between two looks at the counters.
	Batch int `yaml:"batch" json:"batch"`
}

// What Compare.Arithmetic, After and Memories can be.
const (
	Bits      = "bits"
	Tolerance = "tolerance"

	Count  = "count"  // go on, and count further ones
	Stop   = "stop"   // end the run behind the batch
	Resync = "resync" // give the device the reference's memories and go on

	End     = "end"
	Batches = "batches"
	Never   = "never"
)

// FaultConfig is something that goes wrong on purpose. Which of the fields a kind takes, [RegisterFault] says.
type FaultConfig struct {
	Kind string `yaml:"kind" json:"kind"`
	// Direction is In, towards the device, or Out.
	Direction string `yaml:"direction" json:"direction,omitempty"`
	// Rate is how probable it is for each word, or for each event where it is not of the link; with 0, it strikes
	// once, and At is the number of the event, from 0.
	At   int64   `yaml:"at" json:"at"`
	Rate float64 `yaml:"rate" json:"rate"`
	Seed uint64  `yaml:"seed" json:"seed"`
	// Parameters are what else the kind takes.
	Parameters map[string]int64 `yaml:"parameters" json:"parameters,omitempty"`
}

// What FaultConfig.Direction can be.
const (
	In  = "in"
	Out = "out"
)

// Pass is what must be true of a run. Numbers that are 0 where that demands nothing are not looked at.
type Pass struct {
	Mismatches     int64   `yaml:"mismatches" json:"mismatches"`             // at the most; -1: any number
	Drops          int64   `yaml:"drops" json:"drops"`                       // at the most; -1: any number
	EventsPerCycle float64 `yaml:"events_per_cycle" json:"events_per_cycle"` // at least
	P99Cycles      int64   `yaml:"p99_cycles" json:"p99_cycles"`             // at the most
	Memories       bool    `yaml:"memories" json:"memories"`                 // what was learned is the same in the end
	FaultsDetected bool    `yaml:"faults_detected" json:"faults_detected"`
	Events         int64   `yaml:"events" json:"events"` // at least so many were compared
}

// Default is the run of an empty file: it has no stream yet.
func Default() Config {
	return Config{
		Name:    "hil",
		Device:  Device{Address: Simulated, Timeout: 5 * time.Second, ClockMHz: 200, Overflow: Wait},
		Model:   Model{Layer: feast.Default(), Learning: true},
		Stream:  Stream{Reset: true},
		Pacing:  Pacing{Kind: Fast, Factor: 1, Burst: 1000, Gap: 5 * time.Millisecond},
		Compare: Compare{Reference: hw.Auto, Arithmetic: Bits, Details: true, After: Count, Memories: End, Batch: 4096},
		Pass:    Pass{Memories: true, Events: 1},
	}
}
