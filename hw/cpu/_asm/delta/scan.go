package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

const (
	deltaBytes = 8  // an index and a value
	tapBytes   = 12 // two indices and a value
)

// A delta is scanned as a quad word, its index in the lower half. Index and value
// share one unsigned maximum: a value counts as v^(v>>31), which is v, or -v-1 for
// v below zero, and an index below zero as what is larger than any other.

// fold makes the maximum of the dwords of x at the same place of a quad word, and
// returns it as a result of 64 bits.
func fold(x VecVirtual) {
	if x.Size() == 64 {
		upper := YMM()
		VEXTRACTI64X4(Imm(1), x, upper)
		VPMAXUD(upper, x.AsY(), x.AsY())
	}
	upper := XMM()
	VEXTRACTI128(Imm(1), x.AsY(), upper)
	VPMAXUD(upper, x.AsX(), x.AsX())
	VPSHUFD(Imm(0x4e), x.AsX(), upper)
	VPMAXUD(upper, x.AsX(), x.AsX())
	result := GP64()
	VMOVQ(x.AsX(), result)
	VZEROUPPER()
	Store(result, ReturnIndex(0))
	RET()
}

func scanDeltas(isa string) {
	TEXT("scanDeltas"+isa, NOSPLIT, "func(deltas *int32, count int) uint64")
	Pragma("noescape")
	Doc("scanDeltas"+isa+" returns, of count deltas, the largest index in the lower half of its",
		"result and the largest magnitude in the upper half, both as uint32:",
		"",
		"\tfor _, d := range deltas {",
		"\t\tindex = max(index, uint32(d.Index))",
		"\t\tmagnitude = max(magnitude, uint32(d.Value^d.Value>>31))",
		"\t}")
}

func scanDeltasAVX512() {
	scanDeltas("AVX512")
	deltas := Load(Param("deltas"), GP64())
	count := Load(Param("count"), GP64())
	values, most, x, sign := K(), ZMM(), ZMM(), ZMM()
	odd := GP32()
	MOVL(U32(0xaaaa), odd)
	KMOVW(odd, values)
	VPXORD(most, most, most)
	step := func() {
		VPSRAD_Z(Imm(31), x, values, sign)
		VPXORD(sign, x, x)
		VPMAXUD(x, most, most)
	}
	SUBQ(Imm(8), count)
	JL(LabelRef("rest"))
	Label("eight")
	VMOVDQU64(Mem{Base: deltas}, x)
	step()
	ADDQ(Imm(8*deltaBytes), deltas)
	SUBQ(Imm(8), count)
	JGE(LabelRef("eight"))
	Label("rest")
	ADDQ(Imm(8), count)
	VMOVDQU64_Z(Mem{Base: deltas}, first(count), x) // {0, 0} changes no maximum
	step()
	fold(most)
}

func scanDeltasAVX2() {
	scanDeltas("AVX2")
	deltas := Load(Param("deltas"), GP64())
	count := Load(Param("count"), GP64())
	most, x, sign, zero, mask := YMM(), YMM(), YMM(), YMM(), YMM()
	VPXOR(most, most, most)
	VPXOR(zero, zero, zero)
	step := func() {
		VPSRAD(Imm(31), x, sign)
		VPBLENDD(Imm(0xaa), sign, zero, sign)
		VPXOR(sign, x, x)
		VPMAXUD(x, most, most)
	}
	SUBQ(Imm(4), count)
	JL(LabelRef("rest"))
	Label("four")
	VMOVDQU(Mem{Base: deltas}, x)
	step()
	ADDQ(Imm(4*deltaBytes), deltas)
	SUBQ(Imm(4), count)
	JGE(LabelRef("four"))
	Label("rest")
	ADDQ(Imm(4), count)
	// The table holds four quad words of ones and then four of zeros.
	ones := GP64()
	LEAQ(onesThenZeros(), ones)
	NEGQ(count)
	VMOVDQU(Mem{Base: ones, Index: count, Scale: 8, Disp: 32}, mask)
	VPMASKMOVQ(Mem{Base: deltas}, mask, x)
	step()
	fold(most)
}

// first makes the mask of the first count elements, of which there are at most 64.
func first(count Register) Register {
	k, mask := K(), GP64()
	MOVQ(I32(-1), mask)
	BZHIQ(count, mask, mask)
	KMOVQ(mask, k)
	return k
}

func onesThenZeros() Mem {
	ones := make([]uint32, 16)
	for i := range 8 {
		ones[i] = 0xffffffff
	}
	return table("onesThenZeros", 64, ones...)
}

func scanTaps(isa string) {
	TEXT("scanTaps"+isa, NOSPLIT, "func(taps *int32, count int) uint64")
	Pragma("noescape")
	Doc("scanTaps"+isa+" returns, of count taps, the largest Z in the lower half of its result and",
		"the largest W in the upper half, both as uint32:",
		"",
		"\tfor _, t := range taps {",
		"\t\tz, w = max(z, uint32(t.Z)), max(w, uint32(t.W))",
		"\t}")
}

// Three registers hold a whole number of taps, so that lane i of the r-th of them
// always holds the same part of a tap. What the three maxima have of Z goes to the
// even lanes of one, what they have of W to its odd lanes.

func scanTapsAVX512() {
	scanTaps("AVX512")
	taps := Load(Param("taps"), GP64())
	count := Load(Param("count"), GP64())
	most := [3]VecVirtual{ZMM(), ZMM(), ZMM()}
	for _, m := range most {
		VPXORD(m, m, m)
	}
	SUBQ(Imm(16), count)
	JL(LabelRef("rest"))
	Label("sixteen")
	for i, m := range most {
		VPMAXUD(Mem{Base: taps, Disp: 64 * i}, m, m)
	}
	ADDQ(U32(16*tapBytes), taps)
	SUBQ(Imm(16), count)
	JGE(LabelRef("sixteen"))
	Label("rest")
	ADDQ(Imm(16), count)
	words := GP64()
	LEAQ(Mem{Base: count, Index: count, Scale: 2}, words)
	k := first(words)
	x := ZMM()
	for i, m := range most {
		VMOVDQU32_Z(Mem{Base: taps, Disp: 64 * i}, k, x)
		VPMAXUD(x, m, m)
		if i < 2 {
			KSHIFTRQ(Imm(16), k, k)
		}
	}
	// part has the lanes of all of one part of a tap, zero elsewhere.
	part := func(which int) VecVirtual {
		all := ZMM()
		for i, m := range most {
			mask, lanes := 0, K()
			for lane := range 16 {
				if (16*i+lane)%3 == which {
					mask |= 1 << lane
				}
			}
			bits := GP32()
			MOVL(U32(uint32(mask)), bits)
			KMOVW(bits, lanes)
			if i == 0 {
				VMOVDQA32_Z(m, lanes, all)
				continue
			}
			VPMAXUD(m, all, lanes, all)
		}
		return all
	}
	joinParts(part(0), part(1))
}

func scanTapsAVX2() {
	scanTaps("AVX2")
	taps := Load(Param("taps"), GP64())
	count := Load(Param("count"), GP64())
	most := [3]VecVirtual{YMM(), YMM(), YMM()}
	for _, m := range most {
		VPXOR(m, m, m)
	}
	SUBQ(Imm(8), count)
	JL(LabelRef("rest"))
	Label("eight")
	for i, m := range most {
		VPMAXUD(Mem{Base: taps, Disp: 32 * i}, m, m)
	}
	ADDQ(Imm(8*tapBytes), taps)
	SUBQ(Imm(8), count)
	JGE(LabelRef("eight"))
	// The others one by one, into the two lanes that have a Z and the W behind it.
	Label("rest")
	ADDQ(Imm(8), count)
	JZ(LabelRef("all"))
	x := XMM()
	Label("one")
	VMOVQ(Mem{Base: taps}, x)
	VPMAXUD(x, most[0].AsX(), x)
	VINSERTI128(Imm(0), x, most[0], most[0])
	ADDQ(Imm(tapBytes), taps)
	DECQ(count)
	JNZ(LabelRef("one"))
	Label("all")
	part := func(which int) VecVirtual {
		all, some := YMM(), YMM()
		VPXOR(all, all, all)
		for i, m := range most {
			lanes := 0
			for lane := range 8 {
				if (8*i+lane)%3 == which {
					lanes |= 1 << lane
				}
			}
			VPXOR(some, some, some)
			VPBLENDD(Imm(uint64(lanes)), m, some, some)
			VPMAXUD(some, all, all)
		}
		return all
	}
	joinParts(part(0), part(1))
}

// joinParts returns the maximum of all lanes of z beside that of all lanes of w.
func joinParts(z, w VecVirtual) {
	size := int(z.Size())
	for _, x := range []VecVirtual{z, w} {
		swapped := vector(size)
		VPSHUFD(Imm(0xb1), x, swapped)
		VPMAXUD(swapped, x, x)
	}
	if size == 64 {
		k, odd := K(), GP32()
		MOVL(U32(0xaaaa), odd)
		KMOVW(odd, k)
		VMOVDQA32(w, k, z)
	} else {
		VPBLENDD(Imm(0xaa), w, z, z)
	}
	fold(z)
}
