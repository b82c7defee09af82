//go:build !purego

package cpu

import (
	"unsafe"

	"github.com/saccade-dev/saccade/hw"
)

func init() {
	hw.Register(neon{}, 20)
}

// neon is the target of arm64, with registers of 128 bits.
type neon struct{}

// Name is neon.
func (neon) Name() string { return "neon" }

// Describe says what of the processor it uses.
func (neon) Describe() string { return "NEON: 4 neurons a register, 16 a group" }

// Usable is nil unless it is switched off: every arm64 processor that Go runs on
// has NEON.
func (neon) Usable() error { return hw.SwitchedOff("neon") }

// Kernels are the inner loops in NEON.
func (neon) Kernels() *hw.Kernels {
	return &hw.Kernels{
		Context:     contextLanes,
		WeightWords: laneWords,
		Pack: func(weights []uint64, _, neuron int, master []int32) {
			if len(master) > 0 {
				packNEON(lane(weights, neuron, len(master)), &master[0], len(master))
			}
		},
		Match: matchLanes,
		Learn: func(master []int32, c []int16, reciprocal uint32, eta int32) {
			if len(master) > 0 {
				_ = c[len(master)-1]
				learnNEON(&master[0], &c[0], len(master), reciprocal, eta)
			}
		},
	}
}

// Neurons lie across the lanes of registers, 16 of them in a group; a lane holds
// the weight of one element. Groups follow each other, in a group the elements,
// in an element the 16 neurons. Elements are padded with weights of zero to whole
// quads, as many as one load of the context brings. A word of 64 bits holds four
// lanes.
const (
	lanes = 16
	quad  = 4
)

func groups(neurons int) int { return (neurons + lanes - 1) / lanes }

func quads(elements int) int { return (elements + quad - 1) / quad }

// quadWords is the memory of a group's quad in words.
const quadWords = quad * lanes / 4

func laneWords(neurons, elements int) int { return groups(neurons) * quads(elements) * quadWords }

// lane is where the weights of a neuron with that many elements begin, after a
// check that they end within weights.
func lane(weights []uint64, neuron, elements int) *int16 {
	first := neuron/lanes*quads(elements)*quad*lanes + neuron%lanes
	_ = weights[(first+(elements-1)*lanes)/4]
	return (*int16)(unsafe.Add(unsafe.Pointer(&weights[0]), 2*first))
}

func matchLanes(dots []int32, weights []uint64, c []int16) {
	if len(dots) == 0 {
		return
	}
	n := len(weights) / (groups(len(dots)) * quadWords)
	if n == 0 {
		clear(dots)
		return
	}
	_ = c[n*quad-1]
	whole := len(dots) / lanes
	if whole > 0 {
		matchNEON(&dots[0], &weights[0], &c[0], whole, n)
	}
	if rest := dots[whole*lanes:]; len(rest) > 0 {
		var group [lanes]int32
		matchNEON(&group[0], &weights[whole*n*quadWords], &c[0], 1, n)
		copy(rest, group[:])
	}
}

func contextLanes(c []int16, surface []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
	if side < 4 { // no register is full
		return context(c, surface, stride, side, now, d)
	}
	_, _ = c[side*side-1], surface[(side-1)*stride+side-1]
	return contextNEON(&c[0], &surface[0], stride, side, now, d.Horizon,
		uint64(d.Left), uint64(d.Right), d.Round, d.Rate, uint32(d.PeakBits))
}

// matchNEON is the match of whole groups of 16 neurons, with that many quads of
// elements each, at least one:
//
//	for g := range groups {
//		for i := range 16 {
//			dots[16*g+i] = 0
//			for j := range 4 * quads {
//				dots[16*g+i] += int32(weights[g][j][i]) * int32(c[j])
//			}
//		}
//	}
//
//go:noescape
func matchNEON(dots *int32, weights *uint64, c *int16, groups, quads int)

// contextNEON is the context of a side of at least 4. With the parameters of the
// decay it is
//
//	for y := range side {
//		for x := range side {
//			age := min(now-min(surface[y*stride+x], now), horizon)
//			u := (age<<left + round) >> right * rate
//			f := u >> 12 & 0x7fff
//			m := polyC0 - mulhrs(f, polyC1-mulhrs(f, polyC2-mulhrs(f, polyC3)))
//			c[y*side+x] = mulhrs(m, 1<<(peak+1)>>(u>>27))
//			sum += c[y*side+x] * c[y*side+x]
//		}
//	}
//	return sum
//
//go:noescape
func contextNEON(c *int16, surface *uint32, stride, side int, now, horizon uint32, left, right uint64, round, rate, peak uint32) uint32

// learnNEON is the learning step of n weights:
//
//	for i := range n {
//		master[i] += MulHigh(Normalised(c[i], reciprocal)-master[i], eta)
//		sum += int64(master[i]) * int64(master[i])
//	}
//	for i := range n {
//		master[i] += MulHigh(master[i], Renormal(sum))
//	}
//
//go:noescape
func learnNEON(master *int32, c *int16, n int, reciprocal uint32, eta int32)

// packNEON puts the n match weights of one neuron, whose first is at weights,
// where matchNEON takes them from:
//
//	for j := range n {
//		weights[16*j] = MatchWeight(master[j])
//	}
//
//go:noescape
func packNEON(weights *int16, master *int32, n int)
