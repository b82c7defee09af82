package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

var made = map[string]Mem{}

// table is a table of 32-bit numbers, which are repeated to fill that many bytes.
func table(name string, bytes int, values ...uint32) Mem {
	m, found := made[name]
	if found {
		return m
	}
	m = GLOBL(name, RODATA|NOPTR)
	for i := range bytes / 4 {
		DATA(4*i, U32(values[i%len(values)]))
	}
	made[name] = m
	return m
}
