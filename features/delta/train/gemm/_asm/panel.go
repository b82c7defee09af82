package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// panel writes the kernel of a panel of columns, of two registers at most.
//
// A round takes a block of rows. It holds their part of c in registers through all of k: a row
// of b is loaded once and an element of a is broadcast once for it. What is left of the rows is
// a shorter block of its own, so nothing outside of a is read.
func panel(k isa) {
	TEXT("panel"+k.suffix, NOSPLIT, "func(c *float32, ldc int, a *float32, row, step int, b *float32, ldb int, m, n, k int, add int)")
	Doc(
		fmt.Sprintf("panel%s computes n columns of c, 1 to %d of them:", k.suffix, 2*k.lanes),
		"",
		"\tfor i := range m {",
		"\t\tfor j := range n {",
		"\t\t\ts := float32(0)",
		"\t\t\tif add != 0 {",
		"\t\t\t\ts += c[i*ldc+j]",
		"\t\t\t}",
		"\t\t\tfor p := range k {",
		"\t\t\t\ts += float32(a[i*row+p*step] * b[p*ldb+j])",
		"\t\t\t}",
		"\t\t\tc[i*ldc+j] = s",
		"\t\t}",
		"\t}",
	)
	Pragma("noescape")
	p := &panelState{
		isa: k,
		c:   param("c"), ldc: floats("ldc"),
		a: param("a"), step: floats("step"),
		ldb: floats("ldb"),
		m:   param("m"),
	}
	// A row's place is the base and a multiple of the stride; an address can take
	// one, two, four or eight times a register.
	p.odd[1] = floats("row")
	for i := 3; i < k.block; i += 2 {
		p.odd[i] = GP64()
		LEAQ(Mem{Base: p.odd[i-2], Index: p.odd[1], Scale: 2}, p.odd[i])
	}
	n := param("n")
	CMPQ(n, Imm(uint64(k.lanes)))
	JG(LabelRef("wide"))
	p.rounds("narrow", 1, n)
	Label("wide")
	SUBQ(Imm(uint64(k.lanes)), n)
	p.rounds("wide", 2, n)
}

type panelState struct {
	isa
	c, ldc, a, step, ldb, m GPVirtual
	odd                     [8]GPVirtual // odd multiples of the stride of a's rows, in bytes
}

// rounds goes through all rows with vectors registers a row, the last of which holds count lanes.
func (p *panelState) rounds(name string, vectors int, count GPVirtual) {
	mask := p.mask(count)
	label := func(rows int) string { return fmt.Sprintf("%s%d", name, rows) }
	Label(name + "Next")
	CMPQ(p.m, Imm(uint64(p.block)))
	JGE(LabelRef(label(p.block)))
	for rows := p.block - 1; rows >= 1; rows-- {
		CMPQ(p.m, Imm(uint64(rows)))
		JE(LabelRef(label(rows)))
	}
	VZEROUPPER()
	RET()
	for rows := p.block; rows >= 1; rows-- {
		Label(label(rows))
		p.round(label(rows), rows, vectors, mask)
		JMP(LabelRef(name + "Next"))
	}
}

// round computes a block of rows and moves on behind it.
func (p *panelState) round(name string, rows, vectors int, mask Register) {
	sums := make([][]VecVirtual, rows)
	for i := range sums {
		for range vectors {
			v := p.vector()
			VXORPS(v, v, v)
			sums[i] = append(sums[i], v)
		}
	}
	skip, done := name+"Start", name+"Done"
	CMPQ(NewParamAddr("add", 80), Imm(0))
	JE(LabelRef(skip))
	at := GP64()
	MOVQ(p.c, at)
	for i := range sums {
		for v, s := range sums[i] {
			old := p.vector()
			p.load(v, vectors, mask, at, old)
			VADDPS(old, s, s) // to +0: the sum is never -0
		}
		ADDQ(p.ldc, at)
	}
	Label(skip)
	left, a, b := GP64(), GP64(), GP64()
	Load(Param("k"), left)
	TESTQ(left, left)
	JE(LabelRef(done))
	MOVQ(p.a, a)
	Load(Param("b"), b)
	Label(name + "Step")
	right := make([]VecVirtual, vectors)
	for v := range right {
		right[v] = p.vector()
		p.load(v, vectors, mask, b, right[v])
	}
	for i := range sums {
		products := p.times(right, p.element(a, i))
		for v, s := range sums[i] {
			VADDPS(products[v], s, s)
		}
	}
	ADDQ(p.step, a)
	ADDQ(p.ldb, b)
	DECQ(left)
	JNE(LabelRef(name + "Step"))
	Label(done)
	p.store(name, sums, vectors, mask)
	IMUL3Q(Imm(uint64(rows)), p.odd[1], at)
	ADDQ(at, p.a)
	SUBQ(Imm(uint64(rows)), p.m)
}

// store writes the block's rows to c, which then points behind them. Partial stores are slow in AVX2,
// so whole registers have their own.
func (p *panelState) store(name string, sums [][]VecVirtual, vectors int, mask Register) {
	part, stored := name+"Part", name+"Stored"
	n := GP64()
	Load(Param("n"), n)
	CMPQ(n, Imm(uint64(vectors*p.lanes)))
	JNE(LabelRef(part))
	for i := range sums {
		for v, s := range sums[i] {
			VMOVUPS(s, Mem{Base: p.c, Disp: v * p.lanes * 4})
		}
		ADDQ(p.ldc, p.c)
	}
	JMP(LabelRef(stored))
	Label(part)
	for i := range sums {
		for v, s := range sums[i] {
			m := Mem{Base: p.c, Disp: v * p.lanes * 4}
			if v < vectors-1 {
				VMOVUPS(s, m)
			} else {
				p.storePart(mask, m, s)
			}
		}
		ADDQ(p.ldc, p.c)
	}
	Label(stored)
}

// load loads register v of a row of vectors registers.
func (p *panelState) load(v, vectors int, mask, at Register, to VecVirtual) {
	m := Mem{Base: at, Disp: v * p.lanes * 4}
	if v < vectors-1 {
		VMOVUPS(m, to)
		return
	}
	p.loadPart(mask, m, to)
}

// element is where row i's element is, a pointing to that of the block's first row.
func (p *panelState) element(a Register, i int) Mem {
	if i == 0 {
		return Mem{Base: a}
	}
	scale := uint8(1)
	for i%2 == 0 {
		i, scale = i/2, scale*2
	}
	return Mem{Base: a, Index: p.odd[i], Scale: scale}
}
