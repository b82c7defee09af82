// Command asm writes the amd64 kernels of package cpu: go generate in hw/cpu runs
// it, and CI demands that nothing changes.
//
// A kernel is a macro that emits the instructions of one part of the rule, so that
// the parts are also there on their own, for tests and measurements, and the whole
// is one call. Package hw defines what every number means.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

//go:generate go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg cpu

func main() {
	ConstraintExpr("!purego")
	tables()
	for _, k := range []isa{avx512{vnni: true}, avx512{vnni: false}, avx2{}} {
		parts(k)
		run(k)
	}
	Generate()
}
