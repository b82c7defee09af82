package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// changes lists what differs between two frames.
func changes(bytes int) {
	isa, lanes := isaOf(bytes), bytes/4
	TEXT("changes"+isa, NOSPLIT, "func(list *int32, before *int32, now *int32, count int, first int32) (n int, nonzero int, least int32, largest int32)")
	Pragma("noescape")
	Doc("changes"+isa+" lists what is other in a frame than in the one before, and makes that one the",
		"same. The values are a multiple of "+numberOf(lanes)+", at least that, and the list has room for as many.",
		"",
		"\tfor i, v := range now {",
		"\t\tif old := before[i]; v != old {",
		"\t\t\tlist[n] = Delta{first + int32(i), v - old}",
		"\t\t\tn++",
		"\t\t\tleast, largest = min(least, v), max(largest, v)",
		"\t\t\tnonzero += isNonzero(v) - isNonzero(old)",
		"\t\t\tbefore[i] = v",
		"\t\t}",
		"\t}")
	l := newLister(bytes)
	before := Load(Param("before"), GP64())
	now := Load(Param("now"), GP64())
	count := Load(Param("count"), GP64())
	least, largest := vector(bytes), vector(bytes)
	loadVector(table("largestNumbers", 64, 0x7fffffff), least)
	loadVector(table("leastNumbers", 64, 0x80000000), largest)
	Label("next")
	x, old, difference, bits := vector(bytes), vector(bytes), vector(bytes), GP32()
	loadVector(Mem{Base: now}, x)
	loadVector(Mem{Base: before}, old)
	if bytes == 64 {
		k := K()
		VPCMPD(Imm(4), old, x, k) // not equal
		KMOVW(k, bits)
		TESTL(bits, bits)
		JZ(LabelRef("none"))
		VPMINSD(x, least, k, least)
		VPMAXSD(x, largest, k, largest)
		VPSUBD(old, x, difference)
		l.append16(difference, k, bits)
	} else {
		same, of := YMM(), YMM()
		VPCMPEQD(old, x, same)
		VMOVMSKPS(same, bits)
		XORL(Imm(0xff), bits)
		JZ(LabelRef("none"))
		VPBLENDVB(same, least, x, of)
		VPMINSD(of, least, least)
		VPBLENDVB(same, largest, x, of)
		VPMAXSD(of, largest, largest)
		VPSUBD(old, x, difference)
		l.append8(difference, bits)
	}
	storeVector(x, Mem{Base: before})
	l.countZeros(old, x)
	l.next()
	ADDQ(Imm(uint64(bytes)), before)
	ADDQ(Imm(uint64(bytes)), now)
	SUBQ(Imm(uint64(lanes)), count)
	JNZ(LabelRef("next"))
	l.finish()
	Store(reduce(least, func(from, to VecVirtual) { VPMINSD(from, to, to) }), ReturnIndex(2))
	Store(reduce(largest, func(from, to VecVirtual) { VPMAXSD(from, to, to) }), ReturnIndex(3))
	VZEROUPPER()
	RET()
}

func isaOf(bytes int) string {
	if bytes == 64 {
		return "AVX512"
	}
	return "AVX2"
}

func numberOf(lanes int) string {
	if lanes == 16 {
		return "16"
	}
	return "eight"
}

func loadVector(m Mem, x VecVirtual) {
	if x.Size() == 64 {
		VMOVDQU32(m, x)
		return
	}
	VMOVDQU(m, x)
}

func storeVector(x VecVirtual, m Mem) {
	if x.Size() == 64 {
		VMOVDQU32(x, m)
		return
	}
	VMOVDQU(x, m)
}
