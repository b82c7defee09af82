//go:build !purego

package cpu

import (
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
func (neon) Describe() string {
	return "NEON: 8 elements of 4 neurons and 4 contexts at a time"
}

// Features is ASIMD, which every arm64 processor has that Go runs on.
func (neon) Features() []hw.Feature {
	return []hw.Feature{{Name: "ASIMD", Required: true, Present: true}}
}

// Usable is nil unless it is switched off: every arm64 processor that Go runs on
// has NEON.
func (neon) Usable() error { return hw.SwitchedOff("neon") }

// Kernels are the inner loops in NEON.
func (neon) Kernels() *hw.Kernels {
	return &hw.Kernels{Run: runSteps, Context: contextBlocks, Match: matchBlocks, Learn: learnBlocks, Delta: deltaNEON()}
}

// A block is what a register holds of int16: 8 elements. Kernels go over whole
// blocks, as there are zeros behind the elements.
const block = 8

func blocks(elements int) int { return (elements + block - 1) / block }

const (
	int16Bytes = 2
	int32Bytes = 4
)

func contextBlocks(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
	checkContext(c, cells, first, p)
	patch := newNEONPatch(p, cells)
	return contextNEON(&c[0], &patch, first, now)
}

func matchBlocks(dots []int32, weights, contexts []int16, neurons, elements int) {
	row, space, dotRow := hw.ContextLen(elements), hw.ContextSpace(elements), hw.DotLen(neurons)
	checkMatch(dots, weights, contexts, neurons, elements)
	matchNEON(&dots[0], &weights[0], &contexts[0], hw.NeuronRows(neurons)/4, blocks(elements),
		row*int16Bytes, space*int16Bytes, dotRow*int32Bytes)
}

func learnBlocks(master []int32, weights, c []int16, p hw.Pull) (squares uint32) {
	checkLearn(master, weights, c, p)
	shift := min(p.Shift, 16) // of 16 bits: a register knows no greater ones
	return learnNEON(&master[0], &weights[0], &c[0], len(master)/block, shift, p.Factor, p.Rate, p.Renormal, p.Drop)
}

// contextNEON is the context of the patch whose first cell has that index, 8 pixels
// at a time. With the parameters of the decay it is
//
//	for plane := range planes {
//		for y := range side {
//			for x := range side {
//				cell := cells[first+plane*Plane+y*Stride+x]
//				age := min(now-min(cell, now), horizon)
//				u := (age<<left + round) >> right * rate
//				f := u >> 12 & 0x7fff
//				m := polyC0 - mulhrs(f, polyC1-mulhrs(f, polyC2-mulhrs(f, polyC3)))
//				v := mulhrs(m, 1<<(peak+1)>>(u>>27))
//				c[(plane*side+y)*side+x] = v
//				sum += v * v
//			}
//		}
//	}
//	return sum
//
// It writes up to 7 zeros behind the elements.
//
//go:noescape
func contextNEON(c *int16, p *neonPatch, first int, now uint32) uint32

// matchNEON is the match of groups of 4 neurons with 4 contexts; what is from row to
// row is in bytes:
//
//	for i := range 4 * groups {
//		for k := range 4 {
//			dots[k][i] = 0
//			for j := range 8 * blocks {
//				dots[k][i] += int32(weights[i][j]) * int32(contexts[k][j])
//			}
//		}
//	}
//
//go:noescape
func matchNEON(dots *int32, weights, contexts *int16, groups, blocks, row, space, dotRow int)

// learnNEON is the learning step of blocks of 8 weights, modulo 2^32:
//
//	for i := range 8 * blocks {
//		d := int32(Difference(Normalised(c[i], shift, factor), weights[i]))
//		master[i] += (d*int32(rate) + int32(weights[i])*int32(renormal) + 1<<(drop-1)) >> drop
//		weights[i] = MatchWeight(master[i])
//		squares += int32(weights[i]) * int32(weights[i])
//	}
//	return squares
//
// drop is from 1 to 31.
//
//go:noescape
func learnNEON(master *int32, weights, c *int16, blocks int, shift uint, factor uint16, rate, renormal int16, drop uint) (squares uint32)
