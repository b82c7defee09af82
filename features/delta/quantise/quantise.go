package quantise

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// tensor is what is known of a node's values: their units, one for all, one for each
// channel or one for each value, and their largest magnitude as integers.
type tensor struct {
	unit []float64
	most float64
}

// quantiser goes through a network, node by node.
type quantiser struct {
	graph   *topology.Graph
	tensors []tensor
	rounded Params
	shared  []bool      // nodes whose sums are the output: their channels share a unit
	sums    [][]float64 // units of the sums of layers with weights, in their order
}

// Quantise makes the integer network of parameters. The parameters that it returns
// beside it are those that the integers stand for: a [Reference] of them gives what the
// network gives, but for the multipliers of additions and for what float64 rounds.
func Quantise(t *topology.Topology, p Params) (*delta.Network, Params, error) {
	g, err := t.Resolve()
	if err == nil {
		err = p.validate(g, false)
	}
	if err != nil {
		return nil, Params{}, fmt.Errorf("quantise: %w", err)
	}
	q := &quantiser{graph: g, rounded: p.clone(), shared: make([]bool, len(g.Nodes))}
	q.share(len(g.Nodes) - 1)
	in := g.Topology.Input
	q.tensors = append(q.tensors, tensor{[]float64{p.Input}, float64(max(-in.Min, in.Max))})
	params := make([]delta.Params, len(t.Layers))
	for i := range params {
		to, err := q.node(i+1, &params[i], p.Layers[g.Nodes[i+1].Name])
		if err != nil {
			return nil, Params{}, fmt.Errorf("quantise: layer %s: %w", g.Nodes[i+1].Name, err)
		}
		q.tensors = append(q.tensors, to)
	}
	last := q.tensors[len(q.tensors)-1]
	n, err := delta.New(t, params, delta.Scales{Input: p.Input, Output: last.unit, Sums: q.sums})
	if err != nil {
		return nil, Params{}, fmt.Errorf("quantise: %w", err)
	}
	return n, q.rounded, nil
}

// share marks the nodes whose sums reach a node without being quantised again.
func (q *quantiser) share(node int) {
	if node < 0 || q.shared[node] {
		return
	}
	n := &q.graph.Nodes[node]
	q.shared[node] = true
	if n.Kind.Weighted() || n.Kind.Quantises() {
		return
	}
	q.share(n.From)
	q.share(n.With)
}

func (q *quantiser) node(i int, p *delta.Params, l Layer) (tensor, error) {
	n := &q.graph.Nodes[i]
	in := q.tensors[n.From]
	switch n.Kind {
	case topology.Linear, topology.Conv2D:
		out, err := q.weights(n, p, l, in, q.shared[i])
		q.sums = append(q.sums, out.unit)
		return out, err
	case topology.AvgPool:
		area := float64(n.Kernel[0] * n.Kernel[1])
		out := tensor{slices.Clone(in.unit), in.most * area}
		for k := range out.unit {
			out.unit[k] /= area
		}
		return out, nil
	case topology.Add:
		return residual(p, in, q.tensors[n.With])
	case topology.Flatten:
		if len(in.unit) > 1 {
			unit := make([]float64, n.Out.Channels)
			for k := range unit {
				unit[k] = at(in.unit, k, len(unit))
			}
			in.unit = unit
		}
		return in, nil
	case topology.Delta, topology.Threshold:
		return q.levels(n, p, l, in)
	case topology.Cut:
		q.rounded.Layers[n.Name] = Layer{Bound: cutBounds(p, l.Bound, in)}
		return in, nil
	case topology.TopK:
		weighMagnitudes(p, in)
		return in, nil
	default:
		return in, nil
	}
}

// levels finds what sums are multiplied with to be levels.
func (q *quantiser) levels(n *topology.Node, p *delta.Params, l Layer, in tensor) (tensor, error) {
	values := n.Out.Len()
	steps := make([]float64, len(l.Steps))
	p.Requant = make([]delta.Requant, max(len(l.Steps), len(in.unit)))
	for k := range p.Requant {
		i := k * values / len(p.Requant)
		r, err := delta.NewRequant(at(in.unit, i, values) / at(l.Steps, i, values))
		if err != nil {
			return tensor{}, fmt.Errorf("step %v, of sums in units of %v: %w", at(l.Steps, i, values), at(in.unit, i, values), err)
		}
		p.Requant[k] = r
		// Where several units meet one step, the ratios stand for as many steps, all the
		// same but for their last bits.
		steps[k*len(steps)/len(p.Requant)] = at(in.unit, i, values) / r.Ratio()
	}
	q.rounded.Layers[n.Name] = Layer{Steps: steps}
	return tensor{l.Steps, float64(n.Levels)}, nil
}

// residual brings both sides of an addition to one unit. The side with the smaller
// unit is multiplied with a power of two, the other with the nearest whole number: the
// smallest power for which that is as near as 4096 could be, as what is multiplied is what is
// left of 32 bits for the additions behind.
func residual(p *delta.Params, a, b tensor) (out tensor, err error) {
	count := max(len(a.unit), len(b.unit))
	worst := math.Inf(1)
	for finest := 1.0; finest <= 4096 && worst > 1.0/8192; finest *= 2 {
		t, multiply, off := toOneUnit(a, b, count, finest)
		if t.most > math.MaxInt32 {
			break
		}
		if off < worst {
			out, p.Multiply, worst = t, multiply, off
		}
	}
	switch {
	case math.IsInf(worst, 1):
		return out, fmt.Errorf("inputs in units of %v and %v, and up to %v and %v of them: expected a sum within 32 bits, or a delta layer in front of one of them", a.unit[0], b.unit[0], a.most, b.most)
	case worst > 1.0/64:
		return out, fmt.Errorf("its inputs in units of %v and %v come to one unit by no better than %.1f %%: expected a delta layer in front of one of them", a.unit[0], b.unit[0], 100*worst)
	}
	return out, nil
}

// toOneUnit is what an addition gives, what its sides are multiplied by, and by what share
// that is off at the most, where the finer side is multiplied by the number given.
func toOneUnit(a, b tensor, count int, finest float64) (out tensor, multiply [2][]int32, off float64) {
	out.unit = make([]float64, count)
	multiply = [2][]int32{make([]int32, count), make([]int32, count)}
	for c := range count {
		ua, ub := at(a.unit, c, count), at(b.unit, c, count)
		out.unit[c] = min(ua, ub) / finest
		ma, mb := math.Round(ua/out.unit[c]), math.Round(ub/out.unit[c])
		out.most = max(out.most, ma*a.most+mb*b.most)
		if out.most > math.MaxInt32 {
			break
		}
		off = max(off, math.Abs(ma*out.unit[c]/ua-1), math.Abs(mb*out.unit[c]/ub-1))
		multiply[0][c], multiply[1][c] = int32(ma), int32(mb)
	}
	return out, multiply, off
}
