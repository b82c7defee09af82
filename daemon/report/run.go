package report

import (
	"math"
	"time"

	"github.com/saccade-dev/saccade/events"
)

// Run is what one run did. The zero value is a run that did nothing, and can be
// written.
type Run struct {
	Title   string    // heading of the page; "saccade" when empty
	Started time.Time // zero to leave it off
	Device  string    // what the features were computed on, as --device names it

	Numbers    Numbers
	Headlines  []Headline // beside those of Numbers, at the top
	Layer      Layer
	Rasters    []Raster
	Activation Activation
	Behind     []Level // layers behind Layer, in their order
	Confusion  Confusion
	Recordings []Recording
	Latency    Latency
	Untimed    bool // nothing was timed: the page has no section on latency

	Tables   []Table  // further tables of numbers, in the order to show
	Versions []Row    // name and version of what took part, in the order to show
	Notes    []string // paragraphs below everything else
}

// Level is a layer behind another one, with what its features did.
type Level struct {
	Layer      Layer
	Rasters    []Raster
	Activation Activation
}

// levels are all layers, the first of them first.
func (r Run) levels() []Level {
	return append([]Level{{r.Layer, r.Rasters, r.Activation}}, r.Behind...)
}

// Numbers are the run's results. Those that are not set are shown as not
// measured, or left off where the row would say nothing.
type Numbers struct {
	Learned Accuracy // of the readout over the learned features
	Raw     Accuracy // of the same readout over raw event counts
	// Accuracy is of the run's recordings, where nothing says whether a training saw
	// them; Recordings is how many they are.
	Accuracy   Value
	Recordings int

	TrainRecordings int
	TestRecordings  int
	Events          int64 // events that went through the whole path
	Duration        time.Duration
	EventsPerSecond Value
	MissedRate      Value // missed events as a share of the events that reached the layer, 0 to 1

	More []Row // further rows of the table, in the order to show
}

// Accuracy is a share of recordings recognised, 0 to 1, measured in two ways.
type Accuracy struct {
	Test            Value // on recordings that no training saw
	CrossValidation Value // on the training recordings, each predicted by a readout that did not see it
}

// Value is a number that was measured, or was not: its zero value.
type Value struct {
	number float64
	known  bool
}

// Measured makes a Value of a number. NaN and infinities are kept and shown.
func Measured(v float64) Value { return Value{v, true} }

// Row is a line of a table.
type Row struct{ Name, Value string }

// Headline is a number at the top of the page.
type Headline struct{ Name, Value, Note string }

// Table is a table of numbers with a heading.
type Table struct {
	Name string
	Rows []Row
}

// Scale says how weights become colours.
type Scale int

// The scales of feature tiles. Both begin at zero, or at the smallest weight
// where weights are negative.
const (
	PerTile Scale = iota // each tile up to its own largest weight, which shows its shape
	Shared               // all tiles of all banks up to the largest weight of any
)

// Layer is a FEAST layer after learning.
type Layer struct {
	Radius int     // R; a patch has 2R+1 rows and as many columns
	Planes int     // of a patch; 0 is 1, more are those of a layer behind another
	DeltaI float64 // what the winner's threshold rises by at a hit
	DeltaE float64 // what every threshold of the bank falls by at a miss
	Scale  Scale
	Field  Field // what Places of banks and classes count in
	Banks  []Bank
	Course Course
	// Frozen is of a layer that learned nothing in the run: its thresholds rest. Missed
	// events of its histories are those that no threshold would have let in.
	Frozen bool
	// Surfaces are what Sums of banks have a picture of each, for instance "OFF" and
	// "ON", and SumSide the side of such a picture in pixels. Both are of a layer behind
	// another.
	Surfaces []string
	SumSide  int
}

// Bank is the neurons that compete for the same events.
type Bank struct {
	Name       string      // "OFF", "ON", or "merged" where both polarities share one
	Weights    [][]float64 // [neuron][planes*(2R+1)*(2R+1)], plane by plane, each row by row from the top
	Thresholds []float64   // [neuron] after learning; nil to leave them off
	Wins       []int64     // [neuron] events won; nil to leave them off
	Places     [][]int64   // [neuron][Field.Cells()] events won by where they were; nil to leave them off
	History    []Sample    // as learning went, in order of events
	// Sums are [neuron][surface, SumSide rows, SumSide columns]: what a feature of
	// features looks like on the sensor, where the features of the layer before it is
	// made of are laid over one another, each at its place and by its weight. nil to
	// leave them off.
	Sums [][]float64
}

// Sample is the state of a bank at one moment of learning.
type Sample struct {
	Events     int64     // events that had reached the bank: hits and misses, not those skipped at the border
	Missed     int64     // of these, events that no neuron took
	Thresholds []float64 // [neuron]; may be nil
}

// Balance gives FEAST's misses/hits at rest, ΔI/(N·ΔE), for a bank of that many
// neurons, and false where the layer's steps do not define it.
func (l Layer) Balance(neurons int) (float64, bool) {
	b := l.DeltaI / (float64(neurons) * l.DeltaE)
	ok := neurons > 0 && l.DeltaI > 0 && l.DeltaE > 0 && !math.IsInf(b, 0) && !math.IsNaN(b)
	return b, ok
}

// Confusion counts recordings by what they are and what they were taken for.
type Confusion struct {
	Why    string // there is none, for its section to say; may be empty
	Labels []string
	Counts [][]int // [truth][prediction], both in the order of Labels
}

// Recording is what one recording held and what it was taken for.
type Recording struct {
	Name      string          // file name or another name; may be empty
	Label     string          // what it is; may be empty
	Predicted string          // what it was taken for; may be empty
	Geometry  events.Geometry // zero to take the smallest that holds the events
	Events    []events.Event
	Frames    int // pictures to make of it, of equal time; 0 for DefaultFrames, at most MaxFrames
}

// Frames of a recording. Twelve divide the three saccades of N-MNIST evenly.
const (
	DefaultFrames = 12
	MaxFrames     = 64
)

// Latency is how long results took.
type Latency struct {
	What    string // what was timed, for instance "from publish to result"
	Samples []time.Duration
	P50     time.Duration // zero to take it from Samples by nearest rank
	P99     time.Duration // likewise
}
