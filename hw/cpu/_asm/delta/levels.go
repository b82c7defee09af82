package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A sum times its multiplier has 64 bits and is rounded by a shift: half a level is added
// by shifting one bit less, adding one and shifting by that bit,
//
//	(p + 1<<(s-1)) >> s = ((p >> (s-1)) + 1) >> 1
//
// which holds for shifts that round down and spares a register of halves.

// rounder turns sums into levels, half a register of them at a time.
type rounder struct {
	bytes      int
	each       bool // sums have multipliers and shifts of their own
	mul, shift Register
	low, high  VecVirtual // quad words
	one        Mem
	// Of all sums, where they share them.
	factor, less VecVirtual // the multiplier, and the shift less one
	// AVX2 has no shift of 64 bits that keeps the sign: numbers are shifted as those
	// without one that are 2^63 larger.
	sign, unsign VecVirtual
}

func newRounder(bytes int, each bool) *rounder {
	r := &rounder{bytes: bytes, each: each, low: vector(bytes), high: vector(bytes), one: table("ones64", 64, 1, 0)}
	r.mul, r.shift = Load(Param("mul"), GP64()), Load(Param("shift"), GP64())
	number := GP64()
	r.quad(loadLong("low"), r.low)
	r.quad(loadLong("high"), r.high)
	if bytes == 32 {
		r.sign = YMM()
		MOVQ(U64(1<<63), number)
		r.quad(number, r.sign)
	}
	if !each {
		r.factor, r.less = vector(bytes), vector(bytes)
		MOVLQSX(Mem{Base: r.mul}, number)
		r.quad(number, r.factor)
		MOVLQSX(Mem{Base: r.shift}, number)
		DECQ(number)
		r.quad(number, r.less)
		if bytes == 32 {
			r.unsign = YMM()
			VPSRLVQ(r.less, r.sign, r.unsign)
			VPSRLQ(Imm(1), r.unsign, r.unsign)
		}
	}
	return r
}

func loadLong(name string) GPVirtual {
	x := GP64()
	short := Load(Param(name), GP32())
	MOVLQSX(short, x)
	return x
}

// quad puts a quad word into all lanes.
func (r *rounder) quad(from Register, to VecVirtual) {
	if r.bytes == 64 {
		VPBROADCASTQ(from, to)
		return
	}
	VMOVQ(from, to.AsX())
	VPBROADCASTQ(to.AsX(), to)
}

// half gives the levels, as quad words, of half a register of sums.
func (r *rounder) half(sums Mem, half int) VecVirtual {
	x, factor, less := vector(r.bytes), r.factor, r.less
	disp := half * r.bytes / 2
	VPMOVSXDQ(sums.Offset(disp), x)
	if r.each {
		factor, less = vector(r.bytes), vector(r.bytes)
		VPMOVSXDQ(Mem{Base: r.mul, Disp: disp}, factor)
		VPMOVSXDQ(Mem{Base: r.shift, Disp: disp}, less)
		VPSUBQ(r.one, less, less)
	}
	VPMULDQ(factor, x, x)
	if r.bytes == 64 {
		VPSRAVQ(less, x, x)
		VPADDQ(r.one, x, x)
		VPSRAQ(Imm(1), x, x)
		VPMINSQ(r.high, x, x)
		VPMAXSQ(r.low, x, x)
		return x
	}
	unsign, beyond := r.unsign, YMM()
	if r.each {
		unsign = YMM()
		VPSRLVQ(less, r.sign, unsign)
		VPSRLQ(Imm(1), unsign, unsign)
	}
	VPXOR(r.sign, x, x)
	VPSRLVQ(less, x, x)
	VPADDQ(r.one, x, x)
	VPSRLQ(Imm(1), x, x)
	VPSUBQ(unsign, x, x)
	VPCMPGTQ(r.high, x, beyond)
	VPBLENDVB(beyond, r.high, x, x)
	VPCMPGTQ(x, r.low, beyond)
	VPBLENDVB(beyond, r.low, x, x)
	return x
}

// next gives the levels of a register of sums, as dwords.
func (r *rounder) next(sums Mem) VecVirtual {
	a, b := r.half(sums, 0), r.half(sums, 1)
	x := vector(r.bytes)
	if r.bytes == 64 {
		lower, upper := YMM(), YMM()
		VPMOVQD(a, lower)
		VPMOVQD(b, upper)
		VINSERTI64X4(Imm(1), upper, lower.AsZ(), x)
	} else {
		VSHUFPS(Imm(0x88), b, a, x)
		VPERMQ(Imm(0xd8), x, x)
	}
	if r.each {
		ADDQ(Imm(uint64(r.bytes)), r.mul)
		ADDQ(Imm(uint64(r.bytes)), r.shift)
	}
	return x
}

// levels turns sums into levels and lists what changed.
func levels(bytes int, each bool) {
	isa, lanes, name, of := isaOf(bytes), bytes/4, "levelsSame", "0"
	if each {
		name, of = "levelsEach", "i"
	}
	TEXT(name+isa, NOSPLIT, "func(list *int32, levels *int32, sums *int32, count int, first int32, mul *int32, shift *int32, low int32, high int32, threshold int32) (n int, nonzero int)")
	Pragma("noescape")
	Doc(name+isa+" turns sums into levels and lists which are others than before, by more than a",
		"threshold. The sums are a multiple of "+numberOf(lanes)+", at least that, and the list has room for as many.",
		"",
		"\tfor i, v := range sums {",
		"\t\tlevel := max(min((int64(v)*mul["+of+"] + 1<<(shift["+of+"]-1)) >> shift["+of+"], high), low)",
		"\t\tif d := level - levels[i]; d > threshold || -d > threshold {",
		"\t\t\tlist[n] = Delta{first + int32(i), d}",
		"\t\t\tn++",
		"\t\t\tnonzero += isNonzero(level) - isNonzero(levels[i])",
		"\t\t\tlevels[i] = level",
		"\t\t}",
		"\t}")
	l := newLister(bytes)
	out := Load(Param("levels"), GP64())
	sums := Load(Param("sums"), GP64())
	count := Load(Param("count"), GP64())
	r := newRounder(bytes, each)
	// The least difference that is passed on.
	number, least := Load(Param("threshold"), GP32()), vector(bytes)
	INCL(number)
	broadcast(number, least)
	Label("next")
	level, old, difference, apart := r.next(Mem{Base: sums}), vector(bytes), vector(bytes), vector(bytes)
	loadVector(Mem{Base: out}, old)
	VPSUBD(old, level, difference)
	VPABSD(difference, apart)
	if bytes == 64 {
		k, now, bits := K(), ZMM(), GP32()
		VPCMPUD(Imm(5), least, apart, k) // not less
		KMOVW(k, bits)
		TESTL(bits, bits)
		JZ(LabelRef("none"))
		VPBLENDMD(level, old, k, now)
		storeVector(now, Mem{Base: out})
		l.countZeros(old, now)
		l.append16(difference, k, bits)
	} else {
		changed, now, bits := YMM(), YMM(), GP32()
		VPMAXUD(least, apart, changed)
		VPCMPEQD(apart, changed, changed)
		VMOVMSKPS(changed, bits)
		TESTL(bits, bits)
		JZ(LabelRef("none"))
		VPBLENDVB(changed, level, old, now)
		storeVector(now, Mem{Base: out})
		l.countZeros(old, now)
		l.append8(difference, bits)
	}
	l.next()
	ADDQ(Imm(uint64(bytes)), out)
	ADDQ(Imm(uint64(bytes)), sums)
	SUBQ(Imm(uint64(lanes)), count)
	JNZ(LabelRef("next"))
	l.finish()
	VZEROUPPER()
	RET()
}
