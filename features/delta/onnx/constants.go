package onnx

import (
	"fmt"
	"slices"
)

// foldConstant is the value that a node holds.
func (c *converter) foldConstant(n *node) (*constant, error) {
	if a, err := n.attribute("value", kindTensor); err != nil || a != nil {
		if err == nil && a.tensor == nil {
			err = wrong("value", "a tensor", "none")
		}
		if err != nil {
			return nil, err
		}
		return a.tensor.read(c.left)
	}
	for _, one := range []struct {
		name string
		kind int64
		of   func(*attribute) *constant
	}{
		{"value_float", kindFloat, func(a *attribute) *constant { return &constant{values: []float64{a.f}} }},
		{"value_int", kindInt, func(a *attribute) *constant { return &constant{whole: true, values: []float64{float64(a.i)}} }},
		{"value_floats", kindFloats, func(a *attribute) *constant { return row(a.floats, false) }},
		{"value_ints", kindInts, func(a *attribute) *constant {
			values := make([]float64, len(a.ints))
			for i, v := range a.ints {
				values[i] = float64(v)
			}
			return row(values, true)
		}},
	} {
		if a, err := n.attribute(one.name, one.kind); err != nil || a != nil {
			if err != nil {
				return nil, err
			}
			return one.of(a), nil
		}
	}
	return nil, wrong("", "a value that is a tensor, numbers or a number", "none")
}

// row is a constant of one axis.
func row(values []float64, whole bool) *constant {
	return &constant{dims: []int{len(values)}, whole: whole, values: values}
}

func (c *converter) foldSame(n *node) (*constant, error) { return c.constant(n, 0) }

// foldCast leaves values as they are: weights are float64 here whatever they were, and
// whole numbers stay such.
func (c *converter) foldCast(n *node) (*constant, error) {
	k, err := c.constant(n, 0)
	if err != nil {
		return nil, err
	}
	to, err := n.integer("to", 0)
	if err != nil {
		return nil, err
	}
	format, known := types[to]
	if !known || format.whole && !k.whole {
		return nil, wrong("to", "a type of floats, or one of whole numbers for whole numbers", fmt.Sprintf("data type %d", to))
	}
	return &constant{dims: k.dims, whole: format.whole, values: k.values}, nil
}

func (c *converter) foldTranspose(n *node) (*constant, error) {
	k, err := c.constant(n, 0)
	if err != nil {
		return nil, err
	}
	perm, err := n.integers("perm")
	if err != nil {
		return nil, err
	}
	rank := len(k.dims)
	if perm == nil {
		for i := range rank {
			perm = append(perm, int64(rank-1-i))
		}
	}
	sorted := slices.Sorted(slices.Values(perm))
	for i := range sorted {
		if sorted[i] != int64(i) || len(perm) != rank {
			return nil, wrong("perm", fmt.Sprintf("each of %d axes once", rank), fmt.Sprint(perm))
		}
	}
	// steps[a] is how far apart values are along axis a of the result.
	steps, dims := make([]int, rank), make([]int, rank)
	for a, p := range perm {
		dims[a], steps[a] = k.dims[p], product(k.dims[p+1:])
	}
	out := &constant{dims: dims, whole: k.whole, values: make([]float64, len(k.values))}
	index, from := make([]int, rank), 0
	for i := range out.values {
		out.values[i] = k.values[from]
		for a := rank - 1; a >= 0; a-- {
			index[a]++
			from += steps[a]
			if index[a] < dims[a] {
				break
			}
			from -= index[a] * steps[a]
			index[a] = 0
		}
	}
	return out, nil
}

func (c *converter) foldReshape(n *node) (*constant, error) {
	k, err := c.constant(n, 0)
	if err != nil {
		return nil, err
	}
	shape, err := c.constant(n, 1)
	if err != nil {
		return nil, err
	}
	dims, ok := resolve(shape, k.dims, false)
	if !ok {
		return nil, wrong("shape", fmt.Sprintf("one of the %d values of sizes %v", len(k.values), k.dims), fmt.Sprint(shape.values[:min(len(shape.values), maxAxes)]))
	}
	return &constant{dims: dims, whole: k.whole, values: k.values}, nil
}
