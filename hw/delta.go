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
}
