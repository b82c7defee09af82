package onnx

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// flatten makes a frame one row.
func (c *converter) flatten(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	axis, err := n.integer("axis", 1)
	if err != nil {
		return v, err
	}
	if axis < 0 {
		axis += int64(len(v.dims) + 1)
	}
	if axis != 1 || v.turned {
		return v, wrong("axis", "1, which leaves frames apart", fmt.Sprint(axis))
	}
	return c.flat(n, v)
}

// flat appends a flatten where there is more than a pixel.
func (c *converter) flat(n *node, v value) (value, error) {
	shape, all := v.shape(), product(v.dims)
	if shape.Flat() {
		v.dims, v.order.last = []int{all}, false
		return v, nil
	}
	if v.order.last && shape.Channels > 1 {
		v.order.of = shape
	}
	v.order.last = false
	// In front of the flatten a step for each channel is still one of many pixels.
	v, err := c.quantised(n, v)
	if err != nil {
		return v, err
	}
	v.layer, err = c.add(n, topology.Layer{Kind: topology.Flatten}, v)
	v.dims, v.shared = []int{all}, false
	return v, err
}

// lengthOf is how many values a frame of such sizes has; false where they are too many.
func lengthOf(dims []int) (int, bool) {
	wide := make([]int64, len(dims))
	for i, d := range dims {
		wide[i] = int64(d)
	}
	return length(wide, topology.MaxNeurons)
}

// product is that of sizes that are known to be few.
func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// reshape is understood where a frame stays as it is, or becomes one row; the network's input may
// become a frame of any sizes. Sizes are those of a whole batch: 0 stands for the size that was, -1 for
// what is left.
func (c *converter) reshape(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	k, err := c.constant(n, 1)
	if err != nil {
		return v, err
	}
	zero, err := n.integer("allowzero", 0)
	if err != nil {
		return v, err
	}
	before := append([]int{1}, v.dims...)
	if c.batch > 1 {
		before[0] = int(min(c.batch, topology.MaxOut))
	}
	if after, ok := resolve(k, before, zero != 0); ok && after[0] == before[0] {
		if out, ok, err := c.resized(n, v, after[1:]); ok || err != nil {
			return out, err
		}
	}
	return v, wrong("shape", fmt.Sprintf("one that makes frames of sizes %v flat, [batch %d]", v.dims, product(v.dims)), fmt.Sprint(k.values[:min(len(k.values), maxAxes)]))
}

// resized gives a frame other sizes; false where that would be another frame.
func (c *converter) resized(n *node, v value, dims []int) (value, bool, error) {
	one := func(d []int) bool { return len(d) == 3 && d[1] == 1 && d[2] == 1 }
	shape := v.shape()
	gray := shape.Channels == 1 // then rows and columns are in one order
	channelsFirst, channelsLast := []int{1, shape.Height, shape.Width}, []int{shape.Height, shape.Width, 1}
	switch {
	case v.turned || v.pads != [4]int{} || len(dims) < 1 || product(dims) != product(v.dims):
		return v, false, nil
	case slices.Equal(dims, v.dims):
	case len(dims) == 1:
		out, err := c.flat(n, v)
		return out, err == nil, err
	case len(v.dims) == 1 && one(dims) && v.order.straight():
		v.dims = dims // one pixel of as many channels
	case len(v.dims) > 1 && gray && slices.Equal(dims, channelsFirst):
		v.dims, v.order.last = dims, false
	case len(v.dims) > 1 && gray && slices.Equal(dims, channelsLast):
		v.dims, v.order.last = dims, true
	case len(v.dims) > 1 && gray && slices.Equal(dims, channelsLast[:2]):
		v.dims, v.order.last = dims, false
	case len(dims) == 3 && c.ofInputAlone(v) && v.order.straight():
		v.dims, c.input = dims, topology.Shape{Channels: dims[0], Height: dims[1], Width: dims[2]}
	default:
		return v, false, nil
	}
	return v, true, nil
}

// squeeze takes axes of one away, and unsqueeze puts them in: both only give a frame other sizes.
func (c *converter) squeeze(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	axes, err := c.axes(n)
	if err != nil {
		return v, err
	}
	sizes := append([]int{-1}, v.dims...) // the batch stays where it is
	rank := len(sizes)
	if n.op == "Unsqueeze" {
		rank += len(axes)
	}
	for i := range axes {
		if axes[i] < 0 {
			axes[i] += rank
		}
	}
	slices.Sort(axes)
	if n.op == "Squeeze" && len(axes) == 0 { // all of one, but for the batch
		for i, d := range sizes {
			if d == 1 {
				axes = append(axes, i)
			}
		}
	}
	var after []int
	for i := range rank {
		listed := slices.Contains(axes, i)
		switch {
		case n.op == "Squeeze" && listed && sizes[i] == 1:
		case n.op == "Squeeze" && !listed:
			after = append(after, sizes[i])
		case n.op == "Unsqueeze" && listed:
			after = append(after, 1)
		case n.op == "Unsqueeze" && len(sizes) > 0:
			after, sizes = append(after, sizes[0]), sizes[1:]
		default:
			return v, wrong("axes", fmt.Sprintf("axes of one of %v", v.dims), fmt.Sprint(axes))
		}
	}
	if len(after) > 1 && after[0] == -1 {
		if out, ok, err := c.resized(n, v, after[1:]); ok || err != nil {
			return out, err
		}
	}
	return v, wrong("axes", fmt.Sprintf("those that leave frames of sizes %v as they are, or flat", v.dims), fmt.Sprint(axes))
}

// axes are an attribute or, from some version of an operator on, the second input.
func (c *converter) axes(n *node) ([]int, error) {
	said, err := n.integers("axes")
	if err != nil {
		return nil, err
	}
	var out []int
	for _, a := range said {
		out = append(out, int(max(min(a, maxAxes), -maxAxes)))
	}
	if n.input(1) == "" {
		return out, nil
	}
	k, err := c.rowOf(n, 1)
	if err != nil {
		return nil, err
	}
	if len(k.values) > maxAxes {
		return nil, wrong("axes", fmt.Sprintf("at most %d", maxAxes), fmt.Sprint(len(k.values)))
	}
	for _, a := range k.values {
		out = append(out, int(max(min(a, maxAxes), -maxAxes)))
	}
	return out, nil
}

// resolve gives the sizes that a Reshape asks for.
func resolve(k *constant, before []int, zeros bool) (after []int, ok bool) {
	if len(k.dims) != 1 || len(k.values) < 1 || len(k.values) > maxAxes {
		return nil, false
	}
	open, known, all := -1, 1, product(before)
	for i, s := range k.values {
		d := 0
		switch {
		case s == -1 && open < 0:
			open, d = i, 1
		case s == 0 && !zeros && i < len(before):
			d = before[i]
		case s >= 1 && s <= float64(all):
			d = int(s)
		}
		if d < 1 || known > all/d {
			return nil, false
		}
		known *= d
		after = append(after, d)
	}
	if open >= 0 {
		after[open] = all / known
		known *= after[open]
	}
	return after, known == all
}

// transpose of a matrix turns it; of a frame it moves the channels behind the columns, or back.
func (c *converter) transpose(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	perm, err := n.integers("perm")
	if err != nil {
		return v, err
	}
	rank := len(v.dims) + 1
	same := len(perm) == rank
	for i := range perm {
		same = same && perm[i] == int64(i)
	}
	switch {
	case same:
		return v, nil
	case rank == 2 && (perm == nil || slices.Equal(perm, []int64{1, 0})):
		v.turned = !v.turned
		return v, nil
	case rank == 4 && slices.Equal(perm, []int64{0, 2, 3, 1}) && !v.order.last:
		v.dims, v.order.last = []int{v.dims[1], v.dims[2], v.dims[0]}, true
		return v, nil
	case rank == 4 && slices.Equal(perm, []int64{0, 3, 1, 2}) && (v.order.last || c.ofInputAlone(v) && c.input == v.shape() && !c.last):
		if !v.order.last { // the input: its frames are [channel][row][column] all the same
			c.last = v.dims[2] > 1
			c.input = topology.Shape{Channels: v.dims[2], Height: v.dims[0], Width: v.dims[1]}
		}
		v.dims, v.order.last = []int{v.dims[2], v.dims[0], v.dims[1]}, false
		return v, nil
	default:
		return v, wrong("perm", "a matrix that is transposed, or channels that are put last or first again", fmt.Sprintf("axes %v of a frame of sizes %v", perm, v.dims))
	}
}
