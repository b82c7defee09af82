package hwtest_test

import (
	"math"
	"runtime"
	"slices"

	"github.com/saccade-dev/saccade/hw"
)

// batched is the rule of a bank in batches, over the parts of a target, with the
// mistakes that it can make. Without any it is a Run like those of targets.
type batched struct {
	hw.Kernels

	// Dot products of a neuron that has learned.
	uncorrected       bool // stay as they were
	correctsEarly     bool // are computed before it has
	correctsNext      bool // are corrected for the next event alone
	correctsNeighbour bool // are put in another's place
	correctsShort     bool // leave an element out
	matchesEarly      bool // are computed before the batch ahead has learned
	ahead             []int16

	// Sums of squares, and what a neuron that learns is pulled by.
	keepsSquares     bool  // the sums stay as they were
	keepsLast        bool  // the last of a call does
	last             int32 // neuron that learned
	lastSquares      uint32
	neighbourSquares bool // the sum of another neuron is taken
	narrowSquares    bool // the sum is taken for one of 31 bits
	squaresTooMany   bool // there is one behind them, which is written
	forgetsRenormal  bool // what keeps the weights' length is left out
	pullsEarly       bool // the dot product is taken as it was before its correction
	early            []int32

	// Who wins.
	tieHigh       bool // the last of equals
	bestFirst     bool // the best of all, or nobody
	exceeds       bool // one whose threshold is exceeded
	narrow        bool // by products that do not fit
	alwaysSelects bool // by thresholds where nobody asked
	fromZero      bool // the first, where no product is above zero
	paddingWins   bool // a row of zeros behind the neurons

	// Thresholds.
	raisesLate   bool // rise at the end of a batch
	lowersLate   bool // fall at the end of a batch
	lowersOne    bool // fall for one neuron
	lowersWhole  bool // fall behind the last, too
	alwaysLearns bool // and weights change where nobody asked

	// Noise.
	noiseMissed  bool // is called missed
	noiseLowers  bool // lowers thresholds
	recentIsMore bool // has fewer that are more than recent
	noiseAtBound bool // has no more than the bound

	// Steps.
	forgetsTail bool // that fill no batch are forgotten
	oneMore     bool // have one behind them
	overwrites  bool // that only fire have no winner
	partFires   bool // that only fire do not
	stampsAhead bool // fire all together
	readsBehind bool // have one behind them, which is read

	// Memory.
	leavesContexts bool
	keepsDots      bool
	dotTooMany     bool
	changesBank    bool
	shares         bool
	allocates      bool

	checksLate, checksNothing bool
}

// shared is what a kernel must not have.
var shared [1 << 12]int16

func (r *batched) run(b *hw.Bank, steps []hw.Step) {
	if !r.checksNothing {
		r.check(b, steps)
	}
	if r.allocates {
		scratch = make([]int32, len(steps))
	}
	if r.readsBehind {
		touched = at(steps, len(steps)).Now
	}
	if r.oneMore {
		steps = steps[:len(steps)+1]
	}
	if r.matchesEarly {
		r.ahead = nil
	}
	if r.keepsLast {
		r.last = int32(hw.Missed)
	}
	for len(steps) > 0 {
		steps = r.batch(b, steps)
	}
	if r.leavesContexts {
		b.Contexts[len(b.Contexts)-1] = 1
	}
	if r.dotTooMany {
		*at(b.Dots, len(b.Dots)) = 0
	}
	if r.keepsLast && r.last >= 0 {
		b.Squares[r.last] = r.lastSquares
	}
	if r.squaresTooMany {
		*at(b.Squares, len(b.Squares)) = 0
	}
	if r.changesBank {
		b.MinRecent++
	}
}

const panicMisuse = "hwtest: a bank or a step is wrong"

func (r *batched) check(b *hw.Bank, steps []hw.Step) {
	n := b.Elements()
	row := hw.ContextLen(n)
	if b.Neurons < 1 || b.Side < 1 || b.Planes < 1 || b.Stride < b.Side || b.Plane < 0 || b.Learning && !b.Selecting ||
		len(b.Master) != b.Neurons*row || len(b.Weights) != hw.NeuronRows(b.Neurons)*row || len(b.Thresholds) != b.Neurons || len(b.Squares) != b.Neurons ||
		len(b.Contexts) != 2*hw.Batch*hw.ContextSpace(n) || len(b.Dots) != hw.Batch*hw.DotLen(b.Neurons) {
		panic(panicMisuse)
	}
	for _, s := range steps {
		if int(s.Cell) >= len(b.Cells) || s.Winner == hw.Pending && int(s.First)+b.Span() > len(b.Cells) {
			panic(panicMisuse)
		}
		if r.checksLate {
			b.Cells[s.Cell] = s.Now
		}
	}
}

// batch takes a batch of events through the rule, and gives the steps behind it.
func (r *batched) batch(b *hw.Bank, steps []hw.Step) []hw.Step {
	n := b.Elements()
	space, dotLen := hw.ContextSpace(n), hw.DotLen(b.Neurons)
	var events [hw.Batch]*hw.Step
	var norms [hw.Batch]uint32
	count, end := 0, 0
	if r.stampsAhead {
		for _, s := range steps[:min(len(steps), hw.Batch)] {
			b.Cells[s.Cell] = s.Now
		}
	}
	for ; end < len(steps) && count < hw.Batch; end++ {
		s := &steps[end]
		if s.Winner == hw.Pending || !r.partFires {
			b.Cells[s.Cell] = s.Now
		}
		if s.Winner != hw.Pending {
			if r.overwrites {
				s.Winner = int32(hw.Missed)
			}
			continue
		}
		c := b.Contexts[count*space:][:space]
		norms[count] = hw.Norm(r.Context(c, b.Cells, int(s.First), &b.Patch, s.Now))
		if r.isNoise(b, c[:n]) {
			r.noise(b, s)
			continue
		}
		events[count] = s
		count++
	}
	rest := steps[end:]
	if count == 0 || r.forgetsTail && count < hw.Batch {
		return rest
	}
	if r.shares {
		copy(shared[:], b.Contexts)
		b.Contexts = shared[:len(b.Contexts):len(b.Contexts)]
		runtime.Gosched() // others come in between on a machine of one processor, too
	}
	if !r.keepsDots || end == count {
		weights := b.Weights
		if r.matchesEarly {
			if r.ahead != nil {
				weights = r.ahead
			}
			r.ahead = slices.Clone(b.Weights)
		}
		r.Match(b.Dots, weights, b.Contexts[:hw.Batch*space], b.Neurons, n)
	}
	if r.pullsEarly {
		r.early = slices.Clone(b.Dots)
	}
	late := r.raisesLate || r.lowersLate
	var before, after []int32
	if late {
		before, after = slices.Clone(b.Thresholds), slices.Clone(b.Thresholds)
	}
	for j, s := range events[:count] {
		thresholds := b.Thresholds
		if late {
			thresholds = before
		}
		s.Winner = r.winner(b, b.Dots[j*dotLen:][:b.Neurons], thresholds, norms[j])
		if !b.Learning && (!r.alwaysLearns || !b.Selecting) {
			continue
		}
		if s.Winner < 0 {
			r.lower(b)
		} else {
			b.Thresholds[s.Winner] += b.DeltaI
			r.learn(b, int(s.Winner), j, count, norms[j])
		}
		// What is late in the one case is in time in the other.
		for i := range after {
			change := b.Thresholds[i] - after[i]
			if r.lowersLate != (s.Winner < 0) {
				before[i] += change
			}
		}
		copy(after, b.Thresholds)
	}
	return rest
}

func (r *batched) isNoise(b *hw.Bank, c []int16) bool {
	count := 0
	for _, v := range c {
		if v > b.Recent || v == b.Recent && !r.recentIsMore {
			count++
		}
	}
	return b.MinRecent > 0 && (count < b.MinRecent || r.noiseAtBound && count == b.MinRecent)
}

func (r *batched) noise(b *hw.Bank, s *hw.Step) {
	s.Winner = int32(hw.Noise)
	if r.noiseMissed {
		s.Winner = int32(hw.Missed)
	}
	if r.noiseLowers && b.Learning {
		r.lower(b)
	}
}

func (r *batched) winner(b *hw.Bank, dots, thresholds []int32, norm uint32) int32 {
	if !b.Selecting && !r.alwaysSelects {
		return r.nearest(dots)
	}
	winner, best := int32(hw.Missed), int32(math.MinInt32)
	for i, dot := range dots {
		reached := int64(dot)<<hw.MatchShift >= int64(thresholds[i])*int64(norm)
		if r.exceeds {
			reached = int64(dot)<<hw.MatchShift > int64(thresholds[i])*int64(norm)
		}
		if r.narrow {
			reached = dot>>10 >= int32(int64(thresholds[i])*int64(norm)>>(hw.MatchShift+10))
		}
		if (reached || r.bestFirst) && r.better(dot, best) {
			winner, best = int32(i), dot
		}
	}
	if r.bestFirst && int64(best)<<hw.MatchShift < int64(thresholds[winner])*int64(norm) {
		return int32(hw.Missed)
	}
	return winner
}

func (r *batched) nearest(dots []int32) int32 {
	winner, best := int32(0), int32(math.MinInt32)
	if r.fromZero {
		best = 0
	}
	if r.paddingWins {
		dots = append(slices.Clone(dots), 0)
	}
	for i, dot := range dots {
		if r.better(dot, best) {
			winner, best = int32(i), dot
		}
	}
	return winner
}

func (r *batched) better(dot, best int32) bool { return dot > best || r.tieHigh && dot == best }

func (r *batched) lower(b *hw.Bank) {
	for i := range b.Thresholds {
		b.Thresholds[i] -= b.DeltaE
		if r.lowersOne {
			return
		}
	}
	if r.lowersWhole {
		for i := len(b.Thresholds); i < hw.NeuronRows(b.Neurons); i++ {
			*at(b.Thresholds, i) -= b.DeltaE
		}
	}
}

// learn has the winner of event j learn, and corrects the later events' dots.
func (r *batched) learn(b *hw.Bank, winner, j, count int, norm uint32) {
	n := b.Elements()
	row, space, dotLen := hw.ContextLen(n), hw.ContextSpace(n), hw.DotLen(b.Neurons)
	weights := b.Weights[winner*row:][:row]
	var old []int16
	if r.correctsEarly {
		old = slices.Clone(weights)
	}
	squares := r.Learn(b.Master[winner*row:][:row], weights, b.Contexts[j*space:][:row], r.pull(b, winner, j, norm))
	if r.keepsLast {
		r.last, r.lastSquares = int32(winner), b.Squares[winner]
	}
	if !r.keepsSquares {
		b.Squares[winner] = squares
	}
	if old != nil {
		weights = old
	}
	for later := j + 1; later < count && !r.uncorrected; later++ {
		if r.correctsNext && later > j+1 {
			break
		}
		dot := int32(0)
		for i, w := range weights[:n] {
			if r.correctsShort && i == n-1 {
				break
			}
			dot += int32(w) * int32(b.Contexts[later*space+i])
		}
		place := winner
		if r.correctsNeighbour {
			place = winner ^ 1
		}
		b.Dots[later*dotLen+place] = dot
	}
}

// pull is what the winner of event j learns its context by.
func (r *batched) pull(b *hw.Bank, winner, j int, norm uint32) hw.Pull {
	dots, squares := b.Dots, b.Squares[winner]
	if r.pullsEarly {
		dots = r.early
	}
	if r.neighbourSquares {
		squares = b.Squares[(winner+1)%b.Neurons]
	}
	if r.narrowSquares {
		squares = min(squares, math.MaxInt32)
	}
	p := hw.NewPull(norm, dots[j*hw.DotLen(b.Neurons)+winner], squares, b.Eta)
	if r.forgetsRenormal {
		p.Renormal = 0
	}
	return p
}
