package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// context takes two loads of 16 cells each for 32 values: two rows of the patch where
// they are at most 16 wide, and 32 cells of a row otherwise. Values are stored
// whole, with zeros behind the row, which the next row overwrites.
func (z avx512) context(l labels, block Register, cells, c, now GPVirtual) GPVirtual {
	k := decay512{avx512: z, now: ZMM(), horizon: ZMM(), left: ZMM(), right: ZMM(), rate: ZMM(), top: ZMM(), sum: ZMM()}
	ADDL(at(block, fieldRound), now.As32())
	VPBROADCASTD(now.As32(), k.now)
	// Words are twice in each field: broadcasting double words is a load and no more.
	VPBROADCASTD(at(block, fieldRight), k.right)
	VPBROADCASTD(at(block, fieldRate), k.rate)
	VPBROADCASTD(at(block, fieldTop), k.top)
	VPBROADCASTD(at(block, fieldLimit), k.horizon)
	VPBROADCASTD(at(block, fieldLeft), k.left)
	zero512(k.sum)

	side, stride := field(block, fieldSide), field(block, fieldStride)
	planes := field(block, fieldPlanes)
	rows, row := reg64(), reg64()
	gather := func(l labels) {
		CMPQ(side, Imm(16))
		JG(l.ref("wide"))

		// Pairs of rows, two pairs at a time, then what is left of the odd side: three
		// rows or one. A row without a partner has nothing in the mask of its second
		// half.
		maskOf(side, K1)
		KUNPCKWD(K1, K1, K3)
		KXORW(K2, K2, K2)
		KMOVW(K1, K4)
		further, later := reg64(), reg64()
		pair := func(second, mask Register) unit {
			return unit{masked(at(row, 0), K1), masked(indexed(row, stride, 1), second), mask, halves(at(c, 0), indexed(c, side, 2))}
		}
		nextPair := func(second, mask Register) unit {
			return unit{masked(at(further, 0), K1), masked(indexed(further, stride, 1), second), mask, halves(at(later, 0), indexed(later, side, 2))}
		}
		l.mark("plane")
		MOVQ(cells, row)
		MOVQ(side, rows)
		l.mark("rows")
		LEAQ(indexed(row, stride, 2), further)
		LEAQ(indexed(c, side, 4), later)
		SUBQ(Imm(4), rows)
		JL(l.ref("rest"))
		k.units(pair(K1, K3), nextPair(K1, K3))
		LEAQ(indexed(further, stride, 2), row)
		LEAQ(indexed(later, side, 4), c)
		JMP(l.ref("rows"))
		l.mark("rest")
		CMPQ(rows, I8(-1))
		JNE(l.ref("one"))
		k.units(pair(K1, K3), nextPair(K2, K4))
		LEAQ(indexed(later, side, 2), c)
		JMP(l.ref("planeend"))
		l.mark("one")
		k.units(pair(K2, K4))
		LEAQ(indexed(c, side, 2), c)
		l.mark("planeend")
		ADDQ(at(block, fieldPlane), cells)
		DECQ(planes)
		JNZ(l.ref("plane"))
		JMP(l.ref("done"))

		// Rows of more than 16 cells, the last 1 to 32 of each with a mask.
		l.mark("wide")
		rest, full := reg64(), reg64()
		LEAQ(at(side, -1), rest)
		MOVQ(rest, full)
		SHRQ(Imm(5), full) // whole blocks of 32 before the last one
		ANDQ(Imm(31), rest)
		INCQ(rest)
		ones, mask := reg64(), reg64()
		MOVQ(I64(-1), ones)
		MOVQ(U64(1), mask)
		MOVQ(rest, RCX)
		SHLQ(CL, mask)
		DECQ(mask)
		KMOVW(ones.As32(), K1)
		KMOVD(ones.As32(), K2)
		KMOVD(mask.As32(), K3)
		KMOVW(mask.As32(), K4)
		SHRQ(Imm(16), mask)
		KMOVW(mask.As32(), K5)
		columns, cell := reg64(), reg64()
		l.mark("wideplane")
		MOVQ(cells, row)
		MOVQ(side, rows)
		l.mark("row")
		MOVQ(row, cell)
		MOVQ(full, columns)
		l.mark("column")
		DECQ(columns)
		JL(l.ref("end"))
		k.units(unit{masked(at(cell, 0), K1), masked(at(cell, 64), K1), K2, halves(at(c, 0), at(c, 32))})
		ADDQ(Imm(128), cell)
		ADDQ(Imm(64), c)
		JMP(l.ref("column"))
		l.mark("end")
		k.units(unit{masked(at(cell, 0), K4), masked(at(cell, 64), K5), K3, halves(at(c, 0), at(c, 32))})
		LEAQ(indexed(c, rest, 2), c)
		ADDQ(stride, row)
		DECQ(rows)
		JNZ(l.ref("row"))
		ADDQ(at(block, fieldPlane), cells)
		DECQ(planes)
		JNZ(l.ref("wideplane"))
		l.mark("done")
	}
	dispatchDense(l, block, func(side int) { k.dense(side, cells, stride, c) })
	CMPQ(at(block, fieldLinear), Imm(0))
	JNE(l.ref("straight"))
	CMPQ(at(block, fieldLeft), Imm(0))
	JNE(l.ref("short"))
	gather(l + "long")
	JMP(l.ref("sum"))
	l.mark("short")
	k.short = true
	gather(l + "brief")
	JMP(l.ref("sum"))
	l.mark("straight")
	k.linear = true
	VPSRLW(Imm(1), k.top, k.top) // 2^PeakBits
	gather(l + "linear")

	l.mark("sum")
	half, other := YMM(), XMM()
	VEXTRACTI64X4(Imm(1), k.sum, half)
	VPADDD(k.sum.AsY(), half, half)
	VEXTRACTI128(Imm(1), half, other)
	VPADDD(other, half.AsX(), half.AsX())
	VPSHUFD(Imm(0x4e), half.AsX(), other)
	VPADDD(other, half.AsX(), half.AsX())
	VPSHUFD(Imm(0xb1), half.AsX(), other)
	VPADDD(other, half.AsX(), half.AsX())
	result := reg64()
	VMOVD(half.AsX(), result.As32())
	return result
}

// maskOf sets the lowest n bits of a mask, n from 1 to 16.
func maskOf(n, mask Register) {
	bits := reg64()
	MOVQ(U64(1), bits)
	MOVQ(n, RCX)
	SHLQ(CL, bits)
	DECQ(bits)
	KMOVW(bits.As32(), mask)
}
