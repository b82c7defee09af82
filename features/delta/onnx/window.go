package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// slide is how a window goes over the rows and columns of a frame.
type slide struct {
	kernel, stride, out [2]int
	padding             [4]int // top, left, bottom, right
	over                bool   // windows reach beyond the padding, as sizes were rounded up
}

func (c *converter) convolve(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	w, err := c.constant(n, 1)
	if err != nil {
		return v, err
	}
	groups, err := n.integer("group", 1)
	if err != nil {
		return v, err
	}
	if err := channelsFirst(v); err != nil {
		return v, err
	}
	if len(w.dims) != 4 || groups < 1 || groups > int64(v.dims[0]) || int64(w.dims[1])*groups != int64(v.dims[0]) || w.dims[0] < 1 {
		return v, wrong("weights", fmt.Sprintf("sizes [out in/group height width], of %d channels in %d groups", v.dims[0], groups), fmt.Sprintf("sizes %v", w.dims))
	}
	s, err := slideOf(n, v.dims, w.dims[2:])
	if err != nil {
		return v, err
	}
	s.surround(v.pads)
	p := quantise.Layer{Weights: append([]float64(nil), w.values...)}
	if n.input(2) != "" {
		k, err := c.constant(n, 2)
		if err != nil {
			return v, err
		}
		if len(k.dims) != 1 || k.dims[0] != w.dims[0] {
			return v, wrong("bias", fmt.Sprintf("%d numbers", w.dims[0]), fmt.Sprintf("sizes %v", k.dims))
		}
		p.Bias = append([]float64(nil), k.values...)
	}
	l := topology.Layer{Kind: topology.Conv2D, Out: w.dims[0], Kernel: s.kernel, Stride: s.stride, Padding: s.padding, Groups: int(groups)}
	name, err := c.addWeighted(n, l, v, p)
	return value{layer: name, dims: []int{w.dims[0], s.out[0], s.out[1]}}, err
}

func (c *converter) maxPool(n *node) (value, error) {
	return c.pool(n, topology.MaxPool, func(*slide) error { return nil })
}

// averagePool divides by the whole kernel, so that padding must be counted, and windows
// must not reach beyond it.
func (c *converter) averagePool(n *node) (value, error) {
	return c.pool(n, topology.AvgPool, func(s *slide) error {
		counted, err := n.integer("count_include_pad", 0)
		switch {
		case err != nil:
			return err
		case s.over:
			return wrong("ceil_mode", "windows within the padded frame: all are divided by the same number", "some that reach beyond it")
		case counted == 0 && s.padding != [4]int{}:
			return wrong("count_include_pad", "1, or no padding: all windows are divided by the same number", fmt.Sprintf("0 and padding %v", s.padding))
		}
		return nil
	})
}

func (c *converter) pool(n *node, kind topology.Kind, check func(*slide) error) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	if err := channelsFirst(v); err != nil {
		return v, err
	}
	s, err := slideOf(n, v.dims, nil)
	if err != nil {
		return v, err
	}
	if err := check(&s); err != nil {
		return v, err
	}
	s.surround(v.pads)
	v.layer, err = c.add(n, topology.Layer{Kind: kind, Kernel: s.kernel, Stride: s.stride, Padding: s.padding}, v)
	v.dims, v.pads, v.shared = []int{v.dims[0], s.out[0], s.out[1]}, [4]int{}, false
	return v, err
}

// channelsFirst refuses values that windows do not slide over.
func channelsFirst(v value) error {
	if len(v.dims) == 3 && !v.order.last {
		return nil
	}
	return wrong("input 0", "[batch channel row column]", fmt.Sprintf("a frame of sizes %v", v.dims))
}

// surround adds zeros that a frame already has around it.
func (s *slide) surround(pads [4]int) {
	for i, p := range pads {
		s.padding[i] += p
	}
}

func (c *converter) globalAveragePool(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	if err := channelsFirst(v); err != nil {
		return v, err
	}
	return c.averageOfAll(n, v)
}

// averageOfAll is the average of every channel.
func (c *converter) averageOfAll(n *node, v value) (value, error) {
	s := v.shape()
	sides := [2]int{s.Height, s.Width}
	var err error
	v.layer, err = c.add(n, topology.Layer{Kind: topology.AvgPool, Kernel: sides, Stride: sides}, v)
	v.dims, v.order, v.levels, v.shared = []int{s.Channels, 1, 1}, order{}, false, false
	return v, err
}

// reduceMean is understood where it averages rows and columns.
func (c *converter) reduceMean(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	axes, err := c.axes(n)
	if err != nil {
		return v, err
	}
	keep, err := n.integer("keepdims", 1)
	if err != nil {
		return v, err
	}
	want, last := []int{2, 3}, v.order.last
	if last {
		want = []int{1, 2}
	}
	for i := range axes {
		if axes[i] < 0 {
			axes[i] += len(v.dims) + 1
		}
	}
	if slices.Sort(axes); len(v.dims) != 3 || !slices.Equal(axes, want) {
		return v, wrong("axes", "the rows and columns of [batch channel row column]", fmt.Sprintf("axes %v of a frame of sizes %v", axes, v.dims))
	}
	v, err = c.averageOfAll(n, v)
	switch {
	case keep == 0:
		v.dims = v.dims[:1]
	case last:
		v.dims, v.order.last = []int{1, 1, v.dims[0]}, true
	}
	return v, err
}

// takePads are the operators that have room for zeros around a frame, or hand them on.
var takePads = []string{"AveragePool", "Conv", "Identity", "Pad"}

// pad puts zeros around a frame, as padding of the layer behind it.
func (c *converter) pad(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	if err := channelsFirst(v); err != nil {
		return v, err
	}
	mode, err := n.text("mode", "constant")
	if err != nil {
		return v, err
	}
	pads, err := n.integers("pads") // until version 10
	if err != nil {
		return v, err
	}
	with, err := n.float("value", 0)
	if err != nil {
		return v, err
	}
	if c.opset >= 11 {
		k, err := c.rowOf(n, 1)
		if err != nil {
			return v, err
		}
		pads = nil
		for _, p := range k.values {
			pads = append(pads, int64(p))
		}
		if n.input(2) != "" {
			k, err := c.constant(n, 2)
			if err != nil {
				return v, err
			}
			for _, x := range k.values {
				with = max(with, math.Abs(x))
			}
		}
	}
	if mode != "constant" || with != 0 || n.input(3) != "" || len(pads) != 8 || pads[0] != 0 || pads[1] != 0 || pads[4] != 0 || pads[5] != 0 {
		return v, wrong("pads", "zeros around rows and columns, 0 0 top left 0 0 bottom right", fmt.Sprintf("%v of mode %s", pads, short(mode)))
	}
	for i, p := range []int64{pads[2], pads[3], pads[6], pads[7]} {
		if p < 0 || p > topology.MaxSide {
			return v, wrong("pads", fmt.Sprintf("numbers from 0 to %d", topology.MaxSide), fmt.Sprint(p))
		}
		v.pads[i] += int(p)
	}
	v.dims = []int{v.dims[0], v.dims[1] + int(pads[2]+pads[6]), v.dims[2] + int(pads[3]+pads[7])}
	return v, nil
}

// slideOf reads the attributes that convolutions and pools share. The kernel of a
// convolution is known from its weights.
func slideOf(n *node, dims, kernel []int) (s slide, err error) {
	copy(s.kernel[:], kernel)
	said, err := n.sizes("kernel_shape", 2, 1)
	switch {
	case err != nil:
		return s, err
	case said == nil && kernel == nil:
		return s, wrong("kernel_shape", "two sizes", "none")
	case said != nil && kernel != nil && [2]int(said) != s.kernel:
		return s, wrong("kernel_shape", fmt.Sprintf("that of the weights, %v", kernel), fmt.Sprint(said))
	case kernel == nil:
		s.kernel = [2]int(said)
	}
	s.stride = [2]int{1, 1}
	strides, err := n.sizes("strides", 2, 1)
	if err != nil {
		return s, err
	}
	copy(s.stride[:], strides)
	dilations, err := n.sizes("dilations", 2, 1)
	if err != nil {
		return s, err
	}
	if dilations != nil && [2]int(dilations) != [2]int{1, 1} {
		return s, wrong("dilations", "1", fmt.Sprint(dilations))
	}
	up, err := n.integer("ceil_mode", 0)
	if err != nil {
		return s, err
	}
	auto, err := s.pad(n, dims)
	if err != nil {
		return s, err
	}
	for a := range s.out {
		if err := s.fit(a, dims[a+1], up != 0 && !auto); err != nil {
			return s, err
		}
	}
	return s, nil
}

// pad finds the padding, and tells whether it follows from auto_pad.
func (s *slide) pad(n *node, dims []int) (auto bool, err error) {
	kind, err := n.text("auto_pad", "NOTSET")
	if err != nil {
		return false, err
	}
	switch kind {
	case "NOTSET", "":
		pads, err := n.sizes("pads", 4, 0)
		copy(s.padding[:], pads)
		return false, err
	case "VALID":
		return true, nil
	case "SAME_UPPER", "SAME_LOWER":
	default:
		return false, wrong("auto_pad", "NOTSET, VALID, SAME_UPPER or SAME_LOWER", short(kind))
	}
	for a := range s.out {
		in := dims[a+1]
		out := (in + s.stride[a] - 1) / s.stride[a]
		all := max((out-1)*s.stride[a]+s.kernel[a]-in, 0)
		before := all / 2
		if kind == "SAME_LOWER" {
			before = all - before
		}
		s.padding[a], s.padding[a+2] = before, all-before
	}
	return true, nil
}

// fit finds how many windows there are along an axis. Where their number is rounded up,
// the padding behind grows so far that all of the last one is there; a window that
// would begin behind the frame is none.
func (s *slide) fit(axis, in int, up bool) error {
	k, stride, before := s.kernel[axis], s.stride[axis], s.padding[axis]
	padded := in + before + s.padding[axis+2]
	if k > padded {
		return wrong("kernel_shape", fmt.Sprintf("at most the padded frame's %d", padded), fmt.Sprint(k))
	}
	out := (padded-k)/stride + 1
	if up && (out-1)*stride+k < padded && out*stride < in+before {
		out++
		s.padding[axis+2] += (out-1)*stride + k - padded
		s.over = true
	}
	s.out[axis] = out
	return nil
}

// sizes reads as many numbers from a least on, nil where nothing is said.
func (n *node) sizes(name string, count int, least int64) ([]int, error) {
	list, err := n.integers(name)
	if err != nil || list == nil {
		return nil, err
	}
	if len(list) != count {
		return nil, wrong(name, fmt.Sprintf("%d numbers, for rows and columns", count), fmt.Sprintf("%d", len(list)))
	}
	out := make([]int, count)
	for i, v := range list {
		if v < least || v > topology.MaxSide {
			return nil, wrong(name, fmt.Sprintf("numbers from %d to %d", least, topology.MaxSide), fmt.Sprint(v))
		}
		out[i] = int(v)
	}
	return out, nil
}
