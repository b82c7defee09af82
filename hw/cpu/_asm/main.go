// Command asm writes the amd64 kernels of package cpu: go generate in hw/cpu runs
// it, and CI demands that nothing changes.
//
// A kernel is written once for both vector lengths where the instructions allow;
// the comment on each gives the loop that it equals, and package hw defines what
// every number means.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

//go:generate go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg cpu

func main() {
	ConstraintExpr("!purego")
	tables()
	matchAVX512(true)
	matchAVX512(false)
	matchAVX2()
	contextAVX512()
	learnAVX512()
	packAVX512()
	contextAVX2()
	learnAVX2()
	packAVX2()
	Generate()
}
