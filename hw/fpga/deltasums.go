package fpga

import "math/bits"

// SumsReader puts the sums that a device sends into their places: headers, each with the sums of a word's blocks behind
// it, and an end. It believes nothing that the layer does not have.
type SumsReader struct {
	layer   *DeltaLayer
	lanes   int
	sums    []int32
	touched func(from, to int)

	word, last int
	blocks     uint16 // of the word, that are left
	at, end    int    // of the block's sums
	headers    uint16
	count      int
}

// NewSumsReader makes a reader for one answer. Sums are [row][column][channel]; touched, which may be nil, is called with
// each run of sums that has come.
func NewSumsReader(l *DeltaLayer, lanes int, sums []int32, touched func(from, to int)) *SumsReader {
	return &SumsReader{layer: l, lanes: lanes, sums: sums, touched: touched, last: -1}
}

// Word takes the next word, and tells whether it was the end.
func (r *SumsReader) Word(w uint32) (done bool, err error) {
	if r.at < r.end {
		r.sums[r.at] = int32(w)
		r.count++
		if r.at++; r.at == r.end {
			if r.touched != nil {
				_, count := r.layer.at(r.word, bits.TrailingZeros16(r.blocks), r.lanes)
				r.touched(r.end-count, r.end)
			}
			r.blocks &= r.blocks - 1
			r.next()
		}
		return false, nil
	}
	word, blocks := int(w>>16), uint16(w)
	if blocks == 0 {
		if uint16(word) != r.headers {
			return false, &SumsError{What: "headers ahead of the end", Expected: int(r.headers), Found: word}
		}
		return true, nil
	}
	if words := r.layer.SumWords(r.lanes); word <= r.last || word >= words {
		return false, &SumsError{What: "word, the one before it plus 1 or more", Expected: r.last + 1, Found: word}
	}
	for b := range 16 {
		if blocks>>b&1 == 0 {
			continue
		}
		if _, count := r.layer.at(word, b, r.lanes); b >= DeltaBlocks || count == 0 {
			return false, &SumsError{What: "blocks that hold outputs", Expected: int(blocks &^ (1 << b)), Found: int(blocks)}
		}
	}
	r.word, r.last, r.blocks = word, word, blocks
	r.headers++
	r.next()
	return false, nil
}

// next goes on to the first block that is left.
func (r *SumsReader) next() {
	if r.blocks == 0 {
		return
	}
	first, count := r.layer.at(r.word, bits.TrailingZeros16(r.blocks), r.lanes)
	r.at, r.end = first, first+count
}

// Count is how many sums have come.
func (r *SumsReader) Count() int { return r.count }
