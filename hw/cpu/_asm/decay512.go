package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// decay512 is what the decay needs in registers.
type decay512 struct {
	avx512
	now, horizon, left, right, rate, top, sum VecVirtual
	short                                     bool // ages may have to be shifted to the left
	linear                                    bool
	kept                                      map[Mem]VecVirtual
}

// keep loads constants that are used again and again; others are loaded for each use.
func (k *decay512) keep(constants ...Mem) {
	k.kept = map[Mem]VecVirtual{}
	for _, c := range constants {
		v := ZMM()
		VMOVDQU64(c, v)
		k.kept[c] = v
	}
}

// constant is a constant in a register.
func (k *decay512) constant(c Mem) VecVirtual {
	if v, ok := k.kept[c]; ok {
		return v
	}
	v := ZMM()
	VMOVDQU64(c, v)
	return v
}

// unit is 32 values: how two times 16 cells come into registers, the mask of the
// values, nil for all of them, and how they are put into memory.
type unit struct {
	first, second func(VecVirtual)
	mask          Register
	store         func(VecVirtual)
}

// masked loads 16 cells, those of a mask.
func masked(from Mem, mask Register) func(VecVirtual) {
	return func(v VecVirtual) { VMOVDQU32_Z(from, mask, v) }
}

// halves stores 32 values in two places.
func halves(to, toSecond Mem) func(VecVirtual) {
	return func(v VecVirtual) {
		VMOVDQU(v.AsY(), to)
		upper := YMM()
		VEXTRACTI64X4(Imm(1), v, upper)
		VMOVDQU(upper, toSecond)
	}
}

// units computes 32 values of each unit, as hw.Decay.Value does, all units in step,
// so that one does not wait for its own results. Ages have a sign; packing them to
// 16 bits without one makes cells of the future cells of now, and what is older than
// 16 bits can tell has the value zero. Where an age is shifted to the left, the
// horizon has less than 16 bits, and it counts as the horizon behind it.
func (k *decay512) units(us ...unit) {
	n := len(us)
	registers := func() []VecVirtual {
		r := make([]VecVirtual, n)
		for i := range r {
			r[i] = ZMM()
		}
		return r
	}
	each := func(f func(i int)) {
		for i := range us {
			f(i)
		}
	}
	a, b := registers(), registers()
	each(func(i int) { us[i].first(a[i]) })
	each(func(i int) { us[i].second(b[i]) })
	for _, half := range [][]VecVirtual{a, b} {
		each(func(i int) { VPSUBD(half[i], k.now, half[i]) })
		each(func(i int) { VPSRAVD(k.right, half[i], half[i]) })
	}
	order := k.constant(unpacked)
	each(func(i int) { VPACKUSDW(b[i], a[i], a[i]) })
	each(func(i int) { VPERMQ(a[i], order, a[i]) })
	if k.short || k.linear {
		each(func(i int) { VPMINUW(k.horizon, a[i], a[i]) })
		each(func(i int) { VPSLLVW(k.left, a[i], a[i]) })
	}
	m := registers()
	if k.linear {
		each(func(i int) { VPMULHUW(k.rate, a[i], a[i]) })
		each(func(i int) { VPSUBUSW_Z(a[i], k.top, us[i].mask, m[i]) })
	} else {
		k.exponential(a, m, us)
	}
	each(func(i int) { us[i].store(m[i]) })
	each(func(i int) { k.madd(m[i], m[i], k.sum) })
}

// exponential computes m from units.
func (k *decay512) exponential(a, m []VecVirtual, us []unit) {
	registers := func() []VecVirtual {
		r := make([]VecVirtual, len(a))
		for i := range r {
			r[i] = ZMM()
		}
		return r
	}
	each := func(f func(i int)) {
		for i := range a {
			f(i)
		}
	}
	// units*rate is the age in octaves, Q5.27.
	lo, octave := registers(), registers()
	each(func(i int) { VPMULLW(k.rate, a[i], lo[i]) })
	each(func(i int) { VPMULHUW(k.rate, a[i], a[i]) })
	each(func(i int) { VPSRLW(Imm(12), lo[i], lo[i]) })
	each(func(i int) { VPSRLW(Imm(11), a[i], octave[i]) })
	each(func(i int) { VPSLLW(Imm(4), a[i], a[i]) })
	constant := k.constant(word(0x7ff0))
	each(func(i int) { VPTERNLOGD(Imm(0xea), lo[i], constant, a[i]) }) // a&0x7ff0 | lo: the fraction in Q15
	third := Op(word(polyC3))
	if v, ok := k.kept[word(polyC3)]; ok {
		third = v
	}
	each(func(i int) { VPMULHRSW(third, a[i], m[i]) })
	each(func(i int) { VPSRLVW(octave[i], k.top, octave[i]) }) // 2^(PeakBits+1-octave)
	for _, c := range []int{polyC2, polyC1, polyC0} {
		constant := k.constant(word(c))
		each(func(i int) { VPSUBW(m[i], constant, m[i]) })
		if c != polyC0 {
			each(func(i int) { VPMULHRSW(a[i], m[i], m[i]) })
		}
	}
	each(func(i int) {
		if us[i].mask == nil {
			VPMULHRSW(octave[i], m[i], m[i])
		} else {
			VPMULHRSW_Z(octave[i], m[i], us[i].mask, m[i])
		}
	})
}
