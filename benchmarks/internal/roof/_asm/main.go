// Command asm writes the amd64 loops of package roof, each once for registers of
// 256 and once for those of 512 bits: go generate in the package runs it, and CI
// demands that nothing changes.
//
// A loop does one thing and nothing else, with as little around it as there can be,
// so that what it is timed at is the machine's limit. The comment on each is the
// loop in Go that it equals.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

//go:generate go run . -out ../loops_amd64.s -stubs ../loops_amd64.go -pkg roof

// blockBytes is what an iteration of a loop over memory takes.
const blockBytes = 512

// registers are the vector registers of a length.
type registers struct {
	suffix string
	bytes  int
	vector func() VecVirtual
}

func main() {
	ConstraintExpr("!purego")
	for _, r := range []registers{{"256", 32, YMM}, {"512", 64, ZMM}} {
		load(r)
		store(r)
		products(r)
	}
	Generate()
}

// zeros makes that many vectors of zeros.
func (r registers) zeros(n int) []VecVirtual {
	vs := make([]VecVirtual, n)
	for i := range vs {
		v := r.vector()
		if r.bytes == 64 {
			VPXORD(v, v, v)
		} else {
			VPXOR(v, v, v)
		}
		vs[i] = v
	}
	return vs
}

// move loads or stores a vector.
func (r registers) move(from, to Op) {
	if r.bytes == 64 {
		VMOVDQU32(from, to)
	} else {
		VMOVDQU(from, to)
	}
}

// sum adds the vectors to the first of them, stores that and returns.
func (r registers) sum(vs []VecVirtual, to Register, add func(...Op)) {
	for _, v := range vs[1:] {
		add(v, vs[0], vs[0])
	}
	r.move(vs[0], Mem{Base: to})
	VZEROUPPER()
	RET()
}
