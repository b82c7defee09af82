package fpga

import "github.com/saccade-dev/saccade/hw"

// packWeights puts a layer's weights, [input][output] or [channel][element][output], into the order of the window: two
// lanes a word, lanes without a weight 0.
func (l *DeltaLayer) packWeights(weights []int16, lanes int) []uint32 {
	block, parts := l.Block(lanes), l.Parts(lanes)
	width := (lanes + 1) / 2
	out := make([]uint32, l.WeightWords(lanes)*width)
	elements := 1
	if l.Kind == hw.DeltaConv3x3 {
		elements = DeltaBlocks
	}
	for i, w := range weights {
		output, row := i%l.Outputs, i/l.Outputs
		word := row/elements*parts + output/block
		lane := row%elements*block + output%block
		out[word*width+lane/2] |= uint32(uint16(w)) << (lane % 2 * 16)
	}
	return out
}

// packSums puts a layer's sums, [row][column][channel], into the order of the window.
func (l *DeltaLayer) packSums(sums []int32, lanes int) []uint32 {
	out := make([]uint32, l.SumWords(lanes)*lanes)
	l.eachBlock(lanes, func(word, lane, first, count int) {
		for i, v := range sums[first:][:count] {
			out[word*lanes+lane+i] = uint32(v)
		}
	})
	return out
}

// unpackSums is the way back.
func (l *DeltaLayer) unpackSums(sums []int32, words []uint32, lanes int) {
	l.eachBlock(lanes, func(word, lane, first, count int) {
		for i := range sums[first:][:count] {
			sums[first+i] = int32(words[word*lanes+lane+i])
		}
	})
}

// eachBlock calls f for each block of each word that holds outputs, with its first lane, the index of its first sum
// in [row][column][channel], and how many there are.
func (l *DeltaLayer) eachBlock(lanes int, f func(word, lane, first, count int)) {
	for word := range l.SumWords(lanes) {
		for block := range DeltaBlocks {
			if first, count := l.at(word, block, lanes); count > 0 {
				f(word, block*l.Block(lanes), first, count)
			}
		}
	}
}

// at is where the sums of a block belong in [row][column][channel], and how many there are: 0 of one that holds none.
func (l *DeltaLayer) at(word, block, lanes int) (first, count int) {
	size, parts := l.Block(lanes), l.Parts(lanes)
	channel := word % parts * size
	count = min(size, l.Outputs-channel)
	if l.Kind != hw.DeltaConv3x3 {
		if block > 0 {
			return 0, 0
		}
		return channel, count
	}
	_, across := l.Tiles()
	height, width := l.Out()
	tile := word / parts
	y, x := tile/across*3+block/3, tile%across*3+block%3
	if y >= height || x >= width {
		return 0, 0
	}
	return (y*width+x)*l.Outputs + channel, count
}
