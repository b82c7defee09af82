package hwtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// decays makes each decay once: its table is large.
type decays map[[2]int64]*hw.Decay

// get gives the exponential decay of a time constant, and for one below zero the
// linear decay of as much.
func (m decays) get(t testing.TB, tau int64, peakBits int) *hw.Decay {
	t.Helper()
	key := [2]int64{tau, int64(peakBits)}
	if m[key] == nil {
		d, err := newDecay(tau, peakBits)
		if err != nil {
			t.Fatal(err)
		}
		m[key] = d
	}
	return m[key]
}

func newDecay(tau int64, peakBits int) (*hw.Decay, error) {
	if tau < 0 {
		return hw.NewLinearDecay(-tau, peakBits)
	}
	return hw.NewDecay(tau, peakBits)
}

// taus are time constants in microseconds: the least and the greatest, some
// whose horizon is close to a power of two, and what cameras are used with.
var taus = []int64{1, 2, 3, 21, 45, 731, 1465, 5862, 20_000, 1_000_000, hw.MaxTau}

// A surfaceFill is a state that a surface can be in, for an event at now.
type surfaceFill struct {
	name string
	cell func(rng *rand.Rand, now uint32, d *hw.Decay) uint32
}

var surfaceFills = []surfaceFill{
	{"never fired", func(*rand.Rand, uint32, *hw.Decay) uint32 { return 0 }},
	{"all fired now", func(_ *rand.Rand, now uint32, _ *hw.Decay) uint32 { return now }},
	{"recent", func(rng *rand.Rand, now uint32, d *hw.Decay) uint32 {
		return now - min(now, rng.Uint32N(d.Horizon+1))
	}},
	{"around the horizon", func(rng *rand.Rand, now uint32, d *hw.Decay) uint32 {
		return now - min(now, d.Horizon-min(d.Horizon, 2)+rng.Uint32N(5))
	}},
	{"around now", func(rng *rand.Rand, now uint32, _ *hw.Decay) uint32 {
		return (now + 3 - rng.Uint32N(7)) % (hw.MaxStamp + 1)
	}},
	{"of the future", func(rng *rand.Rand, now uint32, _ *hw.Decay) uint32 {
		return now + rng.Uint32N(hw.MaxStamp-now+1)
	}},
	{"extremes", func(rng *rand.Rand, now uint32, _ *hw.Decay) uint32 {
		return []uint32{0, 1, now, now - 1, now + 1, 1<<30 - 1, 1 << 30, hw.MaxStamp - 1, hw.MaxStamp}[rng.IntN(9)] % (hw.MaxStamp + 1)
	}},
	{"anything", func(rng *rand.Rand, _ uint32, _ *hw.Decay) uint32 { return rng.Uint32() % (hw.MaxStamp + 1) }},
}

// recently is the fill that patches of a camera look like.
var recently = surfaceFills[2]

// nows are times of the event, in stamps.
func nows(rng *rand.Rand, d *hw.Decay) []uint32 {
	return []uint32{
		0, 1, d.Horizon - 1, d.Horizon, d.Horizon + 1, 2*d.Horizon + 2,
		1<<30 - 1, 1 << 30, hw.MaxStamp - 1, hw.MaxStamp, rng.Uint32() % (hw.MaxStamp + 1),
	}
}

// A masterFill makes a vector of master weights, none longer than the formats
// have room for.
type masterFill struct {
	name string
	fill func(rng *rand.Rand, m []int32)
}

var masterFills = []masterFill{
	{"random", func(rng *rand.Rand, m []int32) {
		for i := range m {
			m[i] = rng.Int32N(1<<20) + 1
		}
		scaleTo(m, 1)
	}},
	{"random, both signs", func(rng *rand.Rand, m []int32) {
		for i := range m {
			m[i] = rng.Int32N(1<<20) - 1<<19
		}
		m[0]++ // not all of them zero
		scaleTo(m, 1)
	}},
	{"a one", func(rng *rand.Rand, m []int32) {
		clear(m)
		m[rng.IntN(len(m))] = 1 << hw.MasterFraction
	}},
	{"a minus one", func(rng *rand.Rand, m []int32) {
		clear(m)
		m[rng.IntN(len(m))] = -1 << hw.MasterFraction
	}},
	{"all equal", func(_ *rand.Rand, m []int32) {
		for i := range m {
			m[i] = 1 << 20
		}
		scaleTo(m, longest)
	}},
	{"all equal, below zero", func(_ *rand.Rand, m []int32) {
		for i := range m {
			m[i] = -1 << 20
		}
		scaleTo(m, longest)
	}},
	{"half of the length", func(rng *rand.Rand, m []int32) {
		for i := range m {
			m[i] = rng.Int32N(1<<20) - 1<<18
		}
		m[0]++
		scaleTo(m, 0.5)
	}},
	{"zero", func(_ *rand.Rand, m []int32) { clear(m) }},
}

// longest is the greatest length of a weight vector that the formats have room
// for; its square is 1 + 1/128.
const longest = 1.0038986

// scaleTo scales a vector to the given length, rounding towards zero.
func scaleTo(m []int32, length float64) {
	var sum float64
	for _, v := range m {
		sum += float64(v) * float64(v)
	}
	f := length * (1 << hw.MasterFraction) / math.Sqrt(sum)
	for i, v := range m {
		m[i] = int32(float64(v) * f)
	}
}

// A contextFill makes the elements of a context of the scale 2^peakBits.
type contextFill struct {
	name string
	fill func(rng *rand.Rand, c []int16, peakBits int)
}

var contextFills = []contextFill{
	{"random", func(rng *rand.Rand, c []int16, p int) {
		for i := range c {
			c[i] = int16(rng.IntN(1<<p + 1))
		}
	}},
	{"sparse", func(rng *rand.Rand, c []int16, p int) {
		for i := range c {
			c[i] = 0
			if rng.IntN(16) == 0 {
				c[i] = int16(rng.IntN(1<<p + 1))
			}
		}
	}},
	{"all fired now", func(_ *rand.Rand, c []int16, p int) {
		for i := range c {
			c[i] = 1 << p
		}
	}},
	{"the centre alone", func(_ *rand.Rand, c []int16, _ int) { clear(c) }},
	{"the last alone", func(_ *rand.Rand, c []int16, p int) {
		clear(c)
		c[len(c)-1] = 1 << p
	}},
}

// fillContext makes a context, its centre the event itself.
func fillContext(rng *rand.Rand, f contextFill, c []int16) {
	p := hw.PeakBits(len(c))
	f.fill(rng, c, p)
	c[len(c)/2] = 1 << p
}
