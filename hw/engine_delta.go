package hw

import "fmt"

// DeltaOpener is a target with memories of its own that takes whole layers of a delta network: their weights and their
// sums. Its Kernels are those of a processor, for what it does not take.
type DeltaOpener interface {
	Target
	// OpenDelta gives layers to the device, all at once: it must be able to hold them, otherwise the error says which
	// number of which layer is beyond what the device has. Behind it, all sums are zero. It keeps no slice.
	OpenDelta(layers []DeltaLayer) (DeltaEngine, error)
}

// DeltaKind is how a layer's inputs and outputs are connected.
type DeltaKind uint8

// The kinds that devices know.
const (
	DeltaLinear  DeltaKind = 1 + iota // every input with every output
	DeltaConv3x3                      // a kernel of 3x3, without groups and dilation
)

// DeltaShape is what a device has to know of a layer but for its weights.
type DeltaShape struct {
	Kind DeltaKind
	// Channels, Height and Width are the input's. A linear layer has as many channels as inputs, of 1x1.
	Channels, Height, Width int
	Outputs                 int // channels of the output
	// Stride, 1 or 2, and Padding, 0 or 1 on every side, are a convolution's, in both directions the same; a linear
	// layer has neither.
	Stride, Padding int
}

// MaxDeltaInputs is how many inputs a layer on a device has at the most: an index has 16 bits.
const MaxDeltaInputs = 1 << 16

// maxDeltaSide bounds every number of a shape, so that no product of them leaves 63 bits.
const maxDeltaSide = 1 << 20

// Validate is an error that names the number that is out of its range.
func (s *DeltaShape) Validate() error {
	for _, n := range [...]int{s.Channels, s.Height, s.Width, s.Outputs} {
		if n < 1 || n > maxDeltaSide {
			return fmt.Errorf("delta layer: expected channels, height, width and outputs from 1 to %d, found %d, %d, %d and %d",
				maxDeltaSide, s.Channels, s.Height, s.Width, s.Outputs)
		}
	}
	switch {
	case s.Kind != DeltaLinear && s.Kind != DeltaConv3x3:
		return fmt.Errorf("delta layer: expected a linear layer or a convolution of 3x3, found kind %d", s.Kind)
	case s.Inputs() > MaxDeltaInputs:
		return fmt.Errorf("delta layer: expected at most %d inputs, found %d", MaxDeltaInputs, s.Inputs())
	case s.Kind == DeltaLinear && (s.Height != 1 || s.Width != 1 || s.Stride != 0 || s.Padding != 0):
		return fmt.Errorf("delta layer: linear: expected an input of 1x1, and neither stride nor padding, found %dx%d, %d and %d", s.Height, s.Width, s.Stride, s.Padding)
	case s.Kind == DeltaConv3x3 && (s.Stride < 1 || s.Stride > 2 || s.Padding < 0 || s.Padding > 1):
		return fmt.Errorf("delta layer: 3x3: expected a stride of 1 or 2 and a padding of 0 or 1, found %d and %d", s.Stride, s.Padding)
	case s.Kind == DeltaConv3x3 && min(s.Height, s.Width)+2*s.Padding < 3:
		return fmt.Errorf("delta layer: 3x3: expected an input that the kernel fits into, found %dx%d with a padding of %d", s.Height, s.Width, s.Padding)
	}
	return nil
}

// Inputs is how many values the input has.
func (s *DeltaShape) Inputs() int { return s.Channels * s.Height * s.Width }

// Out is the output's height and width.
func (s *DeltaShape) Out() (height, width int) {
	if s.Kind != DeltaConv3x3 {
		return 1, 1
	}
	return (s.Height+2*s.Padding-3)/s.Stride + 1, (s.Width+2*s.Padding-3)/s.Stride + 1
}

// Sums is how many values the output has.
func (s *DeltaShape) Sums() int {
	height, width := s.Out()
	return height * width * s.Outputs
}

// WeightsLen is how many weights there are.
func (s *DeltaShape) WeightsLen() int {
	if s.Kind == DeltaConv3x3 {
		return s.Channels * 9 * s.Outputs
	}
	return s.Channels * s.Outputs
}

// DeltaLayer is a layer with its weights, in the order of [DeltaKernels]: [input][output] of a linear layer,
// [input channel][row][column][output channel] of a convolution.
type DeltaLayer struct {
	DeltaShape
	Weights []int16
}

// DeltaEngine is the layers of a delta network on a device, whose sums are to the bit what [DeltaKernels] add up
// with the same weights and changes, modulo 2^32. It is used by one goroutine at a time.
//
// Every method may fail: a device can be gone, answer nonsense or have lost words. What a failed call has
// done is then unknown, and every call after it fails as well.
//
// Misuse panics, and does nothing: a layer that there is none of, a change whose index is not one of the layer's
// inputs, sums of another length.
type DeltaEngine interface {
	// Load puts all of a layer's sums in, [row][column][channel]. None of them counts as touched behind it.
	Load(layer int, sums []int32) error
	// Add adds what changes of a layer's inputs, [row][column][channel], do to its sums, and puts those sums that
	// were touched since they were last loaded or given into their places in sums; touched is told the runs of them,
	// whose order is the device's.
	Add(layer int, changes []Delta, sums []int32, touched func(from, to int)) error
	// Store gives all of a layer's sums. Which are touched does not change.
	Store(layer int, sums []int32) error
	// Counters are what the device has done since it was opened.
	Counters() (DeltaCounters, error)
	// Close gives the device back. It may be called once more, and behind a failure.
	Close() error
}

// DeltaCounters are what a device counts.
type DeltaCounters struct {
	Lanes   int    // multipliers
	Cycles  uint64 // of its clock, in which it was anything but idle
	Busy    uint64 // cycles in which the multipliers were at work on changes
	Changes uint64 // of inputs
	MACs    uint64 // multiply-adds
	Sent    uint64 // sums that were given back
}
