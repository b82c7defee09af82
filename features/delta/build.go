package delta

import (
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// build makes the stages of all nodes.
func (e *Engine) build(k *hw.DeltaKernels) {
	nodes, plans := e.net.graph.Nodes, e.net.plans
	f := &form{mode: e.options.Mode, look: e.options.LookMACs}
	e.input = newInput(&nodes[0], plans[0].outside, k)
	e.of[0], e.stages = &e.input.base, []stage{e.input}
	for i := range nodes[1:] {
		n := &nodes[i+1]
		in := e.of[n.From]
		if e.elided(n, in) {
			e.of[i+1] = in
			continue
		}
		var s stage
		switch n.Kind {
		case topology.Linear, topology.Conv2D:
			s = newWeightedStage(newWeighted(n, &plans[i+1], in, f, k), &plans[i+1], k)
			e.attribute(s, in)
			in.listed = true
		case topology.AvgPool:
			s, in.listed = &avgPool{sums: newSums(n, k), in: in}, true
		case topology.MaxPool:
			s = &maxPool{base: newBase(n), in: in, mark: make([]bool, n.Out.Height*n.Out.Width), most: make([]int32, n.Out.Channels)}
			in.spanned = true
		case topology.ReLU:
			s, in.spanned = &relu{base: newBase(n), in: in}, true
		case topology.Add:
			with := e.of[n.With]
			s = &add{base: newBase(n), in: in, with: with, multiply: e.net.params[i+1].Multiply}
			in.spanned, with.spanned = true, true
		case topology.Delta, topology.Threshold:
			s, in.spanned = newLevels(n, &plans[i+1], in, nodes[n.From].Kind == topology.ReLU, k), true
		case topology.Cut:
			s, in.spanned = &cut{base: newBase(n), in: in, bounds: plans[i+1].bound}, true
		case topology.TopK:
			s, in.spanned = newTopK(n, &plans[i+1], in), true
		case topology.Flatten:
			s, in.listed = &flatten{base: newBase(n), in: in, to: plans[n.From].outside}, true
		default:
			s, in.listed = &sigma{base: newBase(n), in: in}, true
		}
		e.stages = append(e.stages, s)
		e.of[i+1] = s.common()
	}
	e.last = e.of[len(nodes)-1]
	e.output = make([]int32, len(e.last.out))
	e.frame = make([]hw.Delta, 0, len(e.last.out))
	e.outside = plans[len(nodes)-1].outside
}

// elided tells whether a node needs no stage: a flatten that moves nothing, and a ReLU
// that only delta activations take, which then do without negative levels.
func (e *Engine) elided(n *topology.Node, in *base) bool {
	switch n.Kind {
	case topology.Flatten:
		return e.net.plans[n.From].outside == nil && in != nil
	case topology.ReLU:
		return len(n.Takers) > 0 && !slices.ContainsFunc(n.Takers, func(i int) bool { return !e.net.graph.Nodes[i].Kind.Quantises() })
	default:
		return false
	}
}

func newWeightedStage(w weighted, p *plan, k *hw.DeltaKernels) stage {
	switch {
	case w.node.Kind == topology.Linear && p.weights16 != nil:
		return &linear[int16]{weighted: w, weights: p.weights16, columns: k.Columns16}
	case w.node.Kind == topology.Linear:
		return &linear[int8]{weighted: w, weights: p.weights8, columns: k.Columns8}
	case p.weights16 != nil:
		return newConv(w, p.weights16, k.Taps16)
	default:
		return newConv(w, p.weights8, k.Taps8)
	}
}

// attribute puts the multiply-adds of a layer down to the stage that sent its changes,
// past a flatten, which only hands them on.
func (e *Engine) attribute(s stage, in *base) {
	for _, other := range e.stages {
		if f, ok := other.(*flatten); ok && &f.base == in {
			weightedOf(s).sender = f.in
		}
	}
}
