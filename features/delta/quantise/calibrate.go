package quantise

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Calibrate finds steps for the delta activations that have none: such that the largest
// magnitude that an activation was seen to have is the last level. Those without steps
// hand on what they are given meanwhile. Frames are inputs in levels; the parameters
// given are not changed.
func Calibrate(ctx context.Context, t *topology.Topology, p Params, frames iter.Seq[[]int32]) (Params, error) {
	r, err := newReference(t, p, true)
	if err != nil {
		return Params{}, err
	}
	largest := map[int][]float64{} // by node
	for i := range r.graph.Nodes {
		if n := &r.graph.Nodes[i]; n.Kind.Quantises() && p.Layers[n.Name].Steps == nil {
			largest[i] = make([]float64, n.Step.Of(n.Out))
		}
	}
	seen := 0
	for frame := range frames {
		if err := ctx.Err(); err != nil {
			return Params{}, err
		}
		if _, err := r.Step(frame); err != nil {
			return Params{}, fmt.Errorf("frame %d: %w", seen, err)
		}
		seen++
		for i, most := range largest {
			values := r.values[i]
			for k, v := range values {
				share := k * len(most) / len(values)
				most[share] = max(most[share], math.Abs(v))
			}
		}
	}
	if seen == 0 && len(largest) > 0 {
		return Params{}, fmt.Errorf("quantise: expected frames to calibrate with, found none")
	}
	out := p.clone()
	for i, most := range largest {
		n := &r.graph.Nodes[i]
		out.Layers[n.Name] = Layer{Steps: stepsOf(most, n.Levels)}
	}
	return out, nil
}

// stepsOf spreads the levels over what was seen. What was never seen to be other than
// zero shares the largest step of the others.
func stepsOf(largest []float64, levels int) []float64 {
	all := 0.0
	for _, v := range largest {
		all = max(all, v)
	}
	if all == 0 {
		all = float64(levels)
	}
	out := make([]float64, len(largest))
	for i, v := range largest {
		if v == 0 {
			v = all
		}
		out[i] = v / float64(levels)
	}
	return out
}
