// Command asm writes the amd64 kernels of package gemm: go generate in the package
// runs it, and CI demands that nothing changes.
//
// A kernel is written once for registers of 256 and of 512 bits. The comment on each
// gives the loop that it equals. Products and sums are separate instructions
// throughout: a fused one would round once where the package's definition rounds twice.
package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

//go:generate go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg gemm

func main() {
	ConstraintExpr("!purego")
	for _, k := range []isa{avx512(), avx2()} {
		panel(k)
		lift(k)
		rows(k)
		list(k)
	}
	transpose()
	Generate()
}

// isa is what differs between registers of 256 and of 512 bits.
type isa struct {
	suffix string
	lanes  int // float32 a register
	block  int // rows of c that a round of panel holds in registers
	strip  int // registers of c that rows holds
	vector func() VecVirtual
	// times multiplies each of some registers with the element in memory.
	times func(xs []VecVirtual, m Mem) []VecVirtual
	// mask makes what the partial moves take of a count of lanes, 1 to lanes.
	mask                func(count GPVirtual) Register
	loadPart, storePart func(mask Register, m Mem, v VecVirtual)
}

func avx512() isa {
	return isa{
		suffix: "AVX512", lanes: 16, block: 8, strip: 4,
		vector: ZMM,
		// Each product broadcasts for itself: on Zen 4, to broadcast into a register of 512 bits takes a
		// third of the time that products and sums have, and to do it in the operand takes none.
		times: func(xs []VecVirtual, m Mem) []VecVirtual {
			var products []VecVirtual
			for _, x := range xs {
				product := ZMM()
				VMULPS_BCST(m, x, product)
				products = append(products, product)
			}
			return products
		},
		mask: func(count GPVirtual) Register {
			MOVQ(count, RCX)
			bits, k := GP64(), K()
			MOVQ(U32(1), bits)
			SHLQ(CL, bits)
			DECQ(bits)
			KMOVW(bits.As32(), k)
			return k
		},
		loadPart:  func(mask Register, m Mem, v VecVirtual) { VMOVUPS_Z(m, mask, v) },
		storePart: func(mask Register, m Mem, v VecVirtual) { VMOVUPS(v, mask, m) },
	}
}

func avx2() isa {
	return isa{
		suffix: "AVX2", lanes: 8, block: 6, strip: 8,
		vector: YMM,
		times: func(xs []VecVirtual, m Mem) []VecVirtual {
			y := YMM()
			VBROADCASTSS(m, y)
			var products []VecVirtual
			for i, x := range xs {
				product := y // which is not needed after the last
				if i < len(xs)-1 {
					product = YMM()
				}
				VMULPS(x, y, product)
				products = append(products, product)
			}
			return products
		},
		mask: func(count GPVirtual) Register {
			at := GP64()
			LEAQ(masks(), at)
			NEGQ(count)
			LEAQ(Mem{Base: at, Index: count, Scale: 4, Disp: 8 * 4}, at)
			return at
		},
		// The mask stays in memory, as all registers are needed for sums and factors.
		loadPart: func(mask Register, m Mem, v VecVirtual) {
			VMOVUPS(Mem{Base: mask}, v)
			VMASKMOVPS(m, v, v)
		},
		storePart: func(mask Register, m Mem, v VecVirtual) {
			lanes := YMM()
			VMOVUPS(Mem{Base: mask}, lanes)
			VMASKMOVPS(v, lanes, m)
		},
	}
}

var masksMade *Mem

// masks is the table of which a window of eight, moved back by a count, has that many ones in
// front.
func masks() Mem {
	if masksMade == nil {
		m := GLOBL("masks", RODATA|NOPTR)
		for i := range 16 {
			ones := uint32(0)
			if i < 8 {
				ones = math.MaxUint32
			}
			DATA(4*i, U32(ones))
		}
		masksMade = &m
	}
	return *masksMade
}

// floats is the size of a stride in bytes: the parameter counts elements.
func floats(name string) GPVirtual {
	r := GP64()
	Load(Param(name), r)
	SHLQ(Imm(2), r)
	return r
}

func param(name string) GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}
