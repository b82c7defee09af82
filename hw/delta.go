package hw

// Delta is what changed in one input of a delta layer since the step before.
type Delta struct {
	Index int32 // of the input
	Value int32 // what it rose by
}

// Tap is a delta on its way to a run of outputs: Value times the weights from W on
// is added to the sums from Z on.
type Tap struct {
	Z, W  int32
	Value int32
}

// DeltaKernels are the inner loops of delta networks: what changed in the inputs
// is multiplied with the weights that it meets and added to the sums of the
// outputs (Yousefzadeh & Sifalakis 2021). All sums and products are modulo 2^32, so
// that what was added by deltas in any order is exactly what a dense layer
// computes, for ever.
type DeltaKernels struct {
	// Columns8 adds columns of a dense layer's matrix of int8 weights:
	//
	//	z[i] += sum over all deltas d of int32(weights[d.Index*stride+i]) * d.Value
	//
	// for i below len(z), which is at most stride. Every d.Index*stride+len(z) is
	// within weights.
	Columns8 func(z []int32, weights []int8, stride int, deltas []Delta)
	// Columns16 is the same for int16 weights.
	Columns16 func(z []int32, weights []int16, stride int, deltas []Delta)

	// Taps8 adds what the deltas of a convolution give, with the outputs' channels
	// beside each other (of a group, where there are groups), as a list of
	// taps that the layer's geometry makes, nine a delta for 3x3:
	//
	//	z[t.Z+i] += int32(weights[t.W+i]) * t.Value
	//
	// for i below channels, tap after tap. Every t.Z+channels is within z, every
	// t.W+channels within weights.
	Taps8 func(z []int32, weights []int8, channels int, taps []Tap)
	// Taps16 is the same for int16 weights.
	Taps16 func(z []int32, weights []int16, channels int, taps []Tap)

	// Changes lists what is other in a frame of values than in the one before, of as many,
	// and makes that one the same. The list has room for as many changes as there are
	// values; behind the n that are listed anything may be written to it.
	//
	//	for i, v := range now {
	//		if old := before[i]; v != old {
	//			list[n] = Delta{first + int32(i), v - old}
	//			n++
	//			least, largest = min(least, v), max(largest, v)
	//			nonzero += isNonzero(v) - isNonzero(old)
	//			before[i] = v
	//		}
	//	}
	//
	// Differences are modulo 2^32. Where nothing is listed, the least is the largest number
	// that there is and the largest the least.
	Changes func(list []Delta, before, now []int32, first int32) (n, nonzero int, least, largest int32)

	// Levels turns sums into levels and lists which of them are others than before, by more
	// than a threshold; those are put in their place. There is as much room in the list.
	//
	//	for i, v := range sums {
	//		k := first + int32(i) // or 0 where one multiplier and shift stand for all
	//		level := max(min((int64(v)*l.Mul[k] + 1<<(l.Shift[k]-1)) >> l.Shift[k], l.High), l.Low)
	//		if d := level - levels[i]; d > l.Threshold || -d > l.Threshold {
	//			list[n] = Delta{first + int32(i), d}
	//			n++
	//			nonzero += isNonzero(level) - isNonzero(levels[i])
	//			levels[i] = level
	//		}
	//	}
	Levels func(list []Delta, levels, sums []int32, first int32, l *Levelling) (n, nonzero int)
}
