//go:build amd64 && !purego

package cpu

import (
	"errors"

	"github.com/klauspost/cpuid/v2"

	"github.com/saccade-dev/saccade/hw"
)

func init() {
	hw.Register(avx512{}, 30)
}

// avx512 is the target with registers of 512 bits, and with their dot product of
// 16-bit pairs (VNNI) where the machine has it.
type avx512 struct{}

// Name is avx512.
func (avx512) Name() string { return "avx512" }

// Describe says what of the processor it uses.
func (avx512) Describe() string {
	if cpuid.CPU.Supports(cpuid.AVX512VNNI) {
		return "AVX-512 with VNNI: 16 neurons a register, pairs of weights"
	}
	return "AVX-512: 16 neurons a register, pairs of weights"
}

// Usable tells whether the processor, and the system on it, have AVX-512.
func (avx512) Usable() error {
	if err := hw.SwitchedOff("avx512"); err != nil {
		return err
	}
	if !cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512DQ) {
		return errors.New("the processor, or the system on it, has no AVX-512 (F, BW, VL, DQ)")
	}
	return nil
}

// Kernels are the inner loops in AVX-512.
func (avx512) Kernels() *hw.Kernels {
	return avx512Kernels(cpuid.CPU.Supports(cpuid.AVX512VNNI))
}

func avx512Kernels(vnni bool) *hw.Kernels {
	match := matchAVX512
	if vnni {
		match = matchVNNI
	}
	return &hw.Kernels{
		Context: func(c []int16, surface []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
			_, _ = c[side*side-1], surface[(side-1)*stride+side-1]
			return contextAVX512(&c[0], &surface[0], stride, side, now, d.Horizon,
				uint64(d.Left), uint64(d.Right), d.Round, d.Rate, uint32(d.PeakBits+1))
		},
		WeightWords: laneWords,
		Pack: func(weights []uint64, _, neuron int, master []int32) {
			if len(master) > 0 {
				packAVX512(lane(weights, neuron, len(master)), &master[0], len(master))
			}
		},
		Match: func(dots []int32, weights []uint64, c []int16) {
			if pairs := pairsOf(dots, weights); pairs > 0 {
				_ = c[2*pairs-1]
				match(&dots[0], &weights[0], &c[0], len(dots), pairs)
			}
		},
		Learn: func(master []int32, c []int16, reciprocal uint32, eta int32) {
			if len(master) > 0 {
				_ = c[hw.ContextLen(len(master))-1]
				learnAVX512(&master[0], &c[0], len(master), reciprocal, eta)
			}
		},
	}
}
