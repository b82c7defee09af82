package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// Tables of constants that AVX2 has no masks or shifts for.
var (
	lastWords  Mem // 16 words of 0, then 16 of -1: from word r on, the last r of 16
	firstDword Mem // 8 double words of -1, then 8 of 0: from 8-r on, the first r of 8
	powersLow  Mem // the low bytes of 2^k for k from 0 to 15, twice
	powersHigh Mem // the high bytes, likewise
)

func tables() {
	lastWords = GLOBL("lastWords", RODATA|NOPTR)
	for i := range 32 {
		v := uint16(0)
		if i >= 16 {
			v = 0xffff
		}
		DATA(2*i, U16(v))
	}
	firstDword = GLOBL("firstDwords", RODATA|NOPTR)
	for i := range 16 {
		v := uint32(0)
		if i < 8 {
			v = 0xffffffff
		}
		DATA(4*i, U32(v))
	}
	powersLow = GLOBL("powersLow", RODATA|NOPTR)
	for i := range 32 {
		DATA(i, U8(uint8(uint32(1)<<(i%16)&0xff)))
	}
	powersHigh = GLOBL("powersHigh", RODATA|NOPTR)
	for i := range 32 {
		DATA(i, U8(uint8(uint32(1)<<(i%16)>>8)))
	}
}
