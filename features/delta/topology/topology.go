package topology

import "math"

// Kind is a type of layer, by its name in a file.
type Kind string

// The types of layers.
const (
	Linear    Kind = "linear"
	Conv2D    Kind = "conv2d"
	AvgPool   Kind = "avgpool"
	MaxPool   Kind = "maxpool"
	ReLU      Kind = "relu"
	Add       Kind = "add"
	Flatten   Kind = "flatten"
	Delta     Kind = "delta"
	Threshold Kind = "threshold"
	Sigma     Kind = "sigma"
	TopK      Kind = "topk"
	Cut       Kind = "cut"
)

// Weighted tells whether layers of that type have weights.
func (k Kind) Weighted() bool { return k == Linear || k == Conv2D }

// Quantises tells whether layers of that type turn values into levels.
func (k Kind) Quantises() bool { return k == Delta || k == Threshold }

// Windowed tells whether layers of that type slide a window over their input.
func (k Kind) Windowed() bool { return k == Conv2D || k == AvgPool || k == MaxPool }

// Format is a format of weights.
type Format string

// The formats of weights.
const (
	Int8  Format = "int8"
	Int16 Format = "int16"
)

// Largest is the largest magnitude of a weight. The format's least value is not used,
// so that weights are as many on either side of zero.
func (f Format) Largest() int {
	if f == Int16 {
		return math.MaxInt16
	}
	return math.MaxInt8
}

// Bytes is what a weight takes.
func (f Format) Bytes() int {
	if f == Int16 {
		return 2
	}
	return 1
}

// Per says how many values share a step.
type Per string

// Who shares a step.
const (
	PerLayer   Per = "layer"
	PerChannel Per = "channel"
	PerNeuron  Per = "neuron"
)

// Of is how many steps there are for a shape.
func (p Per) Of(s Shape) int {
	switch p {
	case PerNeuron:
		return s.Len()
	case PerChannel:
		return s.Channels
	default:
		return 1
	}
}

// Shape is that of a tensor. What is flat has its neurons as channels of one pixel.
type Shape struct{ Channels, Height, Width int }

// Len is the number of values.
func (s Shape) Len() int { return s.Channels * s.Height * s.Width }

// Flat tells whether there is one pixel only.
func (s Shape) Flat() bool { return s.Height == 1 && s.Width == 1 }

// InputName is the name by which layers take the input.
const InputName = "input"

// Input is what a network is given in every step: levels from Min to Max.
type Input struct {
	Shape
	Min, Max int
}

// Layer is a layer. Which of the fields there are depends on the type, see the
// package; fields of zero are as their defaults.
type Layer struct {
	Name string
	Kind Kind
	From string // "" for the layer before, or the input
	With string // of add: the other layer

	Out            int
	Kernel, Stride [2]int // height, width
	Padding        [4]int // top, left, bottom, right
	Groups         int
	NoBias         bool
	Weights        Format

	Step      Per
	Levels    int
	Threshold int

	K     int     // of topk: how many values it keeps, 0 where Share says it
	Share float64 // of topk: the share of its values, 0 where K says it
}

// Topology is a network without its weights.
type Topology struct {
	Name   string
	Input  Input
	Layers []Layer
}

// Bounds of what is read. They keep every index within 31 bits and a small file from
// asking for much memory.
const (
	MaxLayers  = 256
	MaxSide    = 1 << 13 // pixels, of a tensor
	MaxOut     = 1 << 20 // channels, or neurons of a linear layer
	MaxNeurons = 1 << 24 // values, of all layers together
	MaxWeights = 1 << 28 // of all layers together
	MaxKernel  = 64      // of a convolution, a side
	MaxLevels  = math.MaxInt16
	MinShare   = 1e-6 // of a topk
	maxName    = 64
	maxReach   = 1 << 17 // pairs of an input and an output position along an axis
)

// DefaultLevels are the levels of a delta activation: changes of what a ReLU gives
// then fit the 8 bits that processors multiply fastest.
const DefaultLevels = 127

// complete gives the layer with its defaults filled in.
func (l Layer) complete() Layer {
	if l.Kind.Windowed() {
		for i := range l.Stride {
			if l.Stride[i] == 0 {
				l.Stride[i] = 1
				if l.Kind != Conv2D {
					l.Stride[i] = l.Kernel[i]
				}
			}
		}
	}
	if l.Kind == Conv2D && l.Groups == 0 {
		l.Groups = 1
	}
	if l.Kind.Weighted() && l.Weights == "" {
		l.Weights = Int8
	}
	if l.Kind.Quantises() {
		if l.Step == "" {
			l.Step = PerLayer
		}
		if l.Levels == 0 {
			l.Levels = DefaultLevels
		}
	}
	return l
}
