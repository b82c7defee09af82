package onnx

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// sum adds a constant, which becomes a bias, or another result.
func (c *converter) sum(n *node) (value, error) {
	if len(n.inputs) != 2 {
		return value{}, wrong("", "two inputs", fmt.Sprint(len(n.inputs)))
	}
	a, first := c.values[n.input(0)]
	b, second := c.values[n.input(1)]
	for _, v := range []value{a, b} {
		if err := c.unpadded(n, v); err != nil {
			return a, err
		}
	}
	switch {
	case first && second:
		return c.residual(n, a, b)
	case first:
		return c.bias(n, a, 1)
	case second:
		return c.bias(n, b, 0)
	default:
		return a, wrong("", "a result that depends on the network's input", "constants")
	}
}

func (c *converter) residual(n *node, a, b value) (value, error) {
	if !slices.Equal(a.dims, b.dims) || a.turned != b.turned {
		return a, wrong("", "two results of the same sizes", fmt.Sprintf("frames of sizes %v and %v", a.dims, b.dims))
	}
	if a.order != b.order {
		return a, wrong("", "two results of the same order of channels, rows and columns", "channels first and last")
	}
	var err error
	a.layer, err = c.add(n, topology.Layer{Kind: topology.Add, With: b.layer}, a)
	a.levels, a.shared = false, false
	return a, err
}

// bias adds a constant.
func (c *converter) bias(n *node, v value, input int) (value, error) {
	k, err := c.constant(n, input)
	if err != nil {
		return v, err
	}
	added, err := c.perChannel(n, k, v)
	if err != nil {
		return v, err
	}
	return c.affine(n, v, nil, added)
}

// normalise is (x - mean)/sqrt(variance + epsilon)*scale + shift, a factor and a summand for
// each channel.
func (c *converter) normalise(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	if err := c.inference(n, 0); err != nil {
		return v, err
	}
	epsilon, err := n.float("epsilon", 1e-5)
	if err != nil {
		return v, err
	}
	if spatial, err := n.integer("spatial", 1); err != nil || spatial == 0 {
		return v, wrong("spatial", "1: numbers for each channel", "0")
	}
	if v.order.last || v.turned || len(v.dims) == 2 {
		return v, wrong("input 0", "[batch channel row column] or [batch feature]", "another order of axes")
	}
	var numbers [4][]float64 // scale, shift, mean, variance
	for i := range numbers {
		k, err := c.constant(n, i+1)
		if err != nil {
			return v, err
		}
		if len(k.dims) != 1 || k.dims[0] != v.dims[0] {
			return v, wrong(fmt.Sprintf("input %d", i+1), fmt.Sprintf("a number for each of the %d channels", v.dims[0]), fmt.Sprintf("sizes %v", k.dims))
		}
		numbers[i] = v.order.ofFeatures(k.values)
	}
	factors, summands := make([]float64, v.dims[0]), make([]float64, v.dims[0])
	for o := range factors {
		spread := numbers[3][o] + epsilon
		if !(spread > 0) {
			return v, wrong("input 4", "variances above 0 with epsilon", fmt.Sprint(numbers[3][o]))
		}
		factors[o] = numbers[0][o] / math.Sqrt(spread)
		// The conversion keeps a compiler from fusing the two, which rounds otherwise.
		summands[o] = numbers[1][o] - float64(numbers[2][o]*factors[o])
	}
	return c.affine(n, v, factors, summands)
}
