package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// chains is how many registers go round beside each other where an instruction waits
// for the one before it in its chain: five cycles' latency at two instructions a
// cycle, or ten at one, with some to spare.
const chains = 12

// The additions, of whichever registers.
func add16(ops ...Op) { VPADDW(ops...) }
func add32(ops ...Op) { VPADDD(ops...) }

// registersOnly begins a loop over registers, up to its label, and gives the rest of
// it to call once the body is written.
func (r registers) registersOnly(name, types string, doc ...string) (x, y VecVirtual, finish func(acc []VecVirtual, add func(...Op))) {
	TEXT(name, NOSPLIT, "func("+types+", rounds int)")
	Pragma("noescape")
	Doc(append(doc, "Rounds is positive.")...)
	sums := Load(Param("sums"), GP64())
	x, y = r.vector(), r.vector()
	r.move(Mem{Base: Load(Param("x"), GP64()).(GPVirtual)}, x)
	r.move(Mem{Base: Load(Param("y"), GP64()).(GPVirtual)}, y)
	rounds := Load(Param("rounds"), GP64())
	return x, y, func(acc []VecVirtual, add func(...Op)) {
		DECQ(rounds)
		JNZ(LabelRef("round"))
		r.sum(acc, sums, add)
	}
}

const dot = "sums[i] += x[2*i]*y[2*i] + x[2*i+1]*y[2*i+1]"

// madd does eight products and then their eight additions: of the orders tried on a
// Zen 4 the one in which additions take the fewest turns of the multipliers. An
// addition has a latency of one cycle, so four sums are enough.
func madd(r registers) {
	const products, sums = 8, 4
	name := "madd" + r.suffix
	x, y, finish := r.registersOnly(name, "sums *int32, x, y *int16",
		fmt.Sprintf("%s is, %d*rounds times, %s for i below %d,", name, products, dot, r.bytes/4),
		"with sums of zero before.")
	acc := r.zeros(sums)
	Label("round")
	p := make([]VecVirtual, products)
	for k := range p {
		p[k] = r.vector()
		VPMADDWD(y, x, p[k])
	}
	for k := range p {
		VPADDD(p[k], acc[k%sums], acc[k%sums])
	}
	finish(acc, add32)
}

// vnni is the same with the addition in the product's instruction.
func vnni(r registers) {
	name := "vnni" + r.suffix
	x, y, finish := r.registersOnly(name, "sums *int32, x, y *int16",
		fmt.Sprintf("%s is, %d*rounds times, %s for i below %d,", name, chains, dot, r.bytes/4),
		"with sums of zero before.")
	acc := r.zeros(chains)
	Label("round")
	for _, a := range acc {
		VPDPWSSD(y, x, a)
	}
	finish(acc, add32)
}

// powers multiplies and does nothing else: what is timed is the multipliers alone.
func powers(r registers, name, number string, lanes int, add, multiply func(...Op)) {
	name += r.suffix
	x, y, finish := r.registersOnly(name, fmt.Sprintf("sums, x, y *%s", number),
		fmt.Sprintf("%s is p[i] *= y[i], rounds times, for i below %d, with p = x before;", name, lanes),
		fmt.Sprintf("and sums[i] = %d*p[i] at the end, as so many do it beside each other.", chains))
	p := make([]VecVirtual, chains)
	for k := range p {
		p[k] = r.vector()
		r.move(x, p[k])
	}
	Label("round")
	for _, v := range p {
		multiply(y, v, v)
	}
	finish(p, add)
}

// products writes all of them.
func products(r registers) {
	madd(r)
	if r.bytes == 64 {
		vnni(r)
	}
	powers(r, "mul16x", "int16", r.bytes/2, add16, func(ops ...Op) { VPMULLW(ops...) })
	powers(r, "mul32x", "int32", r.bytes/4, add32, func(ops ...Op) { VPMULLD(ops...) })
}
