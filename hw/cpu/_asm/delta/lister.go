package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A frame is gone through a register at a time. What changed in one is pushed together
// with its indices and stored as a whole register, of which the next one writes over what
// is behind the last change. No more can have been listed than values were looked at, so
// that such a store ends within a list as long as the frame. Registers in which nothing
// changed skip that: where a tenth of the values change nobody can predict which they are,
// but the time lost is won again, and much more where hardly anything does. To take two
// registers at a time, of which one mostly has changed, was no faster.

// lister appends what changed in a register of values to a list.
type lister struct {
	list, count Register
	index       VecVirtual // of the values
	step        Mem        // by how much it rises
	zero        VecVirtual
	risen       VecVirtual // by how many more values are other than zero, in parts
	tables      []VecVirtual
	ones        VecVirtual
	table       Register
}

// newLister takes the list's arguments, of a kernel in registers of so many bytes.
func newLister(bytes int) *lister {
	l := &lister{
		list: Load(Param("list"), GP64()), count: GP64(),
		index: vector(bytes), step: table(bitsOf("laneCount", bytes), 64, uint32(bytes/4)), zero: vector(bytes), risen: vector(bytes),
	}
	XORQ(l.count, l.count)
	first := Load(Param("first"), GP32())
	lanes := bytes / 4
	numbers := make([]uint32, lanes)
	for i := range numbers {
		numbers[i] = uint32(i)
	}
	broadcast(first, l.index)
	VPADDD(table(bitsOf("laneNumbers", bytes), 64, numbers...), l.index, l.index)
	clearAll(l.zero, l.risen)
	if bytes == 64 {
		for half := range 2 {
			pairs := make([]uint32, lanes)
			for i := range pairs {
				pairs[i] = uint32(8*half + i/2 + i%2*lanes)
			}
			x := ZMM()
			VMOVDQU64(table([]string{"lowerPairs", "upperPairs"}[half], 64, pairs...), x)
			l.tables = append(l.tables, x)
		}
		l.ones = ZMM()
		number := GP32()
		MOVL(U32(1), number)
		broadcast(number, l.ones)
		return l
	}
	// For each four bits, the pairs of dwords that they stand for.
	var chosen []uint32
	for bits := range uint32(16) {
		var lanes [8]uint32
		at := 0
		for pair := range uint32(4) {
			if bits>>pair&1 == 1 {
				lanes[at], lanes[at+1] = 2*pair, 2*pair+1
				at += 2
			}
		}
		chosen = append(chosen, lanes[:]...)
	}
	l.table = GP64()
	LEAQ(table("chosenPairs", 512, chosen...), l.table)
	return l
}

func bitsOf(name string, bytes int) string {
	if bytes == 64 {
		return name + "512"
	}
	return name + "256"
}

// broadcast puts a dword into all lanes.
func broadcast(from Register, to VecVirtual) {
	if to.Size() == 64 {
		VPBROADCASTD(from, to)
		return
	}
	VMOVD(from, to.AsX())
	VPBROADCASTD(to.AsX(), to)
}

// countZeros notes what was zero and is not any more, and the other way round.
func (l *lister) countZeros(old, now VecVirtual) {
	if now.Size() == 64 {
		x := ZMM()
		VPMINUD(now, l.ones, x)
		VPADDD(x, l.risen, l.risen)
		VPMINUD(old, l.ones, x)
		VPSUBD(x, l.risen, l.risen)
		return
	}
	// A lane that is zero gives -1.
	x := YMM()
	VPCMPEQD(now, l.zero, x)
	VPADDD(x, l.risen, l.risen)
	VPCMPEQD(old, l.zero, x)
	VPSUBD(x, l.risen, l.risen)
}

// append16 lists the differences of the lanes in k, whose bits are given too. More than
// eight of them are rare where a delta network pays, and a second store of 64 bytes is dear.
func (l *lister) append16(difference VecVirtual, k, bits Register) {
	indices, values, lower := ZMM(), ZMM(), ZMM()
	count := GP32()
	POPCNTL(bits, count)
	VPCOMPRESSD_Z(l.index, k, indices)
	VPCOMPRESSD_Z(difference, k, values)
	to := Mem{Base: l.list, Index: l.count, Scale: deltaBytes}
	VMOVDQA32(indices, lower)
	VPERMT2D(values, l.tables[0], lower)
	VMOVDQU64(lower, to)
	CMPL(count, Imm(8))
	JLE(LabelRef("few"))
	VPERMT2D(values, l.tables[1], indices)
	VMOVDQU64(indices, to.Offset(64))
	Label("few")
	ADDQ(count.As64(), l.count)
}

// append8 lists the differences of the lanes whose bits are set.
func (l *lister) append8(difference VecVirtual, bits Register) {
	low, high, pairs := YMM(), YMM(), YMM()
	VPUNPCKLDQ(difference, l.index, low)
	VPUNPCKHDQ(difference, l.index, high)
	for half := range 2 {
		VPERM2I128(Imm(uint64(0x20+0x11*half)), high, low, pairs)
		four, chosen := GP64(), YMM()
		MOVL(bits.(GPVirtual).As32(), four.As32())
		if half == 0 {
			ANDL(Imm(15), four.As32())
		} else {
			SHRL(Imm(4), four.As32())
		}
		count := GP64()
		POPCNTL(four.As32(), count.As32())
		SHLL(Imm(5), four.As32())
		VMOVDQU(Mem{Base: l.table, Index: four, Scale: 1}, chosen)
		VPERMD(pairs, chosen, pairs)
		VMOVDQU(pairs, Mem{Base: l.list, Index: l.count, Scale: deltaBytes})
		ADDQ(count, l.count)
	}
}

// next ends what is done for a register of values, and what is skipped for one in which
// nothing changed.
func (l *lister) next() {
	Label("none")
	VPADDD(l.step, l.index, l.index)
}

// finish returns what the list has, and how many more values are other than zero.
func (l *lister) finish() {
	sum := func(from, to VecVirtual) { VPADDD(from, to, to) }
	Store(l.count, ReturnIndex(0))
	risen, long := reduce(l.risen, sum), GP64()
	MOVLQSX(risen, long)
	Store(long, ReturnIndex(1))
}

// reduce folds the dwords of a register into one.
func reduce(x VecVirtual, fold func(from, to VecVirtual)) GPVirtual {
	if x.Size() == 64 {
		upper := YMM()
		VEXTRACTI64X4(Imm(1), x, upper)
		fold(upper, x.AsY().(VecVirtual))
	}
	upper := XMM()
	VEXTRACTI128(Imm(1), x.AsY(), upper)
	fold(upper, x.AsX().(VecVirtual))
	for _, order := range []uint64{0x4e, 0xb1} {
		VPSHUFD(Imm(order), x.AsX(), upper)
		fold(upper, x.AsX().(VecVirtual))
	}
	result := GP32()
	VMOVD(x.AsX(), result)
	return result
}
