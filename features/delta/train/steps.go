package train

import (
	"math"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// uncalibrated tells whether there are layers without steps.
func (t *Trainer) uncalibrated() bool {
	for _, q := range t.net.steps {
		if q == 0 {
			return true
		}
	}
	return false
}

// calibrate finds the steps of those layers that have none by a batch, in one pass in which these
// layers hand on what they are given: the largest magnitude is Options.Steps.Levels steps, of the
// layer, channel or neuron. What is zero throughout has the largest step of the layer.
func (t *Trainer) calibrate(lanes []*lane, work int, share func(i int) []Sequence) {
	largest := make([][]float64, len(lanes))
	each(work, len(lanes), func(i int) {
		l := lanes[i]
		largest[i] = make([]float64, len(t.net.steps))
		l.eachChunk(share(i), func() {
			l.forward()
			for node := range t.net.graph.Nodes {
				if t.net.graph.Nodes[node].Kind.Quantises() && t.net.unknown(node) {
					c := common{node: &t.net.graph.Nodes[node], index: node}
					c.eachStep(t.net, l.rows, func(step, from, to int) {
						for _, v := range l.values[node][from:to] {
							largest[i][step] = max(largest[i][step], math.Abs(float64(v)))
						}
					})
				}
			}
		})
	})
	for _, other := range largest[1:] {
		for k, v := range other {
			largest[0][k] = max(largest[0][k], v)
		}
	}
	for i := range t.net.graph.Nodes {
		if n := &t.net.graph.Nodes[i]; n.Kind.Quantises() && t.net.unknown(i) {
			at := t.net.at[i]
			spread(t.net.stepsOf(i), largest[0][at.steps:][:at.count], min(t.options.Steps.Levels, float64(n.Levels)))
		}
	}
	t.setFloors()
}

// spread sets steps by the largest magnitudes.
func spread(steps, largest []float64, levels float64) {
	all := 0.0
	for _, v := range largest {
		if finite(v) {
			all = max(all, v)
		}
	}
	if all == 0 {
		all = levels
	}
	for i, v := range largest {
		if v == 0 || !finite(v) {
			v = all
		}
		// A step that float32 has as well.
		steps[i] = max(float64(float32(v/levels)), math.SmallestNonzeroFloat32*(1<<30))
	}
}

// setFloors takes the steps' floors from the steps, where these are known.
func (t *Trainer) setFloors() {
	for i, q := range t.net.steps {
		t.net.floors[i] = q * t.options.Steps.Floor
	}
}

// moveSteps changes the steps of delta activations by the gradients of lanes. A step that
// is one of many of its layer has as many times its gradient, so that one rate suits steps
// for layers, channels and neurons.
func (t *Trainer) moveSteps(lanes []*lane, share float64) {
	if t.options.Steps.Fixed {
		return
	}
	rate := float64(t.options.Steps.Rate * share)
	for i := range t.net.graph.Nodes {
		if t.net.graph.Nodes[i].Kind != topology.Delta {
			continue
		}
		at := t.net.at[i]
		for k := at.steps; k < at.steps+at.count; k++ {
			slope := 0.0
			for _, l := range lanes {
				slope += l.steps[k]
			}
			factor := min(max(1-float64(float64(rate*float64(at.count))*slope), 0.5), 2)
			// Much beyond what float32 has, nothing is left of the values.
			t.net.steps[k] = min(max(float64(t.net.steps[k]*factor), t.net.floors[k]), 1e30)
		}
	}
}
