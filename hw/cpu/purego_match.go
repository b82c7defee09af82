package cpu

import "github.com/saccade-dev/saccade/hw"

// pairs are eight elements of a batch of contexts, two contexts in a word of 64 bits:
// of each element contexts 0 and 1 in the first word, 2 and 3 in the second.
//
// The word c0 + c1<<32 times a weight w is c0*w + (c1*w)<<32, so that one
// multiplication serves two contexts. The sum of such products is d0 + d1<<32 with both
// dot products, all modulo 2^64; see [split] for how they come apart again.
type pairs [pairsLen][hw.Batch / 2]uint64

// tile is memory for packed contexts, 256 elements of them: 4 KiB of stack.
type tile [32]pairs

const pairsLen = 8 // divides hw.ContextLen of anything

func match(dots []int32, weights, contexts []int16, neurons, elements int) {
	checkMatch(dots, weights, contexts, neurons, elements)
	var packed tile
	matchTiles(&packed, dots, weights, contexts, neurons, elements)
}

// matchTiles computes the dot products of a batch, as many elements at a time as there
// is memory for:
//
//	dots[k*dotLen+i] = sum over all e of weights[i*row+e]*contexts[k*space+e]
//
// Cauchy-Schwarz bounds the sums of some elements as it does those of all.
func matchTiles(packed *tile, dots []int32, weights, contexts []int16, neurons, elements int) {
	row, space, dotLen := hw.ContextLen(elements), hw.ContextSpace(elements), hw.DotLen(neurons)
	d0, d1, d2, d3 := dots[:neurons], dots[dotLen:][:neurons], dots[2*dotLen:][:neurons], dots[3*dotLen:][:neurons]
	clear(dots)
	for at := 0; at < elements; at += len(packed) * pairsLen {
		c := packed[:min((elements-at+pairsLen-1)/pairsLen, len(packed))]
		pack(c, contexts[at:], contexts[space+at:], contexts[2*space+at:], contexts[3*space+at:])
		for i := range d0 {
			first, second := products(c, weights[i*row+at:][:len(c)*pairsLen])
			low, high := split(first)
			d0[i] += low
			d1[i] += high
			low, high = split(second)
			d2[i] += low
			d3[i] += high
		}
	}
}

// pack fills pairs from four contexts, whose elements are never negative:
//
//	to[e/8][e%8][0] = c0[e] + c1[e]<<32
//	to[e/8][e%8][1] = c2[e] + c3[e]<<32
func pack(to []pairs, c0, c1, c2, c3 []int16) {
	n := len(to) * pairsLen
	c0, c1, c2, c3 = c0[:n], c1[:n], c2[:n], c3[:n]
	for i := range to {
		at, p := i*pairsLen, &to[i]
		x0, x1 := (*[pairsLen]int16)(c0[at:]), (*[pairsLen]int16)(c1[at:])
		x2, x3 := (*[pairsLen]int16)(c2[at:]), (*[pairsLen]int16)(c3[at:])
		for e := range p {
			p[e][0] = uint64(uint16(x0[e])) | uint64(uint16(x1[e]))<<32
			p[e][1] = uint64(uint16(x2[e])) | uint64(uint16(x3[e]))<<32
		}
	}
}

// products multiplies packed contexts with as many weights:
//
//	first += c[e/8][e%8][0] * weights[e]
//	second += c[e/8][e%8][1] * weights[e]
//
// In steps of eight there are constant offsets and nothing to check, and the loop
// is bound by the multiplier. More neurons a step were not faster on amd64, for
// want of registers.
func products(c []pairs, weights []int16) (first, second uint64) {
	for i := range c {
		if len(weights) < pairsLen {
			break // never: this tells the compiler
		}
		x, w := &c[i], (*[pairsLen]int16)(weights)
		weights = weights[pairsLen:]
		first, second = addProduct(first, second, &x[0], w[0])
		first, second = addProduct(first, second, &x[1], w[1])
		first, second = addProduct(first, second, &x[2], w[2])
		first, second = addProduct(first, second, &x[3], w[3])
		first, second = addProduct(first, second, &x[4], w[4])
		first, second = addProduct(first, second, &x[5], w[5])
		first, second = addProduct(first, second, &x[6], w[6])
		first, second = addProduct(first, second, &x[7], w[7])
	}
	return first, second
}

func addProduct(first, second uint64, c *[hw.Batch / 2]uint64, weight int16) (uint64, uint64) {
	w := uint64(weight) // with the sign extended
	return first + c[0]*w, second + c[1]*w
}

// split gives both dot products of a sum low + high<<32. They fit in 32 bits (see
// package hw), so the lower half of the sum is the low one with its sign; without it,
// what it borrowed from the upper half where it is negative is back.
func split(sum uint64) (low, high int32) {
	low = int32(sum)
	return low, int32((sum - uint64(low)) >> 32)
}

// dot is one dot product, of rows of [hw.ContextLen]:
//
//	sum += weights[e] * c[e]
func dot(weights, c []int16) (sum int32) {
	for len(weights) >= pairsLen && len(c) >= pairsLen {
		w, x := (*[pairsLen]int16)(weights), (*[pairsLen]int16)(c)
		weights, c = weights[pairsLen:], c[pairsLen:]
		sum += int32(w[0])*int32(x[0]) + int32(w[1])*int32(x[1]) + int32(w[2])*int32(x[2]) + int32(w[3])*int32(x[3]) +
			int32(w[4])*int32(x[4]) + int32(w[5])*int32(x[5]) + int32(w[6])*int32(x[6]) + int32(w[7])*int32(x[7])
	}
	return sum
}
