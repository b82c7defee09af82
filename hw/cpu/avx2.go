//go:build amd64 && !purego

package cpu

import (
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
func (avx2) Describe() string { return "AVX2: 16 weights a register" }

// Features are those that the assembly has instructions of.
func (avx2) Features() []hw.Feature {
	return features([]cpuid.FeatureID{cpuid.AVX2, cpuid.POPCNT})
}

// Usable tells whether the processor, and the system on it, have them.
func (t avx2) Usable() error {
	if err := hw.SwitchedOff("avx2"); err != nil {
		return err
	}
	return hw.Missing(t.Features())
}

// Kernels are the inner loops in AVX2.
func (avx2) Kernels() *hw.Kernels {
	return instructionsAVX2.kernels(deltaAVX2())
}
