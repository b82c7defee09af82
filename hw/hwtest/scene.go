package hwtest

import (
	"math"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/hw"
)

// scene is a bank on a surface, and the events that come to it.
type scene struct {
	rng           *rand.Rand
	bank          *hw.Bank
	width, height int
	now           uint32

	x, y, plane int // the corner of the patch of the last event that took part
}

// newScene makes a scene whose surface has some rows and columns more than one
// patch, and a bank without weights and thresholds.
func newScene(rng *rand.Rand, side, planes, neurons int, d *hw.Decay) *scene {
	s := &scene{rng: rng, width: side + rng.IntN(6), height: side + rng.IntN(6), now: 1 << 30}
	p := hw.Patch{Side: side, Planes: planes, Stride: s.width + rng.IntN(4), Decay: d}
	p.Plane = (s.height-1)*p.Stride + s.width + rng.IntN(9)
	// The last cell of the surface is the last of a patch.
	cells := make([]uint32, (planes-1)*p.Plane+(s.height-1)*p.Stride+s.width)
	s.bank = hw.NewBank(p, cells, neurons)
	s.bank.Recent = 1
	return s
}

// at is an event that takes part, by the corner of its patch; its cell is the
// middle of it in one of the planes.
func (s *scene) at(x, y, plane int, now uint32) hw.Step {
	b := s.bank
	first := y*b.Stride + x
	return hw.Step{
		First: uint32(first), Cell: uint32(first + plane*b.Plane + b.Side/2*(b.Stride+1)),
		Now: now, Winner: hw.Pending,
	}
}

// anywhere is an event that takes part, now.
func (s *scene) anywhere() hw.Step {
	s.x, s.y = s.rng.IntN(s.width-s.bank.Side+1), s.rng.IntN(s.height-s.bank.Side+1)
	s.plane = s.rng.IntN(s.bank.Planes)
	return s.again()
}

// again is an event at the place of the last one.
func (s *scene) again() hw.Step { return s.at(s.x, s.y, s.plane, s.now) }

// Results that an event may bring along: it fires its cell and no more.
var results = []int32{
	int32(hw.Border), int32(hw.Border), int32(hw.Outside), int32(hw.Missed), int32(hw.Noise),
	hw.Pending + 1, 0, 3, math.MaxInt32,
}

// fires is an event that only fires some cell, and says nothing of a patch.
func (s *scene) fires() hw.Step {
	return hw.Step{
		Cell: uint32(s.rng.IntN(len(s.bank.Cells))), First: s.rng.Uint32(), Now: s.now,
		Winner: results[s.rng.IntN(len(results))],
	}
}

// next is any event.
func (s *scene) next() hw.Step {
	rng, horizon := s.rng, s.bank.Decay.Horizon
	switch rng.IntN(16) {
	case 0, 1, 2, 3, 4: // in the same microsecond
	case 5:
		s.now += rng.Uint32N(2*horizon + 1)
	case 6:
		s.now -= rng.Uint32N(min(horizon, 50))
	default:
		s.now += rng.Uint32N(horizon/16 + 2)
	}
	s.now = min(s.now, hw.MaxStamp)
	switch rng.IntN(8) {
	case 0, 1:
		return s.fires()
	case 2, 3:
		return s.anywhere()
	}
	return s.again()
}

func (s *scene) steps(n int) []hw.Step {
	steps := make([]hw.Step, n)
	for i := range steps {
		steps[i] = s.next()
	}
	return steps
}

// begin sets the time and what the surface holds by then.
func (s *scene) begin(now uint32, fill surfaceFill) {
	s.now = now
	for i := range s.bank.Cells {
		s.bank.Cells[i] = fill.cell(s.rng, now, s.bank.Decay)
	}
}

// starts are stamps to begin with: the least, the middle of what there is, and
// close to where stamps begin anew.
func starts(d *hw.Decay) []uint32 {
	return []uint32{1, 1 << 30, 1<<30 - d.Horizon/8, hw.MaxStamp - d.Horizon/4, hw.MaxStamp - 2}
}

// A bankFill gives the neurons of a bank their weights.
type bankFill struct {
	name string
	fill func(s *scene)
}

var bankFills = []bankFill{
	{"random", func(s *scene) { s.weigh(func(int) masterFill { return masterFills[0] }) }},
	{"of all kinds", func(s *scene) {
		first := s.rng.IntN(len(masterFills))
		s.weigh(func(neuron int) masterFill { return masterFills[(first+neuron)%len(masterFills)] })
	}},
	{"with equals", func(s *scene) {
		s.weigh(func(int) masterFill { return masterFills[0] })
		for range s.bank.Neurons/2 + 1 {
			s.equal(s.rng.IntN(s.bank.Neurons), s.rng.IntN(s.bank.Neurons))
		}
	}},
	{"all equal", func(s *scene) { s.weigh(func(int) masterFill { return masterFills[4] }) }},
	{"all zero", func(*scene) {}},
}

func (s *scene) weigh(kind func(neuron int) masterFill) {
	master := make([]int32, s.bank.Elements())
	for neuron := range s.bank.Neurons {
		kind(neuron).fill(s.rng, master)
		s.bank.SetMaster(neuron, master)
	}
}

// equal gives a neuron the weights of another.
func (s *scene) equal(neuron, other int) {
	s.bank.SetMaster(neuron, s.bank.MasterOf(other))
}

// one is the cosine of equals in the format of a threshold.
const one = 1 << hw.ThresholdFraction

// A thresholdFill makes the threshold of a neuron.
type thresholdFill struct {
	name string
	of   func(rng *rand.Rand) int32
}

var thresholdFills = []thresholdFill{
	{"about what contexts reach", func(rng *rand.Rand) int32 { return rng.Int32N(one) }},
	{"0.5", func(*rand.Rand) int32 { return one / 2 }},
	{"far below zero", func(rng *rand.Rand) int32 { return math.MinInt32 + rng.Int32N(3) }},
	{"beyond reach", func(*rand.Rand) int32 { return math.MaxInt32 }},
	{"extremes", func(rng *rand.Rand) int32 {
		return []int32{
			math.MinInt32, -one - 1, -one, -1, 0, 1, one / 2, one - 1, one, one + 1, math.MaxInt32 - 1, math.MaxInt32,
		}[rng.IntN(12)]
	}},
}

// Steps of thresholds: what layers are used with, the greatest that they take, and
// a greater one. Thresholds cannot leave their format by them: an event is missed
// only where all thresholds are above -1.004, won only below 1.004.
var thresholdSteps = []int32{0, 1, 16_777, 50_332, one / 2, 1 << 30}

// setThresholds makes all thresholds.
func (s *scene) setThresholds(fill thresholdFill) {
	for i := range s.bank.Thresholds {
		s.bank.Thresholds[i] = fill.of(s.rng)
	}
}

// mode is what a bank does with its winners.
type mode struct{ selecting, learning bool }

var (
	infers  = mode{}
	selects = mode{selecting: true}
	learns  = mode{selecting: true, learning: true}
	modes   = []mode{infers, selects, learns}
)

func (s *scene) set(m mode) { s.bank.Selecting, s.bank.Learning = m.selecting, m.learning }
