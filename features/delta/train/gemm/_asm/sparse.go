package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// rows writes the kernel that adds chosen rows of b, each times a value, to one row of c. It takes
// registers' worth of columns and leaves out what is not needed of the last of them.
func rows(k isa) {
	TEXT("rows"+k.suffix, NOSPLIT, "func(c *float32, b *float32, ldb int, n int, indices *int32, values *float32, count int, add int)")
	Doc(
		fmt.Sprintf("rows%s computes n elements of a row of c, 1 to %d of them:", k.suffix, k.strip*k.lanes),
		"",
		"\tfor j := range n {",
		"\t\ts := float32(0)",
		"\t\tif add != 0 {",
		"\t\t\ts += c[j]",
		"\t\t}",
		"\t\tfor q := range count {",
		"\t\t\ts += float32(values[q] * b[indices[q]*ldb+j])",
		"\t\t}",
		"\t\tc[j] = s",
		"\t}",
	)
	Pragma("noescape")
	c, b, ldb := param("c"), param("b"), floats("ldb")
	indices, values, count := param("indices"), param("values"), param("count")
	n := param("n")
	for vectors := 1; vectors < k.strip; vectors++ {
		CMPQ(n, Imm(uint64(vectors*k.lanes)))
		JLE(LabelRef(fmt.Sprintf("rows%d", vectors)))
	}
	for vectors := k.strip; vectors >= 1; vectors-- {
		name := fmt.Sprintf("rows%d", vectors)
		Label(name)
		SUBQ(Imm(uint64((vectors-1)*k.lanes)), n)
		mask := k.mask(n)
		load := func(v int, m Mem, to VecVirtual) {
			if v < vectors-1 {
				VMOVUPS(m, to)
				return
			}
			k.loadPart(mask, m, to)
		}
		sums := make([]VecVirtual, vectors)
		for v := range sums {
			sums[v] = k.vector()
			VXORPS(sums[v], sums[v], sums[v])
		}
		CMPQ(NewParamAddr("add", 56), Imm(0))
		JE(LabelRef(name + "Start"))
		for v, s := range sums {
			old := k.vector()
			load(v, Mem{Base: c, Disp: v * k.lanes * 4}, old)
			VADDPS(old, s, s) // to +0: the sum is never -0
		}
		Label(name + "Start")
		TESTQ(count, count)
		JE(LabelRef(name + "Done"))
		q := GP64()
		XORQ(q, q)
		Label(name + "Row")
		at := GP64()
		MOVLQSX(Mem{Base: indices, Index: q, Scale: 4}, at)
		IMULQ(ldb, at)
		ADDQ(b, at)
		x := k.vector()
		VBROADCASTSS(Mem{Base: values, Index: q, Scale: 4}, x)
		for v, s := range sums {
			row := k.vector()
			load(v, Mem{Base: at, Disp: v * k.lanes * 4}, row)
			VMULPS(row, x, row)
			VADDPS(row, s, s)
		}
		INCQ(q)
		CMPQ(q, count)
		JL(LabelRef(name + "Row"))
		Label(name + "Done")
		for v, s := range sums[:vectors-1] {
			VMOVUPS(s, Mem{Base: c, Disp: v * k.lanes * 4})
		}
		k.storePart(mask, Mem{Base: c, Disp: (vectors - 1) * k.lanes * 4}, sums[vectors-1])
		VZEROUPPER()
		RET()
	}
}

// list writes the kernel that finds what is not zero in a row of a.
func list(k isa) {
	TEXT("list"+k.suffix, NOSPLIT, "func(indices *int32, values *float32, x *float32, groups int) int")
	Doc(
		fmt.Sprintf("list%s lists the elements of x that are not zero, of %d*groups, and returns how many they are.", k.suffix, k.lanes),
		"Groups is positive. The lists have room for all, and what is behind the end of them may be written.",
		"",
		"\tfor p, v := range x {",
		"\t\tif v != 0 {",
		"\t\t\tindices[n], values[n] = p, v",
		"\t\t\tn++",
		"\t\t}",
		"\t}",
	)
	Pragma("noescape")
	indices, values, x, groups := param("indices"), param("values"), param("x"), param("groups")
	n, first := GP64(), GP64()
	XORQ(n, n)
	XORQ(first, first)
	zero := k.vector()
	VXORPS(zero, zero, zero)
	Label("group")
	v := k.vector()
	VMOVUPS(Mem{Base: x}, v)
	if k.lanes == 16 {
		listCompressed(indices, values, first, n, v, zero)
	} else {
		listOneByOne(indices, values, x, first, n, v, zero)
	}
	ADDQ(Imm(uint64(4*k.lanes)), x)
	ADDQ(Imm(uint64(k.lanes)), first)
	DECQ(groups)
	JNE(LabelRef("group"))
	VZEROUPPER()
	Store(n, ReturnIndex(0))
	RET()
}

// neq is the comparison that holds for different numbers and for NaN.
const neq = 4

// listCompressed moves the lanes that are not zero together and stores a whole register.
func listCompressed(indices, values, first, n GPVirtual, v, zero VecVirtual) {
	found, bits := K(), GP32()
	VCMPPS(Imm(neq), zero, v, found)
	KMOVW(found, bits)
	at := ZMM()
	VPBROADCASTD(first.As32(), at)
	VPADDD(counting(), at, at)
	VCOMPRESSPS_Z(v, found, v)
	VPCOMPRESSD_Z(at, found, at)
	VMOVUPS(v, Mem{Base: values, Index: n, Scale: 4})
	VMOVDQU32(at, Mem{Base: indices, Index: n, Scale: 4})
	POPCNTL(bits, bits)
	ADDQ(bits.As64(), n)
}

// counting is the table 0, 1, ... 15.
func counting() Mem {
	m := GLOBL("counting", RODATA|NOPTR)
	for i := range 16 {
		DATA(i*4, U32(i))
	}
	return m
}

// listOneByOne takes one element after another, in frames of events few, and passes over groups of zeros.
func listOneByOne(indices, values, x, first, n GPVirtual, v, zero VecVirtual) {
	found := YMM()
	bits, rest, lane, value := GP32(), GP32(), GP64(), GP32()
	VCMPPS(Imm(neq), zero, v, found)
	VMOVMSKPS(found, bits)
	TESTL(bits, bits)
	JE(LabelRef("nothing"))
	Label("one")
	BSFL(bits, lane.As32())
	MOVL(Mem{Base: x, Index: lane, Scale: 4}, value)
	MOVL(value, Mem{Base: values, Index: n, Scale: 4})
	ADDL(first.As32(), lane.As32())
	MOVL(lane.As32(), Mem{Base: indices, Index: n, Scale: 4})
	INCQ(n)
	LEAL(Mem{Base: bits, Disp: -1}, rest)
	ANDL(rest, bits)
	JNE(LabelRef("one"))
	Label("nothing")
}
