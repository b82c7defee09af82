package onnx

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// The operators here are those with which exporters work out the sizes of a flatten from
// those of a frame; on anything but a row of numbers, or a number, they are refused.

// foldShape are the sizes of a result, a batch being what the file says, or one frame.
func (c *converter) foldShape(n *node) (*constant, error) {
	sizes := []float64{1}
	if c.batch > 1 {
		sizes[0] = float64(min(c.batch, topology.MaxOut))
	}
	v, data := c.values[n.input(0)]
	dims := v.dims
	if !data {
		k, err := c.constant(n, 0)
		if err != nil {
			return nil, err
		}
		sizes, dims = nil, k.dims
	}
	if v.turned {
		return nil, wrong("input 0", "[batch feature]", "the transposed")
	}
	for _, d := range dims {
		sizes = append(sizes, float64(d))
	}
	var ends [2]int64 // from version 15 on, a part of them
	for i, name := range []string{"start", "end"} {
		at, err := n.integer(name, []int64{0, int64(len(sizes))}[i])
		if err != nil {
			return nil, err
		}
		if at < 0 {
			at += int64(len(sizes))
		}
		ends[i] = max(min(at, int64(len(sizes))), 0)
	}
	return row(sizes[ends[0]:max(ends[0], ends[1])], true), nil
}

// rowOf is an input that has one axis, or none.
func (c *converter) rowOf(n *node, i int) (*constant, error) {
	k, err := c.constant(n, i)
	if err != nil {
		return nil, err
	}
	if len(k.dims) > 1 || !k.whole {
		return nil, wrong(fmt.Sprintf("input %d", i), "whole numbers on one axis, the sizes of something", fmt.Sprintf("sizes %v", k.dims))
	}
	return k, nil
}

func (c *converter) foldGather(n *node) (*constant, error) {
	from, err := c.rowOf(n, 0)
	if err != nil {
		return nil, err
	}
	which, err := c.rowOf(n, 1)
	if err != nil {
		return nil, err
	}
	if axis, err := n.integer("axis", 0); err != nil || axis != 0 && axis != -1 || len(from.dims) != 1 {
		return nil, wrong("axis", "the one that there is", fmt.Sprint(axis))
	}
	out := &constant{dims: which.dims, whole: true}
	for _, i := range which.values {
		if i < 0 {
			i += float64(len(from.values))
		}
		if !(i >= 0 && i < float64(len(from.values))) {
			return nil, wrong("input 1", fmt.Sprintf("indices of %d numbers", len(from.values)), fmt.Sprint(which.values[:min(len(which.values), maxAxes)]))
		}
		out.values = append(out.values, from.values[int(i)])
	}
	return out, nil
}

// foldAxes makes a row of one number out of a number, and the other way round.
func (c *converter) foldAxes(n *node) (*constant, error) {
	k, err := c.rowOf(n, 0)
	if err != nil {
		return nil, err
	}
	if len(k.values) != 1 {
		return nil, wrong("input 0", "one number", fmt.Sprint(len(k.values)))
	}
	out := &constant{whole: true, values: k.values}
	if n.op == "Unsqueeze" {
		if out.dims = []int{1}; len(k.dims) == 1 {
			return nil, wrong("input 0", "a number", "a row of one")
		}
	}
	return out, nil
}

func (c *converter) foldConcat(n *node) (*constant, error) {
	out := &constant{whole: true}
	for i := range n.inputs {
		k, err := c.rowOf(n, i)
		if err != nil {
			return nil, err
		}
		if len(out.values)+len(k.values) > maxInts {
			return nil, wrong("", fmt.Sprintf("at most %d sizes", maxInts), "more")
		}
		out.values = append(out.values, k.values...)
	}
	out.dims = []int{len(out.values)}
	return out, nil
}

// foldSlice is a part of a row, from a start to an end, one by one.
func (c *converter) foldSlice(n *node) (*constant, error) {
	k, err := c.rowOf(n, 0)
	if err != nil {
		return nil, err
	}
	all := float64(len(k.values))
	var ends [2]float64
	for i, name := range []string{"starts", "ends"} {
		said, err := n.integers(name) // until version 10
		if err != nil {
			return nil, err
		}
		numbers := row(nil, true)
		for _, v := range said {
			numbers.values = append(numbers.values, float64(v))
		}
		if c.opset >= 10 {
			if numbers, err = c.rowOf(n, i+1); err != nil {
				return nil, err
			}
		}
		if len(numbers.values) != 1 {
			return nil, wrong(name, "one number", fmt.Sprint(len(numbers.values)))
		}
		v := numbers.values[0]
		if v < 0 {
			v += all
		}
		ends[i] = max(min(v, all), 0)
	}
	if n.input(4) != "" {
		if step, err := c.rowOf(n, 4); err != nil || len(step.values) != 1 || step.values[0] != 1 {
			return nil, wrong("steps", "1", "others")
		}
	}
	return row(k.values[int(ends[0]):int(max(ends[0], ends[1]))], true), nil
}
