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
func (avx2) Describe() string { return "AVX2: 16 weights a register" }

// Usable tells whether the processor, and the system on it, have AVX2.
func (avx2) Usable() error {
	if err := hw.SwitchedOff("avx2"); err != nil {
		return err
	}
	if !cpuid.CPU.Supports(cpuid.AVX2, cpuid.BMI1, cpuid.POPCNT) {
		return errors.New("the processor, or the system on it, has no AVX2")
	}
	return nil
}

// Kernels are the inner loops in AVX2.
func (avx2) Kernels() *hw.Kernels {
	return instructionsAVX2.kernels(deltaAVX2())
}
