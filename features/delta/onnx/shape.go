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
	one := len(v.dims) == 1 || len(v.dims) == 3 && v.dims[1] == 1 && v.dims[2] == 1
	all := product(v.dims)
	if one {
		v.dims = []int{all}
		return v, nil
	}
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

// reshape is understood where a frame stays as it is, or becomes one row. Sizes are those
// of a whole batch: 0 stands for the size that was, -1 for what is left.
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
	after, ok := resolve(k, before, zero != 0)
	frame := product(v.dims)
	if ok && !v.turned && after[0] == before[0] && len(after) > 1 {
		switch rest := after[1:]; {
		case slices.Equal(rest, v.dims):
			return v, nil
		case len(rest) == 1 && rest[0] == frame:
			return c.flat(n, v)
		case len(v.dims) == 1 && len(rest) == 3 && rest[0] == frame:
			v.dims = rest // one pixel of as many channels
			return v, nil
		}
	}
	return v, wrong("shape", fmt.Sprintf("one that makes frames of sizes %v flat, [batch %d]", v.dims, frame), fmt.Sprint(k.values[:min(len(k.values), maxAxes)]))
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

// transpose of a matrix turns it.
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
	default:
		return v, wrong("perm", "a matrix that is transposed (networks are read channels first)", fmt.Sprintf("axes %v of a frame of sizes %v", perm, v.dims))
	}
}
