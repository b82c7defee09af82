package onnx

import "github.com/saccade-dev/saccade/features/delta/topology"

// order says in which order a file has the values of a frame. Layers have them as
// [channel][row][column]; networks that were written channels last are transposed to and
// fro by their exporters, and flat in the order that they had.
type order struct {
	last bool           // [row][column][channel]
	of   topology.Shape // of a flat value: the shape of the frame that it was, channels last; zero otherwise
}

// straight tells whether it is the order of layers.
func (o order) straight() bool { return o == order{} }

// place is where a value of a flat frame is in the layer.
func (o order) place(i int) int {
	if o.of.Channels == 0 {
		return i
	}
	pixel, channel := i/o.of.Channels, i%o.of.Channels
	return channel*o.of.Height*o.of.Width + pixel
}

// ofFeatures puts numbers, one for each value of a flat frame, into the order of the layer.
func (o order) ofFeatures(numbers []float64) []float64 {
	out := make([]float64, len(numbers))
	for i, v := range numbers {
		out[o.place(i)] = v
	}
	return out
}

// shape is that of the frame in the layer, but for zeros around it.
func (v *value) shape() topology.Shape {
	switch {
	case len(v.dims) == 1:
		return topology.Shape{Channels: v.dims[0], Height: 1, Width: 1}
	case len(v.dims) == 2:
		return topology.Shape{Channels: 1, Height: v.dims[0], Width: v.dims[1]}
	case v.order.last:
		return topology.Shape{Channels: v.dims[2], Height: v.dims[0], Width: v.dims[1]}
	default:
		return topology.Shape{Channels: v.dims[0], Height: v.dims[1], Width: v.dims[2]}
	}
}

// channels are those of the layer.
func (v *value) channels() int {
	s := v.shape()
	return s.Channels
}
