package onnx

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// gemm is alpha*A*B + beta*C.
func (c *converter) gemm(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	var trans [2]int64
	for i, name := range []string{"transA", "transB"} {
		if trans[i], err = n.integer(name, 0); err != nil {
			return v, err
		}
	}
	var factors [2]float64
	for i, name := range []string{"alpha", "beta"} {
		if factors[i], err = n.float(name, 1); err != nil {
			return v, err
		}
	}
	if (trans[0] != 0) != v.turned {
		return v, wrong("transA", "0, or 1 where the input is transposed", fmt.Sprint(trans[0]))
	}
	v.turned = false
	b, err := c.constant(n, 1)
	if err != nil {
		return v, err
	}
	p, outputs, err := c.matrix(v, b, trans[1] != 0, "B")
	if err != nil {
		return v, err
	}
	for i := range p.Weights {
		p.Weights[i] *= factors[0]
	}
	result := value{dims: []int{outputs}}
	if n.input(2) != "" {
		k, err := c.constant(n, 2)
		if err != nil {
			return v, err
		}
		if p.Bias, err = c.perChannel(n, k, result); err != nil {
			return v, err
		}
		for i := range p.Bias {
			p.Bias[i] *= factors[1]
		}
	}
	result.layer, err = c.addWeighted(n, topology.Layer{Kind: topology.Linear, Out: outputs}, v, p)
	return result, err
}

// matMul is a product with a matrix of weights: of [batch feature] from the right, of
// what is transposed from the left.
func (c *converter) matMul(n *node) (value, error) {
	data, weights := 0, 1
	if _, ok := c.values[n.input(0)]; !ok {
		data, weights = 1, 0
	}
	v, err := c.data(n, data)
	if err != nil {
		return v, err
	}
	k, err := c.constant(n, weights)
	if err != nil {
		return v, err
	}
	if v.turned != (weights == 0) {
		return v, wrong(fmt.Sprintf("input %d", weights), "weights on the right of [batch feature], or on the left of the transposed", "them on the other side")
	}
	p, outputs, err := c.matrix(v, k, v.turned, "weights")
	if err != nil {
		return v, err
	}
	result := value{dims: []int{outputs}, turned: v.turned}
	result.layer, err = c.addWeighted(n, topology.Layer{Kind: topology.Linear, Out: outputs}, v, p)
	return result, err
}

// matrix puts weights in the order [out][in], which they have when transposed.
func (c *converter) matrix(v value, k *constant, transposed bool, what string) (p quantise.Layer, outputs int, err error) {
	if len(v.dims) != 1 {
		return p, 0, wrong("input 0", "[batch feature]: a Flatten before it", fmt.Sprintf("a frame of sizes %v", v.dims))
	}
	inputs := v.dims[0]
	want, in := fmt.Sprintf("a matrix of %d rows", inputs), 0
	if transposed {
		want, in = fmt.Sprintf("a matrix of %d columns", inputs), 1
	}
	if len(k.dims) != 2 || k.dims[in] != inputs || k.dims[1-in] < 1 {
		return p, 0, wrong(what, want, fmt.Sprintf("sizes %v", k.dims))
	}
	outputs = k.dims[1-in]
	p.Weights = make([]float64, len(k.values))
	for i := range inputs {
		to := v.order.place(i)
		for o := range outputs {
			from := i*outputs + o
			if transposed {
				from = o*inputs + i
			}
			p.Weights[o*inputs+to] = k.values[from]
		}
	}
	return p, outputs, nil
}

// perChannel gives the numbers, one for each channel or feature of the layer, that a constant
// has for a value by the rules of broadcasting: sizes are matched from the last axis on.
func (c *converter) perChannel(n *node, k *constant, v value) ([]float64, error) {
	sizes, channel := append([]int{1}, v.dims...), 1
	switch {
	case v.turned:
		sizes, channel = []int{v.dims[0], 1}, 0
	case v.order.last:
		channel = 3
	case len(v.dims) == 2: // rows and columns, of one channel
		channel = -1
	}
	first := len(sizes) - len(k.dims)
	if c.opset < 7 { // where the axis of the first size was said
		broadcast, err := n.integer("broadcast", 0)
		if err != nil {
			return nil, err
		}
		axis, err := n.integer("axis", int64(first))
		if err != nil {
			return nil, err
		}
		if broadcast != 0 && axis >= 0 && axis <= int64(len(sizes)) {
			first = int(axis)
		}
	}
	count, fits := 1, first >= 0 && first+len(k.dims) <= len(sizes)
	for i, d := range k.dims {
		if fits && first+i == channel && d == sizes[channel] {
			count = d
		} else {
			fits = fits && d == 1
		}
	}
	channels := v.channels()
	if !fits {
		return nil, wrong("constant", fmt.Sprintf("one number, or one for each of the %d channels of sizes %v", channels, sizes), fmt.Sprintf("sizes %v", k.dims))
	}
	out := make([]float64, channels)
	for i := range out {
		out[v.order.place(i)] = k.values[min(i, count-1)]
	}
	return out, nil
}
