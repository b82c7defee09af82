package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/reg"
)

// vector is a register of 16, 32 or 64 bytes.
func vector(bytes int) VecVirtual {
	switch bytes {
	case 16:
		return XMM()
	case 32:
		return YMM()
	}
	return ZMM()
}

// vectors are registers for sums. A kernel makes them once, for all its blocks: avo
// takes a register that clearAll clears as one that held something before.
func vectors(bytes, count int) []VecVirtual {
	out := make([]VecVirtual, count)
	for i := range out {
		out[i] = vector(bytes)
	}
	return out
}

func clearAll(all ...VecVirtual) {
	for _, x := range all {
		if x.Size() == 64 {
			VPXORD(x, x, x)
			continue
		}
		VPXOR(x, x, x)
	}
}
