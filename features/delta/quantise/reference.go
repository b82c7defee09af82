package quantise

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Reference computes a network in float64, everything anew in every step: it is what
// training computes, and what the integers stand for. All that it remembers is what
// threshold deltas sent last. It is used by one goroutine at a time.
type Reference struct {
	graph  *topology.Graph
	params Params
	values [][]float64 // of each node, [channel][row][column]
	there  []int       // inputs of a linear layer that are not zero
	order  []int       // of a topk's values
}

// NewReference makes the reference of a network. It keeps the parameters.
func NewReference(t *topology.Topology, p Params) (*Reference, error) {
	return newReference(t, p, false)
}

// newReference makes one in which delta activations without steps may hand on what
// they are given.
func newReference(t *topology.Topology, p Params, uncalibrated bool) (*Reference, error) {
	g, err := t.Resolve()
	if err == nil {
		err = p.validate(g, uncalibrated)
	}
	if err != nil {
		return nil, fmt.Errorf("quantise: %w", err)
	}
	r := &Reference{graph: g, params: p, values: make([][]float64, len(g.Nodes))}
	for i := range g.Nodes {
		r.values[i] = make([]float64, g.Nodes[i].Out.Len())
	}
	return r, nil
}

// Values are those of a layer, by its index, after the last step; -1 is the input.
func (r *Reference) Values(layer int) []float64 { return r.values[layer+1] }

// Reset goes back to before the first step.
func (r *Reference) Reset() {
	for _, v := range r.values {
		clear(v)
	}
}

// Step computes the output of an input in levels, [channel][row][column]. The output is
// overwritten by the next step.
func (r *Reference) Step(input []int32) ([]float64, error) {
	if len(input) != len(r.values[0]) {
		return nil, fmt.Errorf("quantise: expected an input of %d values, found %d", len(r.values[0]), len(input))
	}
	for i, v := range input {
		r.values[0][i] = float64(v) * r.params.Input
	}
	for i := range r.graph.Nodes[1:] {
		n := &r.graph.Nodes[i+1]
		r.node(n, r.values[i+1], r.values[n.From], r.params.Layers[n.Name])
	}
	return r.values[len(r.values)-1], nil
}

func (r *Reference) node(n *topology.Node, out, in []float64, l Layer) {
	switch n.Kind {
	case topology.Linear:
		// What is zero adds nothing: much is, and each weight is a load.
		r.there = r.there[:0]
		for i, v := range in {
			if v != 0 {
				r.there = append(r.there, i)
			}
		}
		for o := range out {
			sum, weights := bias(l, o), l.Weights[o*len(in):][:len(in)]
			for _, i := range r.there {
				sum += weights[i] * in[i]
			}
			out[o] = sum
		}
	case topology.Conv2D:
		convolve(n, out, in, l)
	case topology.AvgPool, topology.MaxPool:
		pool(n, out, in)
	case topology.ReLU:
		for i, v := range in {
			out[i] = max(v, 0)
		}
	case topology.Add:
		for i, v := range r.values[n.With] {
			out[i] = in[i] + v
		}
	case topology.Delta, topology.Threshold:
		if l.Steps == nil {
			copy(out, in)
			return
		}
		levels := float64(n.Levels)
		for i, v := range in {
			q := at(l.Steps, i, len(in))
			level := max(min(math.Floor(v/q+0.5), levels), -levels)
			// What was sent is a multiple of the step, but for rounding.
			if math.Abs(level-math.Round(out[i]/q)) > float64(n.Threshold) {
				out[i] = level * q
			}
		}
	case topology.Cut:
		for i, v := range in {
			if out[i] = v; math.Abs(v) < l.Bound {
				out[i] = 0
			}
		}
	case topology.TopK:
		r.order = topK(out, in, n.Keep(), r.order)
	default:
		copy(out, in)
	}
}

func bias(l Layer, channel int) float64 {
	if l.Bias == nil {
		return 0
	}
	return l.Bias[channel]
}

func convolve(n *topology.Node, out, in []float64, l Layer) {
	inputs, outputs := n.In.Channels/n.Groups, n.Out.Channels/n.Groups
	plane := n.In.Height * n.In.Width
	k := 0
	for o := range n.Out.Channels {
		first := o / outputs * inputs
		for y := range n.Out.Height {
			for x := range n.Out.Width {
				sum := bias(l, o)
				for c := range inputs {
					eachUnder(n, y, x, func(ky, kx, pixel int) {
						sum += l.Weights[((o*inputs+c)*n.Kernel[0]+ky)*n.Kernel[1]+kx] * in[(first+c)*plane+pixel]
					})
				}
				out[k] = sum
				k++
			}
		}
	}
}

func pool(n *topology.Node, out, in []float64) {
	plane := n.In.Height * n.In.Width
	k := 0
	for c := range n.Out.Channels {
		for y := range n.Out.Height {
			for x := range n.Out.Width {
				sum, most := 0.0, math.Inf(-1)
				eachUnder(n, y, x, func(_, _, pixel int) {
					sum += in[c*plane+pixel]
					most = max(most, in[c*plane+pixel])
				})
				if out[k] = most; n.Kind == topology.AvgPool {
					out[k] = sum / float64(n.Kernel[0]*n.Kernel[1])
				}
				k++
			}
		}
	}
}

// eachUnder calls f for every pixel of the input under the window at an output.
func eachUnder(n *topology.Node, y, x int, f func(ky, kx, pixel int)) {
	top, bottom := n.Window.Y.From(y, n.In.Height)
	left, right := n.Window.X.From(x, n.In.Width)
	for iy := top; iy < bottom; iy++ {
		for ix := left; ix < right; ix++ {
			f(iy-y*n.Stride[0]+n.Padding[0], ix-x*n.Stride[1]+n.Padding[1], iy*n.In.Width+ix)
		}
	}
}
