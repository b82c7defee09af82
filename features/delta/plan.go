package delta

import (
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/window"
)

// plan is what an engine needs of a node, in the order of its memory.
type plan struct {
	weights8  []int8  // [in][out] of a linear layer, [in][element][out of a group] of a convolution
	weights16 []int16 // the same
	bias      []int32 // of every value; nil where all are zero
	mul       []int32 // of requantisations, one for all values or one for each
	shift     []int32
	bound     []int32
	weigh     []int32
	// outside is, of each value, where it is outside; nil where both are the same.
	outside []int32
}

func newPlan(n *topology.Node, p *Params) plan {
	var out plan
	out.outside = window.Outside(n.Out.Channels, n.Out.Height*n.Out.Width)
	out.weights8 = weightsPlan(n, p.Weights8)
	out.weights16 = weightsPlan(n, p.Weights16)
	if p.Bias != nil {
		out.bias = make([]int32, n.Out.Len())
		for i := range out.bias {
			out.bias[i] = p.Bias[i%n.Out.Channels]
		}
	}
	out.mul, out.shift = multipliers(inside(p.Requant, n, out.outside), n.Out.Len())
	out.bound = inside(p.Bound, n, out.outside)
	out.weigh = inside(p.Weigh, n, out.outside)
	return out
}

// multipliers takes requantisations apart, and gives each value one where there are several.
func multipliers(all []Requant, values int) (mul, shift []int32) {
	if len(all) == 0 {
		return nil, nil
	}
	if len(all) == 1 {
		values = 1
	}
	mul, shift = make([]int32, values), make([]int32, values)
	for i := range mul {
		r := all[i%len(all)]
		mul[i], shift[i] = r.Mul, int32(r.Shift)
	}
	return mul, shift
}

// inside puts the numbers of a layer's values into the order of memory, where each
// value has one of its own.
func inside[T any](numbers []T, n *topology.Node, outside []int32) []T {
	if len(numbers) <= n.Out.Channels || outside == nil {
		return numbers
	}
	out := make([]T, len(numbers))
	for i, from := range outside {
		out[i] = numbers[from]
	}
	return out
}

// weightsPlan puts weights into the order that changes meet them in.
func weightsPlan[W int8 | int16](n *topology.Node, weights []W) []W {
	switch {
	case len(weights) == 0:
		return nil
	case n.Kind == topology.Linear:
		return window.Columns(weights, n.In.Channels, n.Out.Channels)
	default:
		return window.Kernels(weights, n.In.Channels, n.Out.Channels, n.Groups, n.Kernel[0]*n.Kernel[1])
	}
}
