package cpu

import (
	"math"
	"math/bits"

	"github.com/saccade-dev/saccade/hw"
)

// deltaPortable are the kernels of delta networks in portable Go, the definition of
// those of every other target.
func deltaPortable() hw.DeltaKernels {
	return hw.DeltaKernels{
		Columns8:  columnsPortable[int8],
		Columns16: columnsPortable[int16],
		Taps8:     tapsPortable[int8],
		Taps16:    tapsPortable[int16],
		Changes:   changesPortable,
		Levels:    levelsPortable,
	}
}

// PanicColumns is the panic of a kernel for a delta whose column is not within the
// weights, or for more sums than the columns have weights.
const PanicColumns = "cpu: a delta's column is outside the weights"

// PanicTaps is the panic of a kernel for a tap outside the sums or the weights.
const PanicTaps = "cpu: a tap is outside the sums or the weights"

// checkColumns panics where the columns of deltas up to the largest index, as
// uint32, are not within so many weights.
func checkColumns(rows, weights, stride int, index uint32) {
	over, first := bits.Mul64(uint64(index), uint64(stride))
	end, carry := bits.Add64(first, uint64(rows), 0)
	if rows > stride || index > math.MaxInt32 || over|carry != 0 || end > uint64(weights) {
		panic(PanicColumns)
	}
}

// checkTaps panics where taps up to the largest Z and W, as uint32, are not within
// so many sums and weights.
func checkTaps(sums, weights, channels int, z, w uint32) {
	if channels < 0 || z > math.MaxInt32 || w > math.MaxInt32 ||
		int64(z) > int64(sums)-int64(channels) || int64(w) > int64(weights)-int64(channels) {
		panic(PanicTaps)
	}
}

// scanDeltas gives the largest index, as uint32, and the largest magnitude: of a
// value v, v^(v>>31), which is v or -v-1.
func scanDeltas(deltas []hw.Delta) (index, magnitude uint32) {
	for _, d := range deltas {
		index = max(index, uint32(d.Index))
		magnitude = max(magnitude, uint32(d.Value^d.Value>>31))
	}
	return index, magnitude
}

// scanTaps gives the largest Z and the largest W, as uint32.
func scanTaps(taps []hw.Tap) (z, w uint32) {
	for _, t := range taps {
		z, w = max(z, uint32(t.Z)), max(w, uint32(t.W))
	}
	return z, w
}

func columnsPortable[W int8 | int16](z []int32, weights []W, stride int, deltas []hw.Delta) {
	if !columnsToDo(z, stride, len(deltas)) {
		return
	}
	index, _ := scanDeltas(deltas)
	checkColumns(len(z), len(weights), stride, index)
	addColumns(z, weights, stride, deltas)
}

// columnsToDo tells whether there is anything to check and to add.
func columnsToDo(z []int32, stride, deltas int) bool {
	if len(z) > stride {
		panic(PanicColumns)
	}
	return deltas > 0
}

// addColumns goes over the sums once for four deltas.
func addColumns[W int8 | int16](z []int32, weights []W, stride int, deltas []hw.Delta) {
	column := func(d *hw.Delta) []W { return weights[int(d.Index)*stride:][:len(z)] }
	for len(deltas) >= 4 {
		quad := deltas[:4]
		deltas = deltas[4:]
		p, q, r, s := column(&quad[0]), column(&quad[1]), column(&quad[2]), column(&quad[3])
		pv, qv, rv, sv := quad[0].Value, quad[1].Value, quad[2].Value, quad[3].Value
		for i := range z {
			z[i] += int32(p[i])*pv + int32(q[i])*qv + int32(r[i])*rv + int32(s[i])*sv
		}
	}
	for i := range deltas {
		addScaled(z, column(&deltas[i]), deltas[i].Value)
	}
}

// addScaled adds weights times a value to as many sums.
func addScaled[W int8 | int16](z []int32, weights []W, value int32) {
	z = z[:len(weights)]
	for i, w := range weights {
		z[i] += int32(w) * value
	}
}

func tapsPortable[W int8 | int16](z []int32, weights []W, channels int, taps []hw.Tap) {
	if len(taps) == 0 {
		return
	}
	lastZ, lastW := scanTaps(taps)
	checkTaps(len(z), len(weights), channels, lastZ, lastW)
	if channels == 1 {
		addSingles(z, weights, taps)
		return
	}
	for i := range taps {
		t := &taps[i]
		addScaled(z[t.Z:][:channels], weights[t.W:][:channels], t.Value)
	}
}

// addSingles adds taps of one channel, as of depthwise convolutions, for which no
// vector of sums is there to be loaded.
func addSingles[W int8 | int16](z []int32, weights []W, taps []hw.Tap) {
	for i := range taps {
		t := &taps[i]
		z[t.Z] += int32(weights[t.W]) * t.Value
	}
}
