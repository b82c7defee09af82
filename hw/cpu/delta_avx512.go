//go:build amd64 && !purego

package cpu

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// deltaAVX512 are the kernels of delta networks in AVX-512, with VNNI or without.
func deltaAVX512(vnni bool) hw.DeltaKernels {
	k := hw.DeltaKernels{
		Columns8:  checkedColumns(scanDeltasAVX512, 1, columns8AVX512),
		Columns16: checkedColumns(scanDeltasAVX512, 1, columns16AVX512),
		Taps8:     checkedTaps(scanTapsAVX512, taps8AVX512),
		Taps16:    checkedTaps(scanTapsAVX512, taps16AVX512),
		Changes:   checkedChanges(16, changesAVX512),
		Levels:    checkedLevels(16, levelsSameAVX512, levelsEachAVX512),
	}
	if vnni {
		k.Columns8 = columns8Bytes
		k.Columns16 = checkedColumns(scanDeltasAVX512, 1, columns16VNNI)
	}
	return k
}

// columns8Bytes takes the values of the deltas digit by digit of 8 bits. The lowest
// is taken of all; then the lists of those that have more are made, part by part.
func columns8Bytes(z []int32, weights []int8, stride int, deltas []hw.Delta) {
	if !columnsToDo(z, stride, len(deltas)) {
		return
	}
	index, magnitude := halves(scanDeltasAVX512(&deltas[0].Index, len(deltas)))
	checkColumns(len(z), len(weights), stride, index)
	if len(z) == 0 {
		return
	}
	columns8VNNI(&z[0], &weights[0], stride, len(z), &deltas[0].Index, len(deltas), 0)
	if magnitude <= math.MaxInt8 {
		return
	}
	var list [256]hw.Delta // a multiple of 8, as digitsAVX512 writes eight at a time
	for len(deltas) > 0 {
		part := deltas[:min(len(deltas), len(list))]
		deltas = deltas[len(part):]
		for shift := uint64(8); shift < 32; shift += 8 {
			// Values up to 0x7f, 0x7f7f or 0x7f7f7f have lower digits only.
			if magnitude <= 0x7f7f7f7f>>(32-shift) {
				break
			}
			if n := digitsAVX512(&list[0].Index, &part[0].Index, len(part), shift); n > 0 {
				columns8VNNI(&z[0], &weights[0], stride, len(z), &list[0].Index, n, shift)
			}
		}
	}
}
