package quantise

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Read takes the numbers of a network from a numpy archive, in which a layer's are
// NAME.weight, NAME.bias, NAME.step and NAME.bound, as other frameworks name and shape
// them: [out][in] of a linear layer, [out][in/groups][height][width] of a convolution, one
// bias for each output; one step for a layer, for each channel, or
// [channel][height][width] for each neuron; one bound for a cut. Steps may be missing, see
// [Calibrate]. input.scale is what a level of the input is worth, 1 where it is missing. An
// array that no layer takes is an error.
func Read(t *topology.Topology, arrays npz.Archive) (Params, error) {
	g, err := t.Resolve()
	if err != nil {
		return Params{}, fmt.Errorf("quantise: %w", err)
	}
	r := reader{arrays: arrays, taken: map[string]bool{}}
	out := Params{Input: 1, Layers: map[string]Layer{}}
	if s := r.optional(topology.InputName+".scale", nil); s != nil {
		out.Input = s[0]
	}
	if r.err != nil {
		return Params{}, fmt.Errorf("quantise: %w", r.err)
	}
	for i := range g.Nodes[1:] {
		n := &g.Nodes[i+1]
		var l Layer
		switch {
		case n.Kind.Weighted():
			l.Weights = r.required(n.Name+".weight", weightShape(n))
			if !n.NoBias {
				l.Bias = r.required(n.Name+".bias", []int{n.Out.Channels})
			}
		case n.Kind.Quantises():
			l.Steps = r.optional(n.Name+".step", stepShape(n))
		case n.Kind == topology.Cut:
			if b := r.required(n.Name+".bound", r.oneOf(n.Name+".bound")); b != nil {
				l.Bound = b[0]
			}
		default:
			continue
		}
		if r.err != nil {
			return Params{}, fmt.Errorf("quantise: layer %s: %w", n.Name, r.err)
		}
		out.Layers[n.Name] = l
	}
	for _, name := range arrays.Names() {
		if !r.taken[name] {
			return Params{}, fmt.Errorf("quantise: array %s: expected one that a layer of the topology takes", name)
		}
	}
	if err := out.validate(g, true); err != nil {
		return Params{}, fmt.Errorf("quantise: %w", err)
	}
	return out, nil
}

// reader takes arrays and remembers the first error.
type reader struct {
	arrays npz.Archive
	taken  map[string]bool
	err    error
}

func (r *reader) required(name string, shape []int) []float64 {
	if r.err != nil {
		return nil
	}
	a, err := r.arrays.Get(name, shape...)
	if err != nil {
		r.err = err
		return nil
	}
	r.taken[name] = true
	values, err := a.Floats()
	if err != nil {
		r.err = fmt.Errorf("array %s: %w", name, err)
	}
	return values
}

// optional is nil where the array is missing.
func (r *reader) optional(name string, shape []int) []float64 {
	if r.arrays[name] == nil {
		return nil
	}
	if len(shape) == 0 {
		shape = r.oneOf(name)
	}
	return r.required(name, shape)
}

// oneOf is the shape of one number, which may be written as such or as a list of one.
func (r *reader) oneOf(name string) []int {
	if a := r.arrays[name]; a != nil && len(a.Shape) == 1 {
		return []int{1}
	}
	return nil
}

func weightShape(n *topology.Node) []int {
	if n.Kind == topology.Linear {
		return []int{n.Out.Channels, n.In.Channels}
	}
	return []int{n.Out.Channels, n.In.Channels / n.Groups, n.Kernel[0], n.Kernel[1]}
}

func stepShape(n *topology.Node) []int {
	switch {
	case n.Step == topology.PerLayer:
		return nil
	case n.Step == topology.PerNeuron && !n.Out.Flat():
		return []int{n.Out.Channels, n.Out.Height, n.Out.Width}
	default:
		return []int{n.Out.Channels}
	}
}
