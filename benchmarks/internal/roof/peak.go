package roof

import (
	"math/rand/v2"
	"unsafe"
)

// Peak is the greatest rate of a resource, as far as it was measured.
type Peak struct {
	ways []way
}

// way is a loop that uses the resource and nothing else.
type way struct {
	name   string
	amount int // of the resource, a round
	runs   *Runs
}

// peakRuns is how many runs a peak is the best of at least.
const peakRuns = 400

func (p *Peak) add(name string, amount int, do func(rounds int)) {
	p.ways = append(p.ways, way{name, amount, &Runs{Do: do}})
}

// Measure adds a run to those that the peak is the best of.
func (p *Peak) Measure() {
	for _, w := range p.ways {
		w.runs.Next()
	}
}

// Rate is the peak in bytes or products a second. Where there were few runs so far, it
// makes more first.
func (p *Peak) Rate() float64 {
	var rate float64
	for _, w := range p.ways {
		for w.runs.Count() < peakRuns {
			w.runs.Next()
		}
		rate = max(rate, float64(w.amount)/w.runs.Best())
	}
	return rate
}

// newBlocks is memory that begins on a cache line.
func newBlocks(blocks int) []uint32 {
	const line = 64
	s := make([]uint32, blocks*blockWords+line/4)
	skip := -uintptr(unsafe.Pointer(unsafe.SliceData(s))) % line / 4
	s = s[skip:][:blocks*blockWords]
	rng := rand.New(rand.NewPCG(uint64(blocks), 0))
	for i := range s {
		s[i] = rng.Uint32()
	}
	return s
}

// newVector is a vector of odd numbers: powers of even ones soon are zero.
func newVector(seed uint64) *vector {
	rng := rand.New(rand.NewPCG(seed, 0))
	v := new(vector)
	for i := range v {
		v[i] = int32(rng.Uint32() | 0x00010001)
	}
	return v
}
