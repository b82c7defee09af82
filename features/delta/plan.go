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
	requant   []Requant
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
	out.requant = p.Requant
	if len(p.Requant) > n.Out.Channels && out.outside != nil {
		out.requant = make([]Requant, len(p.Requant))
		for i, from := range out.outside {
			out.requant[i] = p.Requant[from]
		}
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
