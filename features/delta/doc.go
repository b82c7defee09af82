// Package delta runs delta networks in integers: networks over a slowly changing
// stream, whose layers pass on only what changed since the step before, so that most of
// the multiplications are left out (Yousefzadeh & Sifalakis 2021, arXiv:2107.07305).
//
//	net, err := delta.Load("digits.delta")
//	e, err := delta.NewEngine(net, target)
//	output, err := e.Step(input) // levels in, values out
//
// # The rule
//
// A layer with weights keeps its sums, Z. In every step the changes of its input are
// added to them, Z += W dO, where dO is what the layer before has sent; in the first
// step Z begins with the biases, which are in no change. A delta activation turns sums
// into levels, O = Q(f(Z)), and sends O(t) - O(t-1) where that is not zero.
//
// Levels, weights and sums are integers, and sums of integers do not depend on their
// order, so that the sums are exactly those of the dense network, for ever: [Engine]
// gives the bits of [Dense], which computes everything anew, on every target. That no
// sum leaves 32 bits is proven when a network is made, see [New].
//
// # The numbers
//
//	quantity               format              made by
//	input                  int32, Min to Max   whoever runs the network
//	weight                 int8 or int16       quantisation, [-127, 127] or [-32767, 32767]
//	bias, sum              int32               in units of weight times level
//	level                  -L to L, at most 2^15-1   [Requant], rounding halves upwards
//	average                int32, the sum of its window
//	residual               int32, both sides times a multiplier
//	bound of a cut         int32, in units of the values, from 0
//	weight of a magnitude  int32, from 1: what a topk multiplies a value's magnitude by
//
// What a unit is worth in the real numbers that a network was trained in is folded into
// weights, multipliers and requantisations; package quantise does that. The division
// of an average is part of the requantisation behind it.
//
// # The file
//
// A network's topology and parameters are one file, little-endian:
//
//	"SACDELTA" | version u32, 1 or 2 | number of sections u32, 3 or more
//	then each section: name, 8 bytes padded with zeros | length u64 | CRC-32C u32 | bytes
//
// The sections are topology (the text of package topology), params and scales. params
// holds, layer after layer and of what the layer has: weights (int8, or int16), biases
// int32; the number of requantisations u32 and for each its multiplier u32 and shift
// u8; for both sides of an addition the number of multipliers u32 and the multipliers
// int32; the same of the bounds of a cut, and of the weights of a topk. scales holds
// float64: what a level of the input is worth, then what a unit of the output is, one or
// one for each channel.
//
// These three are all that version 1 has, and what it can hold is written as version 1. Version 2
// may have more: units, which say for each layer with weights what a unit of its sums is worth (a
// number u32 of them, 1 or the channels', and as many float64), so that training can go on from the
// integers whatever the layers; and frames, labels, interval and whole, which are package decide's: what the
// network is given, and what its outputs stand for. This package keeps those as they are.
package delta
