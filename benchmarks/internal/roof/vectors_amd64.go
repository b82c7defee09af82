//go:build amd64 && !purego

package roof

import (
	"unsafe"

	"github.com/klauspost/cpuid/v2"
)

//go:generate go run -C _asm . -out ../loops_amd64.s -stubs ../loops_amd64.go -pkg roof

// vectors are the units of vectors that the machine has and the system lets use.
func vectors() []*Unit {
	var units []*Unit
	if cpuid.CPU.Supports(cpuid.AVX2) {
		units = append(units, &Unit{Name: "256", Bits: 256, Vector: true, loops: loops{
			load: loads(load256), store: stores(store256),
			products: []productLoop{
				{MulAdd16, "VPMADDWD+VPADDD", maddTimes, mulAdds16(madd256)},
				{Mul16, "VPMULLW", chains, muls16(mul16x256)},
				{Mul32, "VPMULLD", chains, muls32(mul32x256)},
			},
		}})
	}
	if cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW) {
		u := &Unit{Name: "512", Bits: 512, Vector: true, loops: loops{
			load: loads(load512), store: stores(store512),
			products: []productLoop{
				{MulAdd16, "VPMADDWD+VPADDD", maddTimes, mulAdds16(madd512)},
				{Mul16, "VPMULLW", chains, muls16(mul16x512)},
				{Mul32, "VPMULLD", chains, muls32(mul32x512)},
			},
		}}
		if cpuid.CPU.Supports(cpuid.AVX512VNNI) {
			u.products = append(u.products, productLoop{MulAdd16, "VPDPWSSD", chains, mulAdds16(vnni512)})
		}
		units = append(units, u)
	}
	return units
}

// What the loops of the generator do a round.
const (
	maddTimes = 8
	chains    = 12
)

func loads(f func(sums, p *uint32, blocks, rounds int)) func(sums *vector, p []uint32, rounds int) {
	return func(sums *vector, p []uint32, rounds int) {
		checkRounds(rounds)
		f((*uint32)(unsafe.Pointer(sums)), unsafe.SliceData(p), blocksOf(p), rounds)
	}
}

func stores(f func(p *uint32, blocks, rounds int, value uint32)) func(p []uint32, rounds int, value uint32) {
	return func(p []uint32, rounds int, value uint32) {
		checkRounds(rounds)
		f(unsafe.SliceData(p), blocksOf(p), rounds, value)
	}
}

func mulAdds16(f func(sums *int32, x, y *int16, rounds int)) func(sums, x, y *vector, rounds int) {
	return func(sums, x, y *vector, rounds int) {
		checkRounds(rounds)
		f(&sums[0], &x.int16s()[0], &y.int16s()[0], rounds)
	}
}

func muls16(f func(sums, x, y *int16, rounds int)) func(sums, x, y *vector, rounds int) {
	return func(sums, x, y *vector, rounds int) {
		checkRounds(rounds)
		f(&sums.int16s()[0], &x.int16s()[0], &y.int16s()[0], rounds)
	}
}

func muls32(f func(sums, x, y *int32, rounds int)) func(sums, x, y *vector, rounds int) {
	return func(sums, x, y *vector, rounds int) {
		checkRounds(rounds)
		f(&sums[0], &x[0], &y[0], rounds)
	}
}
