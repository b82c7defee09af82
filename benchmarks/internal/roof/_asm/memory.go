package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// passes makes a loop over the blocks of memory from p on, rounds times: body does
// one block at its argument.
func passes(body func(at GPVirtual)) {
	p := Load(Param("p"), GP64()).(GPVirtual)
	blocks := Load(Param("blocks"), GP64())
	rounds := Load(Param("rounds"), GP64())
	at, left := GP64(), GP64()
	Label("round")
	MOVQ(p, at)
	MOVQ(blocks, left)
	Label("block")
	body(at)
	ADDQ(U32(blockBytes), at)
	DECQ(left)
	JNZ(LabelRef("block"))
	DECQ(rounds)
	JNZ(LabelRef("round"))
}

// load adds what it loads, as a sum shows that it did: an addition takes its operand
// from memory at no cost to the loads. Eight sums are more than their latency needs.
func load(r registers) {
	name := "load" + r.suffix
	TEXT(name, NOSPLIT, "func(sums *uint32, p *uint32, blocks, rounds int)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is, rounds times, sums[i%%%d] += p[i] for i below %d*blocks,", name, r.bytes/4, blockBytes/4),
		"with sums of zero before. Blocks and rounds are positive.")
	sums := Load(Param("sums"), GP64())
	acc := r.zeros(8)
	passes(func(at GPVirtual) {
		for i := range blockBytes / r.bytes {
			a := acc[i%len(acc)]
			VPADDD(Mem{Base: at, Disp: i * r.bytes}, a, a)
		}
	})
	r.sum(acc, sums, add32)
}

// store writes one value everywhere.
func store(r registers) {
	name := "store" + r.suffix
	TEXT(name, NOSPLIT, "func(p *uint32, blocks, rounds int, value uint32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is, rounds times, p[i] = value for i below %d*blocks.", name, blockBytes/4),
		"Blocks and rounds are positive.")
	value := Load(Param("value"), GP32())
	low, v := XMM(), r.vector()
	VMOVD(value, low)
	VPBROADCASTD(low, v)
	passes(func(at GPVirtual) {
		for i := range blockBytes / r.bytes {
			r.move(v, Mem{Base: at, Disp: i * r.bytes})
		}
	})
	VZEROUPPER()
	RET()
}
