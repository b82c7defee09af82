package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// cutPoints is how many bounds of a cut an error is measured at.
const cutPoints = 16

// cutCurve is the relative error of the outputs of the layers behind a cut, by the cut's bound.
type cutCurve struct {
	name           string
	bounds, errors []float64 // ascending; the first bound is 0 and has no error
	values         []float64 // magnitudes that were cut from and are not 0, ascending
}

// at is the bound that has a relative error, between two points by a straight line.
func (c *cutCurve) at(relative float64) float64 {
	k := sort.Search(len(c.errors), func(i int) bool { return c.errors[i] > relative })
	if k == len(c.errors) {
		return c.bounds[k-1]
	}
	share := (relative - c.errors[k-1]) / (c.errors[k] - c.errors[k-1])
	return c.bounds[k-1] + share*(c.bounds[k]-c.bounds[k-1])
}

// below is the share of the values that a bound makes zero.
func (c *cutCurve) below(bound float64) float64 {
	k, _ := slices.BinarySearch(c.values, bound)
	return float64(k) / float64(max(len(c.values), 1))
}

// bounded are parameters with those bounds that have a relative error.
func bounded(p quantise.Params, curves []cutCurve, relative float64) quantise.Params {
	out := quantise.Params{Input: p.Input, Layers: map[string]quantise.Layer{}}
	for name, l := range p.Layers {
		out.Layers[name] = l
	}
	for i := range curves {
		out.Layers[curves[i].name] = quantise.Layer{Bound: curves[i].at(relative)}
	}
	return out
}

// withoutBounds are parameters with which cuts cut nothing.
func withoutBounds(g *topology.Graph, p quantise.Params) quantise.Params {
	out := bounded(p, nil, 0)
	for i := range g.Nodes {
		if g.Nodes[i].Kind == topology.Cut {
			delete(out.Layers, g.Nodes[i].Name)
		}
	}
	return out
}

// cutCurves measures on frames, cut by cut, by how much the layers behind it err. done is told of
// every point.
func cutCurves(ctx context.Context, g *topology.Graph, p quantise.Params, frames [][]int32, done func()) ([]cutCurve, error) {
	p = withoutBounds(g, p)
	var out []cutCurve
	for i := range g.Nodes {
		if g.Nodes[i].Kind != topology.Cut {
			continue
		}
		behind := weightedBehind(g, i)
		if len(behind) == 0 {
			return nil, fmt.Errorf("layer %s: expected a layer with weights behind the cut, by whose outputs its error is measured, found none", g.Nodes[i].Name)
		}
		c := cutCurve{name: g.Nodes[i].Name, bounds: []float64{0}, errors: []float64{0}}
		exact, err := cutOutputs(g, p, c.name, 0, i, behind, frames)
		if err != nil {
			return nil, err
		}
		c.values = exact.magnitudes
		done()
		for k := 1; k <= cutPoints; k++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			// Denser where magnitudes are small, as activations are.
			share := float64(k) / cutPoints
			bound := exact.most * share * share * (1 + 1e-9)
			cut, err := cutOutputs(g, p, c.name, bound, i, behind, frames)
			if err != nil {
				return nil, err
			}
			worst := c.errors[k-1] // the larger a bound, the larger the error that is allowed for
			for b, node := range behind {
				worst = max(worst, relativeError(exact.values[b], cut.values[b], p.Layers[g.Nodes[node].Name].Bias))
			}
			c.bounds, c.errors = append(c.bounds, bound), append(c.errors, worst)
			done()
		}
		out = append(out, c)
	}
	return out, nil
}

// weightedBehind are the layers with weights that a node's values reach without passing another, ascending.
func weightedBehind(g *topology.Graph, node int) (out []int) {
	seen := make([]bool, len(g.Nodes))
	var visit func(i int)
	visit = func(i int) {
		for _, taker := range g.Nodes[i].Takers {
			switch {
			case seen[taker]:
			case g.Nodes[taker].Kind.Weighted():
				seen[taker] = true
				out = append(out, taker)
			default:
				seen[taker] = true
				visit(taker)
			}
		}
	}
	visit(node)
	slices.Sort(out)
	return out
}

// cutOutput is what a cut with a bound lets through.
type cutOutput struct {
	values     [][][]float64 // of each layer behind it, of each frame
	magnitudes []float64     // in front of it, where they are not 0, ascending
	most       float64       // the largest of them
}

// cutOutputs computes frames, each by itself, with a bound of a cut.
func cutOutputs(g *topology.Graph, p quantise.Params, name string, bound float64, cut int, behind []int, frames [][]int32) (*cutOutput, error) {
	p = bounded(p, nil, 0)
	p.Layers[name] = quantise.Layer{Bound: bound}
	r, err := quantise.NewReference(&g.Topology, p)
	if err != nil {
		return nil, err
	}
	out := &cutOutput{values: make([][][]float64, len(behind))}
	for _, frame := range frames {
		r.Reset()
		if _, err := r.Step(frame); err != nil {
			return nil, err
		}
		for b, node := range behind {
			out.values[b] = append(out.values[b], slices.Clone(r.Values(node-1)))
		}
		for _, v := range r.Values(g.Nodes[cut].From - 1) {
			if v != 0 {
				out.magnitudes = append(out.magnitudes, math.Abs(v))
			}
		}
	}
	slices.Sort(out.magnitudes)
	if n := len(out.magnitudes); n > 0 {
		out.most = out.magnitudes[n-1]
	}
	return out, nil
}

// relativeError is the mean over frames of the length of the difference over the length of what the weights give.
func relativeError(exact, cut [][]float64, bias []float64) float64 {
	sum := 0.0
	for k, values := range exact {
		wrong, all := 0.0, 0.0
		for i, v := range values {
			d := v - cut[k][i]
			if bias != nil {
				v -= bias[i*len(bias)/len(values)]
			}
			wrong, all = wrong+d*d, all+v*v
		}
		if all > 0 {
			sum += math.Sqrt(wrong / all)
		}
	}
	return sum / float64(len(exact))
}
