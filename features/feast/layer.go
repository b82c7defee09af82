package feast

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/surface"
	"github.com/saccade-dev/saccade/hw"
)

// Layer is a FEAST layer in integers, over the kernels of a CPU target. Its
// results are the same bits on every target. It is used by one goroutine at a
// time.
type Layer struct {
	config   Config
	kernels  *hw.Kernels
	surface  *surface.Surface
	banks    []bank
	learning bool

	// lowX to highX and lowY to highY are the pixels whose patch is taken.
	lowX, highX, lowY, highY uint16
	corner                   int // from an event's cell back to the first of its patch

	counters Counters

	split *split // nil where no packet is shared, see SetWorkers
}

var _ hw.Layer = (*Layer)(nil)

// bank is the neurons that compete for the events of one surface, and the events
// that wait for them. Banks share nothing but the time, so that each may take its
// events of a packet in one go.
type bank struct {
	*hw.Bank
	steps  []hw.Step
	events []int32 // where each step's event is in the packet
	// elsewhere says that another worker takes the bank's events through the rule:
	// here they fire their cells only.
	elsewhere bool
}

// chunk is how many events are handed to the kernels at once, at the most: enough
// for a call to cost nothing, and few enough to stay in the first cache.
const chunk = 256

// Counters count what became of the events since the layer was made.
type Counters struct {
	Hits    uint64 // a feature won
	Missed  uint64 // no threshold was reached
	Border  uint64 // skipped at the border
	Outside uint64 // not on the sensor
	// Wins of each feature, over all banks.
	Wins []uint64
	// BankMissed is Missed by bank.
	BankMissed []uint64
}

// Events is how many events were counted.
func (c Counters) Events() uint64 { return c.Hits + c.Missed + c.Border + c.Outside }

// MissedRate is the share of missed events among those that features competed
// for, 0 where there were none.
func (c Counters) MissedRate() float64 {
	if c.Hits+c.Missed == 0 {
		return 0
	}
	return float64(c.Missed) / float64(c.Hits+c.Missed)
}

// New makes a layer with random weights, learning on.
func New(c Config, target hw.Target) (*Layer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("feast: %w", err)
	}
	return newLayer(c, target, RandomWeights(c))
}

// NewWithWeights makes a layer that has learned before, learning on.
func NewWithWeights(c Config, target hw.Target, w Weights) (*Layer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("feast: %w", err)
	}
	if err := w.Validate(c); err != nil {
		return nil, fmt.Errorf("feast: %w", err)
	}
	return newLayer(c, target, w)
}

func newLayer(c Config, target hw.Target, w Weights) (*Layer, error) {
	n := c.Side() * c.Side()
	decay, err := hw.NewDecay(c.Tau.Microseconds(), hw.PeakBits(n))
	if err != nil {
		return nil, fmt.Errorf("feast: %w", err)
	}
	l := &newPrivate(c).layer
	l.config, l.kernels = c, target.Kernels()
	border := 0
	switch {
	case c.Border == BorderZero:
		border = c.Radius
		l.highX, l.highY = uint16(c.Width-1), uint16(c.Height-1)
	case c.Width >= c.Side() && c.Height >= c.Side():
		l.lowX, l.highX = uint16(c.Radius), uint16(c.Width-1-c.Radius)
		l.lowY, l.highY = uint16(c.Radius), uint16(c.Height-1-c.Radius)
	default:
		// No patch fits: every event is one of the border.
		l.lowX, l.lowY = math.MaxUint16, math.MaxUint16
	}
	*l.surface = *surface.New(c.Geometry(), c.Banks(), border, decay.Horizon)
	l.corner = c.Radius * (l.surface.Stride + 1)
	for i := range l.banks {
		patch := hw.Patch{Side: c.Side(), Stride: l.surface.Stride, Planes: 1, Plane: l.surface.Plane, Decay: decay}
		b := hw.NewBank(patch, l.surface.Cells, c.Neurons)
		b.Eta = fixed(c.Eta, hw.EtaFraction)
		b.DeltaI = fixed(c.DeltaI, hw.ThresholdFraction)
		b.DeltaE = fixed(c.DeltaE, hw.ThresholdFraction)
		l.banks[i].Bank = b
	}
	l.SetLearning(true)
	l.setWeights(w)
	return l, nil
}

// setWeights takes checked weights over.
func (l *Layer) setWeights(w Weights) {
	n := l.config.Side() * l.config.Side()
	per := l.config.Neurons
	for i := range l.banks {
		b := &l.banks[i]
		for neuron := range per {
			b.SetMaster(neuron, w.Master[(i*per+neuron)*n:][:n])
		}
		copy(b.Thresholds, w.Thresholds[i*per:])
	}
}

// Config is the layer's configuration.
func (l *Layer) Config() Config { return l.config }

// Weights is a copy of what the layer has learned.
func (l *Layer) Weights() Weights {
	w := Weights{Thresholds: l.Thresholds()}
	w.Master = make([]int32, 0, l.config.Features()*l.config.Side()*l.config.Side())
	for _, b := range l.banks {
		for neuron := range l.config.Neurons {
			w.Master = append(w.Master, b.MasterOf(neuron)...)
		}
	}
	return w
}

// Thresholds is a copy of the selection thresholds in Q24, [bank][neuron].
func (l *Layer) Thresholds() []int32 {
	out := make([]int32, 0, l.config.Features())
	for _, b := range l.banks {
		out = append(out, b.Thresholds...)
	}
	return out
}

// Counters is a copy of the layer's counters.
func (l *Layer) Counters() Counters {
	c := l.counters
	c.Wins = slices.Clone(c.Wins)
	c.BankMissed = slices.Clone(c.BankMissed)
	return c
}

// StepsBack counts how often time ran back so far that the surfaces were cleared.
func (l *Layer) StepsBack() uint64 { return l.surface.StepsBack }

// SetLearning turns learning on or off from the next event on.
func (l *Layer) SetLearning(on bool) {
	l.learning = on
	for _, b := range l.banks {
		b.Learning, b.Selecting = on, on
	}
	l.split.setLearning(on)
}

// Learning tells whether learning is on.
func (l *Layer) Learning() bool { return l.learning }

// Reset clears the surfaces, as before a new recording.
func (l *Layer) Reset() {
	l.surface.Reset()
	l.split.surfaceChanged()
}

// PanicLengths is the panic of Process for results of another length than the events.
const PanicLengths = "feast: Process needs one result for each event"

// Process runs the layer over a packet of events, in order; winners has the
// length of in. It never fails.
func (l *Layer) Process(in []events.Event, winners []int16) error {
	if len(in) != len(winners) {
		panic(PanicLengths)
	}
	if l.split == nil {
		l.processAll(in, winners)
	} else {
		l.processSplit(in, winners)
	}
	return nil
}

func (l *Layer) processAll(in []events.Event, winners []int16) {
	for len(in) > 0 {
		n := min(len(in), chunk)
		l.process(in[:n], winners[:n])
		in, winners = in[n:], winners[n:]
	}
}

// process finds the surface's cells of a chunk of events, and lets each bank take
// those that are its own through the rule, which [hw.Bank] states.
func (l *Layer) process(in []events.Event, winners []int16) {
	width, height := l.config.Width, l.config.Height
	for i := range in {
		e := &in[i]
		if int(e.X) >= width || int(e.Y) >= height {
			if !l.banks[0].elsewhere { // such an event is of no bank, and one worker's all the same
				l.counters.Outside++
				winners[i] = hw.Outside
			}
			continue
		}
		now, ok := l.surface.TryStamp(e.T)
		if !ok {
			l.compete(winners) // the cells are about to change
			now = l.surface.Stamp(e.T)
		}
		q := 0
		if len(l.banks) == 2 {
			q = int(e.P & 1)
		}
		at := l.surface.Index(q, e.X, e.Y)
		b := &l.banks[q]
		if b.elsewhere {
			l.surface.Cells[at] = now
			continue
		}
		step := hw.Step{Cell: uint32(at), First: uint32(at - l.corner), Now: now, Winner: hw.Pending}
		if e.X < l.lowX || e.X > l.highX || e.Y < l.lowY || e.Y > l.highY {
			step.First, step.Winner = 0, int32(hw.Border)
		}
		b.steps, b.events = append(b.steps, step), append(b.events, int32(i))
	}
	l.compete(winners)
}

// compete takes the events that wait through their banks, and counts what became
// of them.
func (l *Layer) compete(winners []int16) {
	for q := range l.banks {
		b := &l.banks[q]
		if len(b.steps) == 0 {
			continue
		}
		l.kernels.Run(b.Bank, b.steps)
		for k := range b.steps {
			winner := int16(b.steps[k].Winner)
			switch winner {
			case hw.Border:
				l.counters.Border++
			case hw.Missed:
				l.counters.Missed++
				l.counters.BankMissed[q]++
			default:
				winner += int16(q * l.config.Neurons)
				l.counters.Hits++
				l.counters.Wins[winner]++
			}
			winners[b.events[k]] = winner
		}
		b.steps, b.events = b.steps[:0], b.events[:0]
	}
}
