//go:build amd64 && !purego

package cpu

import (
	"errors"

	"github.com/klauspost/cpuid/v2"

	"github.com/saccade-dev/saccade/hw"
)

func init() {
	hw.Register(avx2{}, 20)
}

// avx2 is the target with registers of 256 bits.
type avx2 struct{}

// Name is avx2.
func (avx2) Name() string { return "avx2" }

// Describe says what of the processor it uses.
func (avx2) Describe() string { return "AVX2: 8 neurons a register, pairs of weights" }

// Usable tells whether the processor, and the system on it, have AVX2.
func (avx2) Usable() error {
	if err := hw.SwitchedOff("avx2"); err != nil {
		return err
	}
	if !cpuid.CPU.Supports(cpuid.AVX2) {
		return errors.New("the processor, or the system on it, has no AVX2")
	}
	return nil
}

// Kernels are the inner loops in AVX2.
func (avx2) Kernels() *hw.Kernels {
	return &hw.Kernels{
		Context:     context2,
		WeightWords: laneWords,
		Pack: func(weights []uint64, _, neuron int, master []int32) {
			if len(master) > 0 {
				packAVX2(lane(weights, neuron, len(master)), &master[0], len(master))
			}
		},
		Match: match2,
		Learn: func(master []int32, c []int16, reciprocal uint32, eta int32) {
			if len(master) > 0 {
				_ = c[hw.ContextLen(len(master))-1]
				learnAVX2(&master[0], &c[0], len(master), reciprocal, eta)
			}
		},
	}
}

func context2(c []int16, surface []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
	if side < 8 { // no register is full
		return context(c, surface, stride, side, now, d)
	}
	_, _ = c[side*side-1], surface[(side-1)*stride+side-1]
	return contextAVX2(&c[0], &surface[0], stride, side, now, d.Horizon,
		uint64(d.Left), uint64(d.Right), d.Round, d.Rate, uint32(d.PeakBits+1))
}

func match2(dots []int32, weights []uint64, c []int16) {
	pairs := pairsOf(dots, weights)
	if pairs == 0 {
		return
	}
	_ = c[2*pairs-1]
	whole := len(dots) / lanes
	if whole > 0 {
		matchAVX2(&dots[0], &weights[0], &c[0], whole, pairs)
	}
	if rest := dots[whole*lanes:]; len(rest) > 0 {
		var group [lanes]int32
		matchAVX2(&group[0], &weights[whole*pairs*lanes/2], &c[0], 1, pairs)
		copy(rest, group[:])
	}
}
