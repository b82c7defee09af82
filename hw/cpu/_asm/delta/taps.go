package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// convolution is what a kernel of taps works on. It takes the channels block by
// block and goes through all taps for each. What consecutive taps with the same Z
// add is summed up in registers.
type convolution struct {
	w              weight
	z, weights     GPVirtual // of the block's first channel
	channels       Register  // that are left
	taps, end      Register
	zOffset, first GPVirtual // of a tap
	at             GPVirtual
}

func loadConvolution(w weight, isa string) *convolution {
	TEXT("taps"+w.bits()+isa, NOSPLIT, "func(z *int32, weights *int"+w.bits()+", channels int, taps *int32, count int)")
	Pragma("noescape")
	Doc("taps"+w.bits()+isa+" adds the taps of a convolution, at least one:",
		"",
		"\tfor _, t := range taps {",
		"\t\tfor i := range channels {",
		"\t\t\tz[t.Z+i] += int32(weights[t.W+i]) * t.Value",
		"\t\t}",
		"\t}")
	c := &convolution{w: w, z: GP64(), weights: GP64(), zOffset: GP64(), first: GP64(), at: GP64()}
	Load(Param("z"), c.z)
	Load(Param("weights"), c.weights)
	c.channels = Load(Param("channels"), GP64())
	c.taps = Load(Param("taps"), GP64())
	c.end = Load(Param("count"), GP64())
	LEAQ(Mem{Base: c.end, Index: c.end, Scale: 2}, c.end)
	LEAQ(Mem{Base: c.taps, Index: c.end, Scale: 4}, c.end)
	return c
}

// sum is the i-th register of a tap's sums.
func (c *convolution) sum(i, lanes int) Mem {
	return Mem{Base: c.z, Index: c.zOffset, Scale: 4, Disp: 4 * lanes * i}
}

// block emits the loop over all taps for that many registers of channels; for one
// register, for those of its channels that are in k, where k is not nil.
func (c *convolution) block(name string, sums []VecVirtual, k Register) {
	lanes := int(sums[0].Size()) / 4
	value, x := vector(4*lanes), vector(4*lanes)
	MOVQ(c.taps, c.at)
	Label(name + "tap")
	MOVL(Mem{Base: c.at}, c.zOffset.As32())
	for i, s := range sums {
		switch {
		case k != nil:
			VMOVDQU32_Z(c.sum(i, lanes), k, s)
		case lanes == 16:
			VMOVDQU32(c.sum(i, lanes), s)
		default:
			VMOVDQU(c.sum(i, lanes), s)
		}
	}
	Label(name + "same")
	MOVL(Mem{Base: c.at, Disp: 4}, c.first.As32())
	VPBROADCASTD(Mem{Base: c.at, Disp: 8}, value)
	for i, s := range sums {
		c.w.dwords(Mem{Base: c.weights, Index: c.first, Scale: uint8(c.w.size), Disp: c.w.size * lanes * i}, x, k)
		VPMULLD(value, x, x)
		VPADDD(x, s, s)
	}
	ADDQ(Imm(tapBytes), c.at)
	CMPQ(c.at, c.end)
	JEQ(LabelRef(name + "store"))
	CMPL(Mem{Base: c.at}, c.zOffset.As32())
	JEQ(LabelRef(name + "same"))
	Label(name + "store")
	for i, s := range sums {
		switch {
		case k != nil:
			VMOVDQU32(s, k, c.sum(i, lanes))
		case lanes == 16:
			VMOVDQU32(s, c.sum(i, lanes))
		default:
			VMOVDQU(s, c.sum(i, lanes))
		}
	}
	CMPQ(c.at, c.end)
	JNE(LabelRef(name + "tap"))
}

// blocks emits the loop over blocks of so many channels as the registers have lanes.
func (c *convolution) blocks(sums ...VecVirtual) {
	channels := len(sums) * int(sums[0].Size()) / 4
	name := fmt.Sprintf("channels%d", channels)
	Label(name)
	CMPQ(c.channels, Imm(uint64(channels)))
	JL(LabelRef(name + "end"))
	c.block(name, sums, nil)
	c.next(channels)
	JMP(LabelRef(name))
	Label(name + "end")
}

func (c *convolution) next(channels int) {
	ADDQ(U32(uint32(4*channels)), c.z)
	ADDQ(U32(uint32(c.w.size*channels)), c.weights)
	SUBQ(Imm(uint64(channels)), c.channels)
}

// single emits the loop over all taps for one channel.
func (c *convolution) single() {
	x := GP32()
	MOVQ(c.taps, c.at)
	Label("single")
	MOVL(Mem{Base: c.at}, c.zOffset.As32())
	MOVL(Mem{Base: c.at, Disp: 4}, c.first.As32())
	c.w.dword(Mem{Base: c.weights, Index: c.first, Scale: uint8(c.w.size)}, x)
	IMULL(Mem{Base: c.at, Disp: 8}, x)
	ADDL(x, c.sum(0, 1))
	ADDQ(Imm(tapBytes), c.at)
	CMPQ(c.at, c.end)
	JNE(LabelRef("single"))
}

func tapsAVX512(w weight) {
	c := loadConvolution(w, "AVX512")
	CMPQ(c.channels, Imm(1))
	JEQ(LabelRef("one"))
	a := vectors(64, 4)
	c.blocks(a...)
	c.blocks(a[:2]...)
	c.blocks(a[0])
	c.blocks(a[0].AsY().(VecVirtual))
	c.blocks(a[0].AsX().(VecVirtual))
	TESTQ(c.channels, c.channels)
	JZ(LabelRef("done"))
	c.block("last", []VecVirtual{a[0].AsX().(VecVirtual)}, first(c.channels))
	Label("done")
	VZEROUPPER()
	RET()
	Label("one")
	c.single()
	RET()
}

func tapsAVX2(w weight) {
	c := loadConvolution(w, "AVX2")
	a := vectors(32, 4)
	c.blocks(a...)
	c.blocks(a[:2]...)
	c.blocks(a[0])
	c.blocks(a[0].AsX().(VecVirtual))
	Label("last")
	TESTQ(c.channels, c.channels)
	JZ(LabelRef("done"))
	c.single()
	c.next(1)
	JMP(LabelRef("last"))
	Label("done")
	VZEROUPPER()
	RET()
}
