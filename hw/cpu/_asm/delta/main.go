// Command delta writes the amd64 kernels of delta networks: go generate in hw/cpu
// runs it, and CI demands that nothing changes.
//
// A kernel is written once for all that only differs in instructions: the widths
// of registers and of weights. The comment on each gives the loop that it equals.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("!purego")
	scanDeltasAVX512()
	scanDeltasAVX2()
	scanTapsAVX512()
	scanTapsAVX2()
	digitsAVX512()
	quads()
	for _, w := range weights {
		columnsAVX512(w, false)
		columnsAVX2(w)
		tapsAVX512(w)
		tapsAVX2(w)
	}
	columnsAVX512(int16s, true)
	for _, bytes := range []int{64, 32} {
		changes(bytes)
		levels(bytes, false)
		levels(bytes, true)
	}
	Generate()
}
