//go:build !purego

package cpu

import "github.com/saccade-dev/saccade/hw"

// deltaNEON are the kernels of delta networks in NEON, whose columns are eight rows
// long at least.
func deltaNEON() hw.DeltaKernels {
	return hw.DeltaKernels{
		Columns8:  checkedColumns(scanDeltasNEON, 8, columns8NEON),
		Columns16: checkedColumns(scanDeltasNEON, 8, columns16NEON),
		Taps8:     checkedTaps(scanTapsNEON, taps8NEON),
		Taps16:    checkedTaps(scanTapsNEON, taps16NEON),
		// NEON has no instruction that pushes chosen lanes together: the lists are made in Go.
		Changes: changesPortable,
		Levels:  levelsPortable,
	}
}

// scanDeltasNEON returns, of count deltas, the largest index in the lower half of its
// result and the largest magnitude in the upper half, both as uint32:
//
//	for _, d := range deltas {
//		index = max(index, uint32(d.Index))
//		magnitude = max(magnitude, uint32(d.Value^d.Value>>31))
//	}
//
//go:noescape
func scanDeltasNEON(deltas *int32, count int) uint64

// scanTapsNEON returns, of count taps, the largest Z in the lower half of its result
// and the largest W in the upper half, both as uint32:
//
//	for _, t := range taps {
//		z, w = max(z, uint32(t.Z)), max(w, uint32(t.W))
//	}
//
//go:noescape
func scanTapsNEON(taps *int32, count int) uint64

// columns8NEON adds columns of a dense layer, of eight rows at least, times one digit
// of 16 bits of their deltas: that of the weight 1<<shift, for a shift of 0 or 16.
//
//	for i := range rows {
//		for _, d := range deltas {
//			digit := int32(int16(((d.Value + 1<<15) ^ 1<<15) >> shift))
//			z[i] += int32(weights[d.Index*stride+i]) * digit << shift
//		}
//	}
//
//go:noescape
func columns8NEON(z *int32, weights *int8, stride, rows int, deltas *int32, count int, shift uint64)

// columns16NEON is the same for int16 weights.
//
//go:noescape
func columns16NEON(z *int32, weights *int16, stride, rows int, deltas *int32, count int, shift uint64)

// taps8NEON adds the taps of a convolution, at least one:
//
//	for _, t := range taps {
//		for i := range channels {
//			z[t.Z+i] += int32(weights[t.W+i]) * t.Value
//		}
//	}
//
//go:noescape
func taps8NEON(z *int32, weights *int8, channels int, taps *int32, count int)

// taps16NEON is the same for int16 weights.
//
//go:noescape
func taps16NEON(z *int32, weights *int16, channels int, taps *int32, count int)
