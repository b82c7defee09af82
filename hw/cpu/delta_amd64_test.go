//go:build !purego

package cpu

import "github.com/klauspost/cpuid/v2"

// A machine that has VNNI never takes the way of one that has not.
func init() {
	if cpuid.CPU.Supports(cpuid.AVX2) {
		deltaSets = append(deltaSets, deltaSet{"avx2", deltaAVX2()})
	}
	if cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512VL, cpuid.AVX512DQ) {
		deltaSets = append(deltaSets, deltaSet{"avx512-without-vnni", deltaAVX512(false)})
		if cpuid.CPU.Supports(cpuid.AVX512VNNI) {
			deltaSets = append(deltaSets, deltaSet{"avx512", deltaAVX512(true)})
		}
	}
}
