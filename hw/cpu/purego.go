package cpu

import (
	"github.com/saccade-dev/saccade/hw"
)

func init() {
	hw.Register(purego{}, 0)
}

// purego is the target in portable Go.
type purego struct{}

func (purego) Name() string     { return "purego" }
func (purego) Describe() string { return "portable Go, on any machine" }
func (purego) Usable() error    { return nil }

func (purego) Kernels() *hw.Kernels {
	return &hw.Kernels{
		Context:     context,
		WeightWords: pairWords,
		Pack:        packPairs,
		Match:       matchPairs,
		Learn:       learn,
	}
}

// context looks the values up; the table holds what [hw.Decay.Value] defines.
func context(c []int16, surface []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
	var sum uint32
	table, horizon, left, right, round := d.Table, d.Horizon, d.Left, d.Right, d.Round
	for row := range side {
		cells := surface[row*stride : row*stride+side]
		values := c[row*side : row*side+side]
		for i, cell := range cells {
			// A cell of the future is one of now: the age is never below zero.
			age := min(now-min(cell, now), horizon)
			v := table[uint16((age<<left+round)>>right)]
			values[i] = v
			sum += uint32(int32(v) * int32(v))
		}
	}
	return sum
}

// The match weights of two neurons share a word, the even one's in the low half:
// one product with a context's element then serves both, exactly, as long as
// neither sum leaves 32 bits, and the bounds of the formats see to that. The
// words lie element by element, the neurons' pairs beside each other.

// group is how many pairs of neurons one pass over the context serves: as many
// sums as stay in registers.
const group = 4

// pairs is the number of words an element has: a whole number of groups.
func pairs(neurons int) int { return (neurons + 2*group - 1) / (2 * group) * group }

func pairWords(neurons, elements int) int { return pairs(neurons) * elements }

func packPairs(weights []uint64, _, neuron int, master []int32) {
	n := len(master)
	// Groups of neurons one after another; within one, element by element.
	at := neuron/(2*group)*group*n + neuron/2%group
	for i, m := range master {
		word := &weights[at+i*group]
		// The halves are the terms of a sum, low + high<<32, so that a low half
		// below zero borrows from the high one; unpack, replace, pack.
		low := int32(*word)
		high := int32((*word - uint64(int64(low))) >> 32)
		if w := int32(hw.MatchWeight(m)); neuron%2 == 0 {
			low = w
		} else {
			high = w
		}
		*word = uint64(int64(low)) + uint64(int64(high))<<32
	}
}

func matchPairs(dots []int32, weights []uint64, c []int16) {
	n := 0
	if len(dots) > 0 {
		n = len(weights) / pairs(len(dots))
	}
	c = c[:n]
	for first := 0; first < len(dots); first += 2 * group {
		var s0, s1, s2, s3 uint64
		w := weights[:n*group]
		weights = weights[n*group:]
		for _, v := range c {
			x := uint64(int64(v))
			s0 += x * w[0]
			s1 += x * w[1]
			s2 += x * w[2]
			s3 += x * w[3]
			w = w[group:]
		}
		sums := [group]uint64{s0, s1, s2, s3}
		for i := range min(2*group, len(dots)-first) {
			s := sums[i/2]
			low := int32(s)
			if i%2 == 0 {
				dots[first+i] = low
			} else {
				dots[first+i] = int32((s - uint64(int64(low))) >> 32)
			}
		}
	}
}

func learn(master []int32, c []int16, reciprocal uint32, eta int32) {
	c = c[:len(master)]
	var sum int64
	for i, m := range master {
		m += hw.MulHigh(hw.Normalised(c[i], reciprocal)-m, eta)
		master[i] = m
		sum += int64(m) * int64(m)
	}
	factor := hw.Renormal(sum)
	for i, m := range master {
		master[i] = m + hw.MulHigh(m, factor)
	}
}
