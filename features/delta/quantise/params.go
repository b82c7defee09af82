package quantise

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Layer holds the numbers of a layer.
type Layer struct {
	// Weights are [out][in] of a linear layer and [out][in/groups][kernel height][kernel
	// width] of a convolution; Bias is one for each output channel.
	Weights, Bias []float64
	// Steps, q, of a delta activation or a threshold: as many as the topology's step
	// says, [channel][row][column] where each neuron has one.
	Steps []float64
	// Bound, of a cut, is the magnitude from which on values are kept, from 0.
	Bound float64
}

// Params are the numbers of a network.
type Params struct {
	Input  float64 // what a level of the input is worth, above 0
	Layers map[string]Layer
}

// Validate tells whether the numbers are those of a topology. Missing steps, as before
// calibration, are errors too.
func (p *Params) Validate(t *topology.Topology) error {
	g, err := t.Resolve()
	if err != nil {
		return err
	}
	return p.validate(g, false)
}

// ValidateUncalibrated is Validate of numbers whose steps may be missing.
func (p *Params) ValidateUncalibrated(t *topology.Topology) error {
	g, err := t.Resolve()
	if err != nil {
		return err
	}
	return p.validate(g, true)
}

func (p *Params) validate(g *topology.Graph, uncalibrated bool) error {
	if !(p.Input > 0) || math.IsInf(p.Input, 1) {
		return fmt.Errorf("the worth of the input's levels: expected a number above 0, found %v", p.Input)
	}
	known := map[string]bool{}
	for i := range g.Nodes[1:] {
		n := &g.Nodes[i+1]
		known[n.Name] = true
		if err := p.Layers[n.Name].validate(n, uncalibrated); err != nil {
			return fmt.Errorf("layer %s: %w", n.Name, err)
		}
	}
	for name := range p.Layers {
		if !known[name] {
			return fmt.Errorf("layer %s: there is none of that name in the topology", name)
		}
	}
	return nil
}

func (l Layer) validate(n *topology.Node, uncalibrated bool) error {
	if l.Bound != 0 && n.Kind != topology.Cut || !(l.Bound >= 0) || math.IsInf(l.Bound, 1) {
		return fmt.Errorf("bound: expected a number from 0, of a cut only, found %v", l.Bound)
	}
	bias, steps := 0, 0
	if n.Kind.Weighted() && !n.NoBias {
		bias = n.Out.Channels
	}
	if n.Kind.Quantises() {
		steps = n.Step.Of(n.Out)
	}
	for _, c := range []struct {
		what string
		got  []float64
		want int
	}{{"weights", l.Weights, n.WeightsLen()}, {"biases", l.Bias, bias}, {"steps", l.Steps, steps}} {
		if c.what == "steps" && c.got == nil && uncalibrated {
			continue
		}
		if len(c.got) != c.want {
			return fmt.Errorf("expected %d %s, found %d", c.want, c.what, len(c.got))
		}
		for i, v := range c.got {
			if math.IsNaN(v) || math.IsInf(v, 0) || c.what == "steps" && v <= 0 {
				return fmt.Errorf("%s: value %d: found %v", c.what, i, v)
			}
		}
	}
	return nil
}

// clone copies the numbers.
func (p *Params) clone() Params {
	out := Params{Input: p.Input, Layers: make(map[string]Layer, len(p.Layers))}
	for name, l := range p.Layers {
		out.Layers[name] = Layer{Weights: slices.Clone(l.Weights), Bias: slices.Clone(l.Bias), Steps: slices.Clone(l.Steps), Bound: l.Bound}
	}
	return out
}

// at is the number that a value has, of which there are one for all, one for each
// channel, or one for each value, [channel][row][column].
func at(numbers []float64, i, values int) float64 {
	return numbers[i*len(numbers)/values]
}
