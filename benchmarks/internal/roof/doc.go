// Package roof states and measures the limits of a machine that a kernel meets, for
// the roofline of package benchmarks (Williams, Waterman & Patterson 2009): how fast
// the kernel's memory and its multipliers would let it be if nothing else cost
// anything.
//
// A [Unit] is what the machine computes with, by the length of a register. Its peaks
// are measured by loops that do one thing and nothing else: assembly on amd64, written
// by the program in _asm, with plain Go beside it. A peak is the best of many short
// runs, since whoever shares the machine can only make one slower.
//
// A [Work] is what a kernel must do by its definition in package hw, however it is
// written; the functions that count it say what they count. [Unit.Bound] is the time
// that the unit needs for it at least. Loads, stores and products have hardware of
// their own and can go on at once, so the longest of the three is the bound; products
// of different lengths share the multipliers, so theirs add up.
package roof
