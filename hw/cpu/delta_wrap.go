//go:build (amd64 || arm64) && !purego

package cpu

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// A kernel in assembly adds columns times one digit of their deltas' values, of the
// weight 1<<shift, and trusts what it is given.
type columnsKernel[W int8 | int16] func(z *int32, weights *W, stride, rows int, deltas *int32, count int, shift uint64)

// A scan in assembly returns two maxima, as [halves] takes them.
type scanKernel func(list *int32, count int) uint64

// halves are the two numbers that a scan in assembly returns.
func halves(scan uint64) (lower, upper uint32) { return uint32(scan), uint32(scan >> 32) }

// checkedColumns are the columns of a kernel with digits of 16 bits, of which nearly
// always the lower one is all that there is. The kernel takes at least so many rows.
func checkedColumns[W int8 | int16](scan scanKernel, least int, add columnsKernel[W]) func(z []int32, weights []W, stride int, deltas []hw.Delta) {
	return func(z []int32, weights []W, stride int, deltas []hw.Delta) {
		if !columnsToDo(z, stride, len(deltas)) {
			return
		}
		index, magnitude := halves(scan(&deltas[0].Index, len(deltas)))
		checkColumns(len(z), len(weights), stride, index)
		if len(z) < least {
			addColumns(z, weights, stride, deltas)
			return
		}
		add(&z[0], &weights[0], stride, len(z), &deltas[0].Index, len(deltas), 0)
		if magnitude > math.MaxInt16 {
			add(&z[0], &weights[0], stride, len(z), &deltas[0].Index, len(deltas), 16)
		}
	}
}

// checkedTaps are the taps of a kernel in assembly, which trusts what it is given
// and takes at least one channel.
func checkedTaps[W int8 | int16](scan scanKernel, add func(z *int32, weights *W, channels int, taps *int32, count int)) func(z []int32, weights []W, channels int, taps []hw.Tap) {
	return func(z []int32, weights []W, channels int, taps []hw.Tap) {
		if len(taps) == 0 {
			return
		}
		lastZ, lastW := halves(scan(&taps[0].Z, len(taps)))
		checkTaps(len(z), len(weights), channels, lastZ, lastW)
		if channels > 0 {
			add(&z[0], &weights[0], channels, &taps[0].Z, len(taps))
		}
	}
}
