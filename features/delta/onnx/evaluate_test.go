package onnx_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// evaluate computes a network by the definitions of its operators, in float64, knowing
// nothing of the package. It gives the results by name.
func (g *net) evaluate(t require.TestingT, input tensor) map[string]tensor {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	values := map[string]tensor{"x": input}
	for name, v := range g.initial {
		values[name] = plain(v)
	}
	for _, o := range g.ops {
		values[o.out] = o.evaluate(t, values)
	}
	return values
}

// plain is a constant as a tensor.
func plain(v any) tensor {
	if t, ok := v.(tensor); ok {
		return t
	}
	list, _ := v.(ints)
	out := tensor{dims: []int{len(list)}}
	for _, i := range list {
		out.values = append(out.values, float64(i))
	}
	return out
}

func count(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// at is a value by its index on every axis; axes of one value stand for all.
func (t tensor) at(index ...int) float64 {
	k := 0
	for a, i := range index {
		if t.dims[a] == 1 {
			i = 0
		}
		k = k*t.dims[a] + i
	}
	return t.values[k]
}

// wide is the tensor with so many axes, ones in front.
func (t tensor) wide(rank int) tensor {
	return tensor{append(slices.Repeat([]int{1}, rank-len(t.dims)), t.dims...), t.values}
}

func (o *op) number(name string, otherwise int) int {
	if v, ok := o.attributes[name].(int); ok {
		return v
	}
	return otherwise
}

func (o *op) float(name string, otherwise float64) float64 {
	if v, ok := o.attributes[name].(float64); ok {
		return v
	}
	return otherwise
}

func (o *op) list(name string, otherwise []int) []int {
	if v, ok := o.attributes[name].([]int); ok {
		return v
	}
	return otherwise
}

func (o *op) evaluate(t require.TestingT, values map[string]tensor) tensor {
	in := func(i int) tensor { return values[o.in[i]] }
	switch o.kind {
	case "Clip", "Max", "Mul", "Div", "Sub", "Pad", "ReduceMean", "Squeeze", "Unsqueeze":
		return o.more(t, values)
	case "Identity", "Dropout", "Cast", "Whatever": // the last stands for one that nobody knows
		return in(0)
	case "Constant":
		return plain(o.attributes["value"])
	case "Relu":
		out := tensor{in(0).dims, slices.Clone(in(0).values)}
		for i, v := range out.values {
			out.values[i] = math.Max(0, v)
		}
		return out
	case "Transpose":
		return permuted(in(0), o.list("perm", []int{1, 0}))
	case "Flatten":
		x := in(0)
		return tensor{[]int{x.dims[0], count(x.dims[1:])}, x.values}
	case "Reshape":
		x, shape := in(0), in(1)
		dims := make([]int, len(shape.values))
		for i, v := range shape.values {
			if dims[i] = int(v); v == 0 {
				dims[i] = x.dims[i]
			}
		}
		if open := slices.Index(dims, -1); open >= 0 {
			dims[open] = -count(x.dims) / count(dims)
		}
		require.Equal(t, count(x.dims), count(dims))
		return tensor{dims, x.values}
	case "MatMul":
		return product(in(0), in(1))
	case "Gemm":
		return o.gemm(values)
	case "Add", "Sum":
		return broadcast(in(0), in(1))
	case "BatchNormalization":
		return o.normalise(values)
	case "Conv":
		return o.convolve(values)
	case "MaxPool", "AveragePool":
		return o.pool(in(0))
	case "GlobalAveragePool":
		x := in(0)
		out := tensor{dims: []int{x.dims[0], x.dims[1], 1, 1}}
		plane := x.dims[2] * x.dims[3]
		for c := range x.dims[0] * x.dims[1] {
			sum := 0.0
			for _, v := range x.values[c*plane:][:plane] {
				sum += v
			}
			out.values = append(out.values, sum/float64(plane))
		}
		return out
	}
	require.Fail(t, "no definition of "+o.kind)
	return tensor{}
}

func product(a, b tensor) tensor {
	out := tensor{dims: []int{a.dims[0], b.dims[1]}}
	for i := range a.dims[0] {
		for j := range b.dims[1] {
			sum := 0.0
			for k := range a.dims[1] {
				sum += a.at(i, k) * b.values[k*b.dims[1]+j]
			}
			out.values = append(out.values, sum)
		}
	}
	return out
}

func transposed(x tensor) tensor {
	o := op{kind: "Transpose", in: []string{"x"}}
	return o.evaluate(nil, map[string]tensor{"x": x})
}

func (o *op) gemm(values map[string]tensor) tensor {
	a, b := values[o.in[0]], values[o.in[1]]
	if o.number("transA", 0) != 0 {
		a = transposed(a)
	}
	if o.number("transB", 0) != 0 {
		b = transposed(b)
	}
	out := product(a, b)
	for i := range out.values {
		out.values[i] *= o.float("alpha", 1)
	}
	if len(o.in) > 2 {
		c := values[o.in[2]]
		scaled := tensor{c.dims, slices.Clone(c.values)}
		for i := range scaled.values {
			scaled.values[i] *= o.float("beta", 1)
		}
		out = broadcast(out, scaled)
	}
	return out
}

func broadcast(a, b tensor) tensor {
	return combined(a, b, func(a, b float64) float64 { return a + b })
}

// combined computes with two tensors, of which the one is repeated along axes of the other.
func combined(a, b tensor, do func(a, b float64) float64) tensor {
	rank := max(len(a.dims), len(b.dims))
	a, b = a.wide(rank), b.wide(rank)
	out := tensor{dims: make([]int, rank)}
	for i := range out.dims {
		out.dims[i] = max(a.dims[i], b.dims[i])
	}
	index := make([]int, rank)
	for range count(out.dims) {
		out.values = append(out.values, do(a.at(index...), b.at(index...)))
		for i := rank - 1; i >= 0; i-- {
			if index[i]++; index[i] < out.dims[i] {
				break
			}
			index[i] = 0
		}
	}
	return out
}

func (o *op) normalise(values map[string]tensor) tensor {
	x := values[o.in[0]]
	out := tensor{dims: x.dims}
	plane := count(x.dims[2:])
	for i, v := range x.values {
		c := i / plane % x.dims[1]
		p := func(k int) float64 { return values[o.in[k]].values[c] }
		out.values = append(out.values, (v-p(3))/math.Sqrt(p(4)+o.float("epsilon", 1e-5))*p(1)+p(2))
	}
	return out
}

// The definitions themselves, on what can be seen at a glance.
func TestEvaluator(t *testing.T) {
	x := tensor{[]int{1, 1, 2, 3}, []float64{1, 2, 3, 4, 5, 6}}
	w := tensor{[]int{1, 1, 2, 2}, []float64{1, 0, 0, 10}}
	conv := op{kind: "Conv", in: []string{"x", "w"}, attributes: map[string]any{"auto_pad": "SAME_UPPER"}}
	require.Equal(t, tensor{[]int{1, 1, 2, 3}, []float64{51, 62, 3, 4, 5, 6}}, conv.evaluate(t, map[string]tensor{"x": x, "w": w}))
	pool := op{kind: "MaxPool", in: []string{"x"}, attributes: map[string]any{"kernel_shape": []int{2, 2}, "strides": []int{2, 2}, "ceil_mode": 1}}
	require.Equal(t, tensor{[]int{1, 1, 1, 2}, []float64{5, 6}}, pool.evaluate(t, map[string]tensor{"x": x}))
	require.Equal(t, tensor{[]int{1, 1}, []float64{11}}, product(tensor{[]int{1, 2}, []float64{1, 2}}, tensor{[]int{2, 1}, []float64{3, 4}}))
}
