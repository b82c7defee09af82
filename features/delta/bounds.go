package delta

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Bounds are the least and the largest value that a layer can give.
type Bounds struct{ Min, Max int64 }

// with is the bounds with another value among them.
func (b Bounds) with(v int64) Bounds { return Bounds{min(b.Min, v), max(b.Max, v)} }

func (b Bounds) times(factor int64) Bounds { return Bounds{b.Min * factor, b.Max * factor} }

// prove gives the bounds of a node's values, and an error where they are not within 32
// bits. Parts of a sum may leave them on the way, as changes are added in any order:
// sums are modulo 2^32, so that a sum that ends within 32 bits is right wherever it
// has been. What is added is a change of values, which needs 33 bits and is taken
// modulo 2^32 for the same reason.
func (n *Network) prove(node *topology.Node, p *Params) (Bounds, error) {
	in := n.bounds[node.From]
	padded := node.Padding != [4]int{}
	switch node.Kind {
	case topology.Linear, topology.Conv2D:
		if padded {
			in = in.with(0)
		}
		return p.sums(node, in)
	case topology.AvgPool:
		if padded {
			in = in.with(0)
		}
		return within32(in.times(int64(node.Kernel[0])*int64(node.Kernel[1])), "a window")
	case topology.ReLU:
		return Bounds{max(in.Min, 0), max(in.Max, 0)}, nil
	case topology.Add:
		other, out := n.bounds[node.With], Bounds{math.MaxInt64, math.MinInt64}
		for c := range node.Out.Channels {
			a, b := in.times(int64(of(p.Multiply[0], c))), other.times(int64(of(p.Multiply[1], c)))
			out = out.with(a.Min + b.Min).with(a.Max + b.Max)
		}
		return within32(out, "a sum")
	case topology.Delta, topology.Threshold:
		out := Bounds{math.MaxInt64, math.MinInt64}
		levels := int64(node.Levels)
		for _, r := range p.Requant {
			for _, v := range []int64{in.Min, in.Max} {
				out = out.with(max(min(r.Level(int32(v)), levels), -levels))
			}
		}
		// What was last sent is nothing at first, and may stay so within the threshold.
		return out.with(0), nil
	case topology.TopK, topology.Cut:
		return in.with(0), nil
	default:
		return in, nil
	}
}

// sums bounds the sums of a layer with weights: each output's least sum has the least
// input under its positive weights and the largest under its negative ones.
func (p *Params) sums(node *topology.Node, in Bounds) (Bounds, error) {
	out, fan := Bounds{math.MaxInt64, math.MinInt64}, node.FanIn()
	for o := range node.Out.Channels {
		var positive, negative int64
		for i := range fan {
			w := int64(p.weight(o*fan + i))
			positive += max(w, 0)
			negative += min(w, 0)
		}
		b := int64(p.bias(o))
		// Ahead of the products, which might not fit 64 bits either.
		if largest := max(-in.Min, in.Max, 1); positive-negative > math.MaxInt64/4/largest {
			return Bounds{}, fmt.Errorf("output %d: weights of %d in sum, and inputs up to %d: expected no more than 32 bits", o, positive-negative, largest)
		}
		one := Bounds{b + positive*in.Min + negative*in.Max, b + positive*in.Max + negative*in.Min}
		if _, err := within32(one, fmt.Sprintf("output %d", o)); err != nil {
			return one, err
		}
		out = out.with(one.Min).with(one.Max)
	}
	return out, nil
}

func within32(b Bounds, what string) (Bounds, error) {
	if b.Min < math.MinInt32 || b.Max > math.MaxInt32 {
		return b, fmt.Errorf("%s can be from %d to %d: expected no more than 32 bits", what, b.Min, b.Max)
	}
	return b, nil
}

// of is the value of a channel, where one may stand for all.
func of[T any](values []T, channel int) T {
	if len(values) == 1 {
		return values[0]
	}
	return values[channel]
}
