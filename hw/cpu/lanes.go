//go:build amd64 && !purego

package cpu

import "unsafe"

//go:generate go run -C _asm . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg cpu

// Neurons lie across the lanes of a register, 16 of them in a group; a lane holds
// the weights of a pair of elements. Groups follow each other, and in a group the
// pairs. A word of 64 bits holds two lanes.
const lanes = 16

func groups(neurons int) int { return (neurons + lanes - 1) / lanes }

func laneWords(neurons, elements int) int {
	return groups(neurons) * ((elements + 1) / 2) * lanes / 2
}

// pairsOf is the number of pairs of elements that weights hold for each neuron, 0
// where there is nothing to match.
func pairsOf(dots []int32, weights []uint64) int {
	if len(dots) == 0 {
		return 0
	}
	pairs := len(weights) / (groups(len(dots)) * lanes / 2)
	if pairs == 0 {
		clear(dots)
	}
	return pairs
}

// lane is where the weights of a neuron with that many elements begin, after a
// check that they end within weights.
func lane(weights []uint64, neuron, elements int) *uint64 {
	pairs := (elements + 1) / 2
	first := neuron/lanes*pairs*lanes + neuron%lanes
	_ = weights[(first+(pairs-1)*lanes)/2]
	return (*uint64)(unsafe.Add(unsafe.Pointer(&weights[0]), 4*first))
}
