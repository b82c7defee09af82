package readout

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

// Online is a linear model over a histogram of features that grows event by event:
// a decision at any event costs what the event changed, and not a vector.
//
// An event changes one count, or four. Online keeps for every class and bin the sum
// of weights times transformed counts, in integers, and adds to it the weights times
// what changed; the bin's length and the bias come in when a decision is asked for.
// Sums of integers do not depend on their order, so that Online has the same bits
// as one made anew of the same counts ([NewOnline]), on every machine. From
// [Model.Predict] it differs by the rounding of weights and square roots, about
// 1e-6 of a score.
//
// A model's confidence is calibrated for whole recordings, and early in one it is far
// too sure: SetSchedule gives the Online one that was calibrated for few events, too.
// Not safe for concurrent use.
type Online struct {
	model   *Model
	bins    *pool.Bins
	root    bool
	norm    bool
	weights []int32 // vector's length x classes: an event's weights lie side by side
	unit    float64 // of the sums: a power of two
	per     int     // entries a bin
	sums    []int64 // bins x classes
	lengths []length
	scores  []float64
	counted uint64 // events, in parts of which each has whole
	whole   uint64

	schedule *Schedule
	decided  bool
	last     int64 // when the last decision of Process was
}

// length is the squared length of a bin's transformed counts, exactly: the sum of
// the counts of square roots, that of their squares otherwise.
type length struct{ hi, lo uint64 }

// rootFraction is how many fraction bits square roots have.
const rootFraction = 12

// Decision is the class that a stream has been taken for.
type Decision struct {
	T          int64 // time of the event that it comes after, in microseconds
	Class      int   // index into the model's classes
	Confidence float64
}

// NewOnline makes an Online of a model that was trained on vectors of such bins; of
// a plain pool these are bins without edges. It takes the bins over, with what they
// have counted: their state is all the state that there is. The error is that the
// lengths differ.
func NewOnline(m *Model, b *pool.Bins) (*Online, error) {
	if b.Len() != m.dim || m.dim == 0 {
		return nil, fmt.Errorf("readout: the model takes vectors of %d, and the bins give %d", m.dim, b.Len())
	}
	c := b.Config().Pool
	o := &Online{
		model: m, bins: b, root: c.Transform == pool.TransformSqrt, norm: c.Norm == pool.NormL2,
		per: m.dim / b.Bins(), sums: make([]int64, b.Bins()*len(m.classes)),
		lengths: make([]length, b.Bins()), scores: make([]float64, len(m.classes)), whole: 1,
	}
	if c.Spread == pool.SpreadBilinear {
		o.whole = 4 * uint64(c.CellWidth) * uint64(c.CellHeight)
	}
	o.quantise()
	o.recount()
	return o, nil
}

// quantise rounds the weights to as many bits as leave room for the sum over a whole
// bin, at the most 30.
func (o *Online) quantise() {
	var largest float64
	for _, w := range o.model.weights {
		largest = max(largest, math.Abs(float64(w)))
	}
	value := 32
	if o.root {
		value = 32/2 + rootFraction
	}
	room := min(30, 62-value-bits.Len(uint(o.per)))
	exponent := 0
	if largest > 0 {
		exponent = room - 1 - math.Ilogb(largest)
	}
	o.unit = math.Ldexp(1, -exponent)
	if o.root {
		o.unit = math.Ldexp(1, -exponent-rootFraction)
	}
	m := o.model
	o.weights = make([]int32, len(m.weights))
	for c := range m.classes {
		for j, w := range m.weights[c*m.dim : (c+1)*m.dim] {
			o.weights[j*len(m.classes)+c] = int32(math.RoundToEven(math.Ldexp(float64(w), exponent)))
		}
	}
}

// recount makes sums and lengths of the bins' counts.
func (o *Online) recount() {
	clear(o.sums)
	clear(o.lengths)
	o.counted = 0
	counts := make([]uint32, o.per)
	for bin := range o.lengths {
		counts = o.bins.Counts(bin, counts)
		for i, n := range counts {
			o.change(bin, pool.Change{Index: i, New: n})
		}
	}
}

// transformed is a count as it goes into the sums: its square root with
// rootFraction bits of fraction, or the count itself.
func (o *Online) transformed(n uint32) int64 {
	if !o.root {
		return int64(n)
	}
	// The square root is rounded correctly everywhere, and scaling it is exact.
	return int64(math.Sqrt(float64(n))*(1<<rootFraction) + 0.5)
}

// change takes a change of one count over into sums and length.
func (o *Online) change(bin int, ch pool.Change) {
	o.counted += uint64(ch.New - ch.Old)
	l := &o.lengths[bin]
	grown, was := uint64(ch.New), uint64(ch.Old)
	if !o.root {
		grown, was = grown*grown, was*was
	}
	var carry uint64
	l.lo, carry = bits.Add64(l.lo, grown-was, 0)
	l.hi += carry

	by := o.transformed(ch.New) - o.transformed(ch.Old)
	classes := len(o.model.classes)
	sums := o.sums[bin*classes : (bin+1)*classes]
	weights := o.weights[(bin*o.per+ch.Index)*classes:]
	weights = weights[:len(sums)]
	for c, w := range weights {
		sums[c] += int64(w) * by
	}
}

// Bins is what the Online counts in. Whoever changes it has to make a new Online.
func (o *Online) Bins() *pool.Bins { return o.bins }

// Reset forgets all events, as before a new recording.
func (o *Online) Reset() {
	o.bins.Reset()
	clear(o.sums)
	clear(o.lengths)
	o.counted, o.decided, o.last = 0, false, 0
}

// Add counts one event with its winner, as [pool.Bins.Add] does.
func (o *Online) Add(e events.Event, winner int16) {
	var changes [4]pool.Change
	bin, n := o.bins.AddOne(e, winner, &changes)
	for _, ch := range changes[:n] {
		o.change(bin, ch)
	}
}

// Scores are the scores of the classes after the events so far. They are the
// Online's own: the next call overwrites them.
func (o *Online) Scores() []float64 {
	copy(o.scores, o.model.bias)
	for bin, l := range o.lengths {
		factor := o.unit
		if o.norm {
			if l == (length{}) {
				continue // nothing was counted
			}
			// One rounding for each operation: there is nothing to fuse.
			square := float64(float64(l.hi)*(1<<32)*(1<<32)) + float64(l.lo)
			factor /= math.Sqrt(square)
		}
		for c := range o.scores {
			o.scores[c] += float64(float64(o.sums[bin*len(o.scores)+c]) * factor)
		}
	}
	return o.scores
}

// Counted is how many events the counts are of.
func (o *Online) Counted() uint64 { return o.counted / o.whole }

// SetSchedule sets the temperatures of confidences; nil stands for the model's own.
func (o *Online) SetSchedule(s *Schedule) { o.schedule = s }

// Decide is the class with the largest score, the first of equals, and the
// confidence in it.
func (o *Online) Decide() (class int, confidence float64) {
	scores := o.Scores()
	beta := o.model.beta
	if o.schedule != nil {
		beta = o.schedule.beta(o.Counted())
	}
	class = softmax(scores, beta)
	return class, scores[class]
}

// PanicWinners is the panic of Process for winners that are not parallel to events.
const PanicWinners = "readout: a packet needs one winner an event"

// Process adds the events of a packet and appends decisions to dst: one after every
// event, or with a period in microseconds above zero one after the first event and
// then after each that comes a period or more after the last decision. Winners may
// be nil where the bins count raw events.
func (o *Online) Process(in []events.Event, winners []int16, period int64, dst []Decision) []Decision {
	if winners != nil && len(winners) != len(in) || winners == nil && o.bins.Config().Pool.Source != pool.SourceEvents {
		panic(PanicWinners)
	}
	for i, e := range in {
		winner := int16(-1)
		if winners != nil {
			winner = winners[i]
		}
		o.Add(e, winner)
		if period > 0 && o.decided && e.T-o.last < period {
			continue
		}
		o.decided, o.last = true, e.T
		class, confidence := o.Decide()
		dst = append(dst, Decision{T: e.T, Class: class, Confidence: confidence})
	}
	return dst
}
