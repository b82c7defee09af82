package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// layer is what a kernel of columns works on. It takes the rows block by block and
// goes through all deltas for each, with the block's sums in registers.
type layer struct {
	w             weight
	z, weights    GPVirtual // of the block's first row
	stride, rows  Register  // rows are those that are left
	deltas, count Register  // count is of whole groups
	shift         VecVirtual
	group         int // deltas that are taken at once
	rest          Mem // the deltas behind the whole groups, as a group
	hasRest       Register
}

func loadLayer(w weight, group int) *layer {
	l := &layer{w: w, group: group, z: GP64(), weights: GP64(), shift: XMM(), rest: AllocLocal(group * deltaBytes)}
	Load(Param("z"), l.z)
	Load(Param("weights"), l.weights)
	l.stride = Load(Param("stride"), GP64())
	l.rows = Load(Param("rows"), GP64())
	l.deltas = Load(Param("deltas"), GP64())
	l.count = Load(Param("count"), GP64())
	shift := Load(Param("shift"), GP64())
	VMOVQ(shift, l.shift)
	return l
}

// split tells the deltas that are left behind the whole groups from these. Where a
// group is not full, it has deltas of nothing in the first column, which is there
// where any is.
func (l *layer) split() {
	l.hasRest = GP64()
	MOVQ(l.count, l.hasRest)
	if l.group == 2 {
		ANDQ(Imm(1), l.hasRest)
		JZ(LabelRef("nothing"))
		last := GP64()
		MOVQ(Mem{Base: l.deltas, Index: l.count, Scale: deltaBytes, Disp: -deltaBytes}, last)
		MOVQ(last, l.rest)
		MOVQ(U32(0), l.rest.Offset(deltaBytes))
		Label("nothing")
		SHRQ(Imm(1), l.count)
		return
	}
	ANDQ(Imm(3), l.hasRest)
	JZ(LabelRef("nothing"))
	from, rest := GP64(), YMM()
	MOVQ(l.count, from)
	SUBQ(l.hasRest, from)
	VMOVDQU64_Z(Mem{Base: l.deltas, Index: from, Scale: deltaBytes}, first(l.hasRest), rest)
	VMOVDQU64(rest, l.rest)
	Label("nothing")
	SHRQ(Imm(2), l.count)
}

// over emits the loop over all groups of deltas; body gets a pointer to a group.
func (l *layer) over(name string, body func(at GPVirtual)) {
	at, left, rest := GP64(), GP64(), GP64()
	MOVQ(l.deltas, at)
	MOVQ(l.hasRest, rest)
	MOVQ(l.count, left)
	TESTQ(left, left)
	JZ(LabelRef(name + "rest"))
	Label(name + "group")
	body(at)
	ADDQ(Imm(uint64(l.group*deltaBytes)), at)
	DECQ(left)
	JNZ(LabelRef(name + "group"))
	Label(name + "rest")
	TESTQ(rest, rest)
	JZ(LabelRef(name + "sums"))
	XORQ(rest, rest)
	LEAQ(l.rest, at)
	MOVQ(U32(1), left)
	JMP(LabelRef(name + "group"))
	Label(name + "sums")
}

// columns makes the offset of the column of every delta of a group.
func (l *layer) columns(at GPVirtual) []Mem {
	out := make([]Mem, l.group)
	for i := range out {
		column := GP64()
		MOVL(Mem{Base: at, Disp: i * deltaBytes}, column.As32())
		IMULQ(l.stride, column)
		out[i] = Mem{Base: l.weights, Index: column, Scale: uint8(l.w.size)}
	}
	return out
}

// blocks emits the loop over blocks of so many rows.
func (l *layer) blocks(rows int, body func(name string)) {
	name := fmt.Sprintf("rows%d", rows)
	Label(name)
	CMPQ(l.rows, U32(uint32(rows)))
	JL(LabelRef(name + "end"))
	body(name)
	l.next(rows)
	JMP(LabelRef(name))
	Label(name + "end")
}

func (l *layer) next(rows int) {
	ADDQ(U32(uint32(4*rows)), l.z)
	ADDQ(U32(uint32(l.w.size*rows)), l.weights)
	SUBQ(U32(uint32(rows)), l.rows)
}

// add adds a register of sums, shifted, to those from row on.
func (l *layer) add(sums VecVirtual, row int, k Register) {
	z := Mem{Base: l.z, Disp: 4 * row}
	switch {
	case k != nil:
		old := vector(int(sums.Size()))
		VPSLLD(l.shift, sums, sums)
		VMOVDQU32_Z(z, k, old)
		VPADDD(old, sums, sums)
		VMOVDQU32(sums, k, z)
	case sums.Size() == 64:
		VPSLLD(l.shift, sums, sums)
		VPADDD(z, sums, sums)
		VMOVDQU32(sums, z)
	default:
		VPSLLD(l.shift, sums, sums)
		VPADDD(z, sums, sums)
		VMOVDQU(sums, z)
	}
}
