//go:build amd64 && !purego

package cpu

import (
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
		return "AVX-512 with VNNI: 32 weights a register"
	}
	return "AVX-512: 32 weights a register"
}

// Features are those that the assembly has instructions of.
func (avx512) Features() []hw.Feature {
	return features([]cpuid.FeatureID{cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512DQ, cpuid.POPCNT}, cpuid.AVX512VNNI)
}

// Usable tells whether the processor, and the system on it, have them.
func (t avx512) Usable() error {
	if err := hw.SwitchedOff("avx512"); err != nil {
		return err
	}
	return hw.Missing(t.Features())
}

// Kernels are the inner loops in AVX-512.
func (avx512) Kernels() *hw.Kernels {
	return avx512Kernels(cpuid.CPU.Supports(cpuid.AVX512VNNI))
}

func avx512Kernels(vnni bool) *hw.Kernels {
	delta := deltaAVX512(vnni)
	if vnni {
		return instructionsVNNI.kernels(delta)
	}
	return instructionsAVX512.kernels(delta)
}
