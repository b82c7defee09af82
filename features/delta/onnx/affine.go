package onnx

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// affine multiplies the channels of a value with factors and adds summands; nil for none.
// Right behind a layer with weights both are folded into it, where nothing else takes its
// sums. Elsewhere they are a convolution of 1x1 that keeps channels apart.
func (c *converter) affine(n *node, v value, factors, summands []float64) (value, error) {
	if l := c.weightedBehind(v); l != nil {
		c.fold(l, factors, summands)
		return v, nil
	}
	channels := v.channels()
	if factors == nil {
		factors = slices.Repeat([]float64{1}, channels)
	}
	p := quantise.Layer{Weights: factors}
	if slices.ContainsFunc(summands, func(b float64) bool { return b != 0 }) {
		p.Bias = summands
	}
	var err error
	v.layer, err = c.addWeighted(n, topology.Layer{Kind: topology.Conv2D, Out: channels, Kernel: [2]int{1, 1}, Stride: [2]int{1, 1}, Groups: channels}, v, p)
	v.levels, v.shared = false, false
	return v, err
}

// fold changes the numbers of a layer with weights, [out][...].
func (c *converter) fold(l *topology.Layer, factors, summands []float64) {
	p := c.params[l.Name]
	for o, f := range factors {
		fan := len(p.Weights) / len(factors)
		for i := range fan {
			p.Weights[o*fan+i] *= f
		}
		if p.Bias != nil {
			p.Bias[o] *= f
		}
	}
	if summands != nil {
		if p.Bias == nil {
			p.Bias = make([]float64, len(summands))
		}
		for o, b := range summands {
			p.Bias[o] += b
		}
		l.NoBias = false
	}
	c.params[l.Name] = p
}

// weightedBehind gives the layer with weights that a value is the result of, for another
// node to be folded into; nil where it is none, or has other takers.
func (c *converter) weightedBehind(v value) *topology.Layer {
	for i := range c.layers {
		if l := &c.layers[i]; l.Name == v.layer && l.Kind.Weighted() && !v.shared {
			return l
		}
	}
	return nil
}

// scaled is a product or a quotient with a constant, or a difference.
func (c *converter) scaled(n *node) (value, error) {
	if len(n.inputs) != 2 {
		return value{}, wrong("", "two inputs", fmt.Sprint(len(n.inputs)))
	}
	data := 0
	if _, ok := c.values[n.input(0)]; !ok {
		data = 1
	}
	v, err := c.data(n, data)
	if err != nil {
		return v, err
	}
	if _, both := c.values[n.input(1-data)]; both {
		return v, wrong("", "a constant on one side", "two results that depend on the network's input")
	}
	k, err := c.constant(n, 1-data)
	if err != nil {
		return v, err
	}
	numbers, err := c.perChannel(n, k, v)
	if err != nil {
		return v, err
	}
	switch {
	case n.op == "Mul":
		return c.multiply(n, v, numbers)
	case n.op == "Div" && data == 0:
		for i, d := range numbers {
			if d == 0 {
				return v, wrong("input 1", "numbers other than 0", "0")
			}
			numbers[i] = 1 / d
		}
		return c.multiply(n, v, numbers)
	case n.op == "Div":
		return v, wrong("input 1", "a constant to divide by", "a result that depends on the network's input")
	case data == 0:
		for i := range numbers {
			numbers[i] = -numbers[i]
		}
		return c.affine(n, v, nil, numbers)
	default:
		return c.affine(n, v, slices.Repeat([]float64{-1}, len(numbers)), numbers)
	}
}

// multiply multiplies channels. One factor for all of the input is what a level of it is worth.
func (c *converter) multiply(n *node, v value, factors []float64) (value, error) {
	same := !slices.ContainsFunc(factors, func(f float64) bool { return f != factors[0] })
	if same && factors[0] > 0 && c.ofInputAlone(v) {
		c.scale *= factors[0]
		return v, nil
	}
	return c.affine(n, v, factors, nil)
}

// ofInputAlone tells whether a value is the network's input, as nothing else takes it yet or
// will.
func (c *converter) ofInputAlone(v value) bool {
	return v.layer == topology.InputName && !v.shared && !c.fixed
}
