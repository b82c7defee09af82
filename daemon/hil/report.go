package hil

import (
	"cmp"
	"slices"

	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	simfpga "github.com/saccade-dev/saccade/sim/fpga"
)

// Report is what a run has found.
type Report struct {
	Name     string    `json:"name"`
	Passed   bool      `json:"passed"`
	Verdicts []Verdict `json:"verdicts"`
	// Ended says why the run ended before its stream did, where it was neither the number of events nor an
	// interruption: a device that is gone, or a mismatch where the run was told to stop.
	Ended string `json:"ended,omitempty"`

	Config    Config              `json:"config"`
	Layer     feast.Config        `json:"layer"`
	Device    hwfpga.Capabilities `json:"device"`
	Reference string              `json:"reference"` // the target that computed what was expected

	Recordings int   `json:"recordings"`
	Events     int64 `json:"events"` // that were sent and compared
	Words      int64 `json:"words"`
	Batches    int64 `json:"batches"`

	Counts Counts         `json:"counts"`
	First  *Mismatch      `json:"first_mismatch,omitempty"`
	Memory *MemoryCompare `json:"memory,omitempty"` // at the end
	// Complaints are what the device's error register has said, each once and no more than a few.
	Complaints []string      `json:"complaints,omitempty"`
	Resyncs    int64         `json:"resyncs"` // times that the device was given the reference's memories again
	Faults     []FaultReport `json:"faults,omitempty"`

	Cycles   Cycles            `json:"cycles"`
	Latency  *Distribution     `json:"latency_cycles,omitempty"` // a model in this process only
	Host     *Distribution     `json:"latency_host_ns,omitempty"`
	Seconds  float64           `json:"seconds"`
	LateMost float64           `json:"late_s"` // the most that paced events were sent behind their time
	Model    *simfpga.Report   `json:"model,omitempty"`
	Counters map[string]uint64 `json:"counters"` // the device's own

	Map *Map `json:"map"`
}

// Verdict is whether a criterion holds.
type Verdict struct {
	Name   string `json:"name"`
	Wanted string `json:"wanted"`
	Found  string `json:"found"`
	Passed bool   `json:"passed"`
}

// Counts are what became of events, as it was compared.
type Counts struct {
	Competed   int64 `json:"competed"`   // events that had a patch, by the reference
	Mismatches int64 `json:"mismatches"` // events of which anything at all was not as it should be
	Winners    int64 `json:"winners"`    // another winner, or answer
	Ties       int64 `json:"near_ties"`  // of those, within the tolerance
	Dots       int64 `json:"dots"`
	Norms      int64 `json:"norms"`
	Lost       int64 `json:"lost"`    // no answer at all
	Missing    int64 `json:"missing"` // events that never reached the device, by its counter
	Stray      int64 `json:"stray"`   // words that belong to no event
	DroppedIn  int64 `json:"dropped_in"`
	DroppedOut int64 `json:"dropped_out"` // both as the device's counters say
	DotMost    int64 `json:"dot_most"`    // the most that a dot product of the same winner was off
}

// Drops are answers that never came, or events that never arrived, or what the device itself counted: whatever is
// the most.
func (c *Counts) Drops() int64 { return max(c.Lost, c.Missing, c.DroppedIn+c.DroppedOut) }

// Cycles are what the device took, by its own counter.
type Cycles struct {
	Total    uint64  `json:"total"`
	PerEvent float64 `json:"per_event"`
	ClockMHz float64 `json:"clock_mhz"`
	Rate     float64 `json:"events_per_s"` // at that clock
}

// FaultReport is what became of a fault.
type FaultReport struct {
	Fault  FaultConfig `json:"fault"`
	Struck int64       `json:"struck"`
	// Batches are those that it struck in, or ahead of; Noticed those of them in which anything was found wrong.
	Batches int64 `json:"batches"`
	Noticed int64 `json:"noticed"`
	// First is the first event of the first such batch, and Found the first event at which anything was found
	// wrong from then on, or -1.
	First int64  `json:"first"`
	Found int64  `json:"found"`
	How   string `json:"how,omitempty"`
}

// Detected tells whether something was found wrong after the fault had struck.
func (f *FaultReport) Detected() bool { return f.Struck == 0 || f.How != "" }

// Map says where on the sensor, and when, mismatches were.
type Map struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	// Pixels are those at which mismatches were, row by row.
	Pixels []Pixel `json:"pixels"`
	Beyond int64   `json:"beyond"` // of events that are not on the sensor
	// Bins are mismatches in equal parts of the stream, each of BinEvents events.
	BinEvents int64   `json:"bin_events"`
	Bins      []int64 `json:"bins"`

	counts map[[2]int]int64 // by y and x
}

// Pixel is a pixel at which mismatches were.
type Pixel struct {
	X     int   `json:"x"`
	Y     int   `json:"y"`
	Count int64 `json:"mismatches"`
}

const mapBins = 128

func newMap(width, height int) *Map {
	return &Map{Width: width, Height: height, counts: map[[2]int]int64{}, BinEvents: 64}
}

// seen makes room for an event.
func (m *Map) seen(number int64) {
	for number/m.BinEvents >= mapBins { // two bins become one
		for i := range len(m.Bins) / 2 {
			m.Bins[i] = m.Bins[2*i] + m.Bins[2*i+1]
		}
		m.Bins = m.Bins[:len(m.Bins)/2]
		m.BinEvents *= 2
	}
	for int64(len(m.Bins)) <= number/m.BinEvents {
		m.Bins = append(m.Bins, 0)
	}
}

func (m *Map) add(number int64, x, y uint16) {
	m.Bins[number/m.BinEvents]++
	if int(x) >= m.Width || int(y) >= m.Height {
		m.Beyond++
		return
	}
	m.counts[[2]int{int(y), int(x)}]++
}

// list makes the list of the pixels.
func (m *Map) list() {
	m.Pixels = make([]Pixel, 0, len(m.counts))
	for at, n := range m.counts {
		m.Pixels = append(m.Pixels, Pixel{X: at[1], Y: at[0], Count: n})
	}
	slices.SortFunc(m.Pixels, func(a, b Pixel) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
}
