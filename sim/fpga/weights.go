package fpga

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// weights are what the banks of neurons have learned, in the device's memories.
type weights struct {
	elements int
	neurons  int
	banks    [2]neurons
}

// neurons is a bank.
type neurons struct {
	master []int32 // Q24 [neuron][element]
	// match are the match weights, Q15, of two neurons in a word: w0 + w1<<32, so that one
	// multiplication serves both. The sums of products, d0 + d1<<32 modulo 2^64, come
	// apart again as a dot product has 32 bits.
	match   []uint64 // [neuron/2][element]
	squares []uint32 // Q30 [neuron]
	// A threshold is the sum of the neuron's and the bank's, so that an event that all
	// have missed changes one register.
	thresholds []int32 // Q24 [neuron]
	offset     int32
}

func (w *weights) make(elements, count int) {
	w.elements, w.neurons = elements, count
	for i := range w.banks {
		w.banks[i] = neurons{
			master: make([]int32, count*elements), match: make([]uint64, (count+1)/2*elements),
			squares: make([]uint32, count), thresholds: make([]int32, count),
		}
	}
}

// setMaster puts one master weight in, and what follows from it.
func (w *weights) setMaster(bank, neuron, element int, m int32) {
	b := &w.banks[bank]
	at := &b.master[neuron*w.elements+element]
	was, is := int32(hw.MatchWeight(*at)), int32(hw.MatchWeight(m))
	*at = m
	b.squares[neuron] += uint32(is*is) - uint32(was*was)
	b.match[neuron/2*w.elements+element] += uint64(int64(is-was)) << (neuron % 2 * 32)
}

// computeDots makes the dot products of all neurons of a bank with an event's context, as
// the lanes do column by column. What the weights are meanwhile changed by is one neuron's,
// and it is computed again: see stepLearn.
func (d *Device) computeDots() {
	t := &d.pending.matching
	w := &d.weights
	b := &w.banks[t.bank]
	dots := d.dots[t.number%matchedAhead]
	c := d.contexts[t.number%slots].values
	for i := 0; i < w.neurons; i += 4 {
		first := b.match[i/2*w.elements:][:w.elements]
		second := first // of neurons that are not there
		if i+2 < w.neurons {
			second = b.match[(i/2+1)*w.elements:][:w.elements]
		}
		x, y := products(c, first, second)
		var four [4]int32
		four[0], four[1] = apart(x)
		four[2], four[3] = apart(y)
		copy(dots[i:w.neurons], four[:])
	}
}

// products multiplies a context with the words of four neurons.
func products(c []int16, first, second []uint64) (x, y uint64) {
	first, second = first[:len(c)], second[:len(c)]
	var x1, y1 uint64
	i := 0
	for ; i+1 < len(c); i += 2 {
		v, u := uint64(uint16(c[i])), uint64(uint16(c[i+1]))
		x += v * first[i]
		y += v * second[i]
		x1 += u * first[i+1]
		y1 += u * second[i+1]
	}
	if i < len(c) {
		v := uint64(uint16(c[i]))
		x += v * first[i]
		y += v * second[i]
	}
	return x + x1, y + y1
}

func apart(sum uint64) (low, high int32) {
	low = int32(sum)
	return low, int32((sum - uint64(int64(low))) >> 32)
}

// dot is one neuron's dot product with a context.
func (w *weights) dot(bank, neuron int, c []int16) int32 {
	words := w.banks[bank].match[neuron/2*w.elements:][:w.elements]
	var sum uint64
	for i, v := range c {
		sum += uint64(uint16(v)) * words[i]
	}
	low, high := apart(sum)
	if neuron%2 == 0 {
		return low
	}
	return high
}

// learn pulls a neuron towards a context, as hw.Kernels says of Learn.
func (w *weights) learn(bank, neuron int, c []int16, p hw.Pull) {
	b := &w.banks[bank]
	master := b.master[neuron*w.elements:][:w.elements]
	words := b.match[neuron/2*w.elements:][:w.elements]
	c = c[:len(master)]
	half := neuron % 2 * 32 & 63
	scale := uint32(p.Factor) << (p.Shift & 31) // below one behind the product, as hw.Normalised is
	rate, renormal, drop := int32(p.Rate), int32(p.Renormal), p.Drop&31
	round := int32(1) << (drop - 1)
	var squares uint32
	for i, m := range master {
		was := rounded(m)
		// What is normalised is not negative, and a weight is no less than -1: a
		// difference can only be too large, not too small.
		difference := min(int32(uint32(uint16(c[i]))*scale>>16)-was, math.MaxInt16)
		m += (difference*rate + was*renormal + round) >> drop
		is := rounded(m)
		master[i] = m
		words[i] += uint64(int64(is-was)) << half
		squares += uint32(is * is)
	}
	b.squares[neuron] = squares
}

// rounded is hw.MatchWeight: saturated weights are rare.
func rounded(m int32) int32 {
	const shift = hw.MasterFraction - hw.WeightFraction
	w := (m + 1<<(shift-1)) >> shift
	if w != int32(int16(w)) {
		w = int32(hw.MatchWeight(m))
	}
	return w
}

// best is the neuron with the largest dot product among those that reach their threshold,
// or among all; the lowest index of equals, hw.Missed where there is none.
func (w *weights) best(dots []int32, bank int, selecting bool, norm uint32) (winner int16, dot int32) {
	b := &w.banks[bank]
	dots = dots[:w.neurons]
	if !selecting {
		dot = dots[0]
		for i, v := range dots {
			if v > dot {
				winner, dot = int16(i), v
			}
		}
		return winner, dot
	}
	winner, dot = hw.Missed, math.MinInt32
	thresholds := b.thresholds[:len(dots)]
	for i, v := range dots {
		if v > dot && int64(v)<<hw.MatchShift >= int64(thresholds[i]+b.offset)*int64(norm) {
			winner, dot = int16(i), v
		}
	}
	return winner, dot
}
