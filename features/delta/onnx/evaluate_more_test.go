package onnx_test

import (
	"math"
	"slices"

	"github.com/stretchr/testify/require"
)

// permuted puts axes into another order.
func permuted(x tensor, perm []int) tensor {
	out := tensor{dims: make([]int, len(perm))}
	for a, p := range perm {
		out.dims[a] = x.dims[p]
	}
	index, from := make([]int, len(perm)), make([]int, len(perm))
	for k := range count(out.dims) {
		for a := len(perm) - 1; a >= 0; a-- {
			index[a] = k % out.dims[a]
			k /= out.dims[a]
			from[perm[a]] = index[a]
		}
		out.values = append(out.values, x.at(from...))
	}
	return out
}

// more are the definitions of operators that work on single values, or on sizes.
func (o *op) more(t require.TestingT, values map[string]tensor) tensor {
	in := func(i int) tensor { return values[o.in[i]] }
	switch o.kind {
	case "Clip":
		least, most := o.float("min", math.Inf(-1)), o.float("max", math.Inf(1))
		if len(o.in) > 1 && o.in[1] != "" {
			least = in(1).values[0]
		}
		if len(o.in) > 2 && o.in[2] != "" {
			most = in(2).values[0]
		}
		out := tensor{in(0).dims, slices.Clone(in(0).values)}
		for i, v := range out.values {
			out.values[i] = math.Min(math.Max(v, least), most)
		}
		return out
	case "Max":
		return combined(in(0), in(1), math.Max)
	case "Mul":
		return combined(in(0), in(1), func(a, b float64) float64 { return a * b })
	case "Div":
		return combined(in(0), in(1), func(a, b float64) float64 { return a / b })
	case "Sub":
		return combined(in(0), in(1), func(a, b float64) float64 { return a - b })
	case "Pad":
		return pad(in(0), in(1).values)
	case "ReduceMean":
		return o.mean(values)
	case "Squeeze", "Unsqueeze":
		return o.axed(t, values)
	}
	require.Fail(t, "no definition of "+o.kind)
	return tensor{}
}

// pad puts zeros around a tensor: as many in front of each axis, then behind each.
func pad(x tensor, pads []float64) tensor {
	rank := len(x.dims)
	out := tensor{dims: make([]int, rank)}
	for a := range rank {
		out.dims[a] = x.dims[a] + int(pads[a]) + int(pads[rank+a])
	}
	index := make([]int, rank)
	for k := range count(out.dims) {
		inside := true
		for a := rank - 1; a >= 0; a-- {
			index[a] = k%out.dims[a] - int(pads[a])
			k /= out.dims[a]
			inside = inside && index[a] >= 0 && index[a] < x.dims[a]
		}
		v := 0.0
		if inside {
			v = x.at(index...)
		}
		out.values = append(out.values, v)
	}
	return out
}

// listed are axes, an attribute or the second input, from the front.
func (o *op) listed(values map[string]tensor, rank int) []int {
	axes := slices.Clone(o.list("axes", nil))
	if len(o.in) > 1 {
		for _, v := range values[o.in[1]].values {
			axes = append(axes, int(v))
		}
	}
	for i := range axes {
		if axes[i] < 0 {
			axes[i] += rank
		}
	}
	return axes
}

func (o *op) mean(values map[string]tensor) tensor {
	x := values[o.in[0]]
	axes := o.listed(values, len(x.dims))
	out := tensor{dims: slices.Clone(x.dims)}
	of := 1
	for _, a := range axes {
		of *= x.dims[a]
		out.dims[a] = 1
	}
	out.values = make([]float64, count(out.dims))
	for i, v := range x.values {
		to, step, rest := 0, 1, i
		for a := len(x.dims) - 1; a >= 0; a-- {
			if out.dims[a] > 1 {
				to += rest % x.dims[a] * step
				step *= x.dims[a]
			}
			rest /= x.dims[a]
		}
		out.values[to] += v / float64(of)
	}
	if o.number("keepdims", 1) == 0 {
		slices.Sort(axes)
		for _, a := range slices.Backward(axes) {
			out.dims = slices.Delete(out.dims, a, a+1)
		}
	}
	return out
}

func (o *op) axed(t require.TestingT, values map[string]tensor) tensor {
	x := values[o.in[0]]
	dims := slices.Clone(x.dims)
	if o.kind == "Unsqueeze" {
		axes := o.listed(values, len(dims)+len(o.list("axes", nil))+func() int {
			if len(o.in) > 1 {
				return len(values[o.in[1]].values)
			}
			return 0
		}())
		slices.Sort(axes)
		for _, a := range axes {
			dims = slices.Insert(dims, a, 1)
		}
		return tensor{dims, x.values}
	}
	axes := o.listed(values, len(dims))
	slices.Sort(axes)
	for _, a := range slices.Backward(axes) {
		require.Equal(t, 1, dims[a])
		dims = slices.Delete(dims, a, a+1)
	}
	return tensor{dims, x.values}
}
