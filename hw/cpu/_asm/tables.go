package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// The polynomial of the decay: hw.Decay.Value defines it.
const (
	polyC0 = 16384
	polyC1 = 11338
	polyC2 = 3806
	polyC3 = 661
)

// Constants that are loaded whole.
var (
	unpacked            Mem // quad words 0 2 4 6 1 3 5 7: undoes what a pack of two registers of 512 bits interleaves
	pairsLow, pairsHigh Mem // of 32 words in each of two registers: words 0 of both, words 1 ..., and from words 16 on
	lane                Mem // 0 to 15
	constants           map[int]Mem

	firstLanes Mem // 8 double words of -1, then 8 of 0: from 8-n on, the first n of 8
	firstWords Mem // 16 words of -1, then 16 of 0: from 16-n on, the first n of 16
	lowBytes   Mem // from 15-k on, the low bytes of 2^k, 2^(k-1) ... 1, 0 ...
	highBytes  Mem // the high bytes, likewise
)

// word is a register of 512 bits full of a 16-bit constant.
func word(v int) Mem { return constants[v] }

func tables() {
	unpacked = GLOBL("unpacked", RODATA|NOPTR)
	for i, q := range []uint64{0, 2, 4, 6, 1, 3, 5, 7} {
		DATA(8*i, U64(q))
	}
	for half, m := range []*Mem{&pairsLow, &pairsHigh} {
		*m = GLOBL([]string{"pairsLow", "pairsHigh"}[half], RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(uint32(16*half+i)|uint32(32+16*half+i)<<16))
		}
	}
	lane = GLOBL("lane", RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(uint32(i)))
	}
	constants = map[int]Mem{}
	for _, c := range []struct {
		name  string
		value int
	}{{"polyC0", polyC0}, {"polyC1", polyC1}, {"polyC2", polyC2}, {"polyC3", polyC3}, {"fraction", 0x7ff0}, {"lowBytesOf", 0xff70}, {"highBytesOf", 0x70ff}} {
		constants[c.value] = GLOBL(c.name, RODATA|NOPTR)
		for i := range 32 {
			DATA(2*i, U16(uint16(c.value)))
		}
	}
	firstLanes = GLOBL("firstLanes", RODATA|NOPTR)
	for i := range 16 {
		v := uint32(0)
		if i < 8 {
			v = 0xffffffff
		}
		DATA(4*i, U32(v))
	}
	firstWords = GLOBL("firstWords", RODATA|NOPTR)
	for i := range 32 {
		v := uint16(0)
		if i < 16 {
			v = 0xffff
		}
		DATA(2*i, U16(v))
	}
	for high, m := range []*Mem{&lowBytes, &highBytes} {
		*m = GLOBL([]string{"lowBytes", "highBytes"}[high], RODATA|NOPTR)
		for i := range 32 {
			v := uint32(0)
			if i < 16 {
				v = 1 << (15 - i)
			}
			DATA(i, U8(uint8(v>>(8*high))))
		}
	}
}
