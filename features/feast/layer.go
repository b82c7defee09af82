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
	decay    *hw.Decay
	surface  *surface.Surface
	banks    []bank
	learning bool

	eta, deltaI, deltaE int32
	// lowX to highX and lowY to highY are the pixels whose patch is taken.
	lowX, highX, lowY, highY uint16

	context []int16
	dots    []int32

	counters Counters
}

var _ hw.Layer = (*Layer)(nil)

// bank is the neurons that compete for the events of one surface.
type bank struct {
	master     []int32 // Q24 [neuron][pixel]
	match      []uint64
	thresholds []int32 // Q24 [neuron]
}

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
	l := &Layer{
		config: c, kernels: target.Kernels(), decay: decay, learning: true,
		eta:     fixed(c.Eta, hw.EtaFraction),
		deltaI:  fixed(c.DeltaI, hw.ThresholdFraction),
		deltaE:  fixed(c.DeltaE, hw.ThresholdFraction),
		context: make([]int16, hw.ContextLen(n)),
		dots:    make([]int32, c.Neurons),
	}
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
	l.surface = surface.New(c.Geometry(), c.Banks(), border, decay.Horizon)
	l.counters.Wins = make([]uint64, c.Features())
	l.counters.BankMissed = make([]uint64, c.Banks())
	l.banks = make([]bank, c.Banks())
	for b := range l.banks {
		l.banks[b] = bank{
			match: make([]uint64, l.kernels.WeightWords(c.Neurons, n)),
		}
	}
	l.setWeights(w)
	return l, nil
}

// setWeights takes checked weights over.
func (l *Layer) setWeights(w Weights) {
	n := l.config.Side() * l.config.Side()
	per := l.config.Neurons
	for b := range l.banks {
		bk := &l.banks[b]
		bk.master = slices.Clone(w.Master[b*per*n : (b+1)*per*n])
		bk.thresholds = slices.Clone(w.Thresholds[b*per : (b+1)*per])
		for neuron := range per {
			l.kernels.Pack(bk.match, per, neuron, bk.master[neuron*n:(neuron+1)*n])
		}
	}
}

// Config is the layer's configuration.
func (l *Layer) Config() Config { return l.config }

// Weights is a copy of what the layer has learned.
func (l *Layer) Weights() Weights {
	w := Weights{Thresholds: l.Thresholds()}
	for _, b := range l.banks {
		w.Master = append(w.Master, b.master...)
	}
	return w
}

// Thresholds is a copy of the selection thresholds in Q24, [bank][neuron].
func (l *Layer) Thresholds() []int32 {
	out := make([]int32, 0, l.config.Features())
	for _, b := range l.banks {
		out = append(out, b.thresholds...)
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
func (l *Layer) SetLearning(on bool) { l.learning = on }

// Learning tells whether learning is on.
func (l *Layer) Learning() bool { return l.learning }

// Reset clears the surfaces, as before a new recording.
func (l *Layer) Reset() { l.surface.Reset() }

// PanicLengths is the panic of Process for results of another length than the events.
const PanicLengths = "feast: Process needs one result for each event"

// Process runs the layer over a packet of events, in order; winners has the
// length of in. It never fails.
func (l *Layer) Process(in []events.Event, winners []int16) error {
	if len(in) != len(winners) {
		panic(PanicLengths)
	}
	for i := range in {
		winners[i] = l.event(&in[i])
	}
	return nil
}

// event is the rule, for one event.
func (l *Layer) event(e *events.Event) int16 {
	if int(e.X) >= l.config.Width || int(e.Y) >= l.config.Height {
		l.counters.Outside++
		return hw.Outside
	}
	q := 0
	if len(l.banks) == 2 {
		q = int(e.P & 1)
	}
	now := l.surface.Stamp(e.T)
	at := l.surface.Index(q, e.X, e.Y)
	l.surface.Cells[at] = now
	if e.X < l.lowX || e.X > l.highX || e.Y < l.lowY || e.Y > l.highY {
		l.counters.Border++
		return hw.Border
	}

	b := &l.banks[q]
	first := at - l.config.Radius*(l.surface.Stride+1)
	sum := l.kernels.Context(l.context, l.surface.Cells[first:], l.surface.Stride, l.config.Side(), now, l.decay)
	norm := hw.Norm(sum)
	l.kernels.Match(l.dots, b.match, l.context)

	if !l.learning {
		winner := nearest(l.dots)
		return l.hit(q, winner)
	}
	winner := selected(l.dots, b.thresholds, norm)
	if winner < 0 {
		for i := range b.thresholds {
			b.thresholds[i] -= l.deltaE
		}
		l.counters.Missed++
		l.counters.BankMissed[q]++
		return hw.Missed
	}
	n := l.config.Side() * l.config.Side()
	master := b.master[winner*n : (winner+1)*n]
	l.kernels.Learn(master, l.context, hw.Reciprocal(norm), l.eta)
	l.kernels.Pack(b.match, l.config.Neurons, winner, master)
	b.thresholds[winner] += l.deltaI
	return l.hit(q, winner)
}

func (l *Layer) hit(q, winner int) int16 {
	feature := q*l.config.Neurons + winner
	l.counters.Hits++
	l.counters.Wins[feature]++
	return int16(feature)
}

// nearest is the neuron with the largest dot product, the first of equals.
func nearest(dots []int32) int {
	winner, best := 0, dots[0]
	for i, dot := range dots {
		if dot > best {
			winner, best = i, dot
		}
	}
	return winner
}

// selected is the neuron with the largest dot product among those whose cosine
// with the context reaches their threshold, the first of equals; -1 where none
// does. The cosine is dot/norm but for the formats' fraction bits.
func selected(dots, thresholds []int32, norm uint32) int {
	winner, best := -1, int32(math.MinInt32)
	thresholds = thresholds[:len(dots)]
	for i, dot := range dots {
		if dot > best && int64(dot)<<hw.MatchShift >= int64(thresholds[i])*int64(norm) {
			winner, best = i, dot
		}
	}
	return winner
}
