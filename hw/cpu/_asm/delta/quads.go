package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// quads is the kernel of int8 weights for VPDPBUSD, which multiplies four bytes
// without a sign with four with one, and adds the products to 32 bits. The bytes
// with a sign are digits of four deltas; those without are the weights of four
// columns plus 128, put beside each other in the 32 bits of a row's sum. 128 times
// the sum of the digits, the same for all rows, is subtracted in the end.
func quads() {
	TEXT("columns8VNNI", NOSPLIT, "func(z *int32, weights *int8, stride, rows int, deltas *int32, count int, shift uint64)")
	Pragma("noescape")
	Doc("columns8VNNI adds columns of a dense layer, times the lowest byte of their deltas:",
		"",
		"\tfor i := range rows {",
		"\t\tfor _, d := range deltas {",
		"\t\t\tz[i] += int32(weights[d.Index*stride+i]) * int32(int8(d.Value)) << shift",
		"\t\t}",
		"\t}")
	l := loadLayer(int8s, 4)
	l.split()
	sign, choice := ZMM(), ZMM()
	VMOVDQU32(table("signs", 64, 0x80808080), sign)
	VMOVDQU32(table("lowBytes", 64, 0x0c080400), choice)

	// block is what a block of so many times 64 rows takes.
	bias, all := ZMM(), vectors(64, 4*4)
	block := func(name string, registers int, k Register) {
		sums := make([][4]VecVirtual, registers)
		clearAll(bias)
		for i := range sums {
			sums[i] = [4]VecVirtual(all[4*i:])
			clearAll(sums[i][:]...)
		}
		l.over(name, func(at GPVirtual) {
			columns := l.columns(at)
			digits, later := ZMM(), ZMM()
			VBROADCASTI32X4(Mem{Base: at}, digits)
			VBROADCASTI32X4(Mem{Base: at, Disp: 2 * deltaBytes}, later)
			VSHUFPS(Imm(0xdd), later, digits, digits) // the four values
			VPSHUFB(choice, digits, digits)
			VPDPBUSD(digits, sign, bias)
			for i, s := range sums {
				var c [4]VecVirtual
				for j := range c {
					c[j] = ZMM()
					from := columns[j].Offset(64 * i)
					if k == nil {
						VPXORD(from, sign, c[j])
						continue
					}
					VMOVDQU8_Z(from, k, c[j])
					VPXORD(sign, c[j], c[j])
				}
				// Each part of 128 bits has 16 rows of its own.
				t := [4]VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}
				VPUNPCKLBW(c[1], c[0], t[0])
				VPUNPCKLBW(c[3], c[2], t[1])
				VPUNPCKHBW(c[1], c[0], t[2])
				VPUNPCKHBW(c[3], c[2], t[3])
				for half := range 2 {
					VPUNPCKLWD(t[2*half+1], t[2*half], c[0])
					VPUNPCKHWD(t[2*half+1], t[2*half], c[1])
					VPDPBUSD(digits, c[0], s[2*half])
					VPDPBUSD(digits, c[1], s[2*half+1])
				}
			}
		})
		for i, s := range sums {
			for _, x := range s {
				VPSUBD(bias, x, x)
			}
			for j, x := range transposed(s) {
				var part Register
				if k != nil {
					part = K()
					KSHIFTRQ(Imm(uint64(16*j)), k, part)
				}
				l.add(x, 64*i+16*j, part)
			}
		}
	}
	for _, registers := range []int{4, 2, 1} {
		l.blocks(64*registers, func(name string) { block(name, registers, nil) })
	}
	TESTQ(l.rows, l.rows)
	JZ(LabelRef("done"))
	block("last", 1, first(l.rows))
	Label("done")
	VZEROUPPER()
	RET()
}

// transposed makes four registers, of which each has one of the 128-bit parts of
// all four in x.
func transposed(x [4]VecVirtual) [4]VecVirtual {
	const even, odd = 0x88, 0xdd // parts, two of each register
	t := [4]VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}
	VSHUFI32X4(Imm(even), x[1], x[0], t[0])
	VSHUFI32X4(Imm(even), x[3], x[2], t[1])
	VSHUFI32X4(Imm(odd), x[1], x[0], t[2])
	VSHUFI32X4(Imm(odd), x[3], x[2], t[3])
	VSHUFI32X4(Imm(even), t[1], t[0], x[0])
	VSHUFI32X4(Imm(odd), t[1], t[0], x[2])
	VSHUFI32X4(Imm(even), t[3], t[2], x[1])
	VSHUFI32X4(Imm(odd), t[3], t[2], x[3])
	return x
}
