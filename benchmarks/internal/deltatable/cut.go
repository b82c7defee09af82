package deltatable

import (
	"context"
	"math"
	"sort"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// cut is the accuracy-bounded cut of small magnitudes ("Sparsing Law", arXiv:2411.02335): one relative
// error of the layers' outputs, the same for all, as large as it may be for the cross-entropy
// e on a hundred recordings held out to fulfil exp(e - e0) < 1 + p/100, e0 being that without cuts. There a cut is of what a layer's
// neurons add to the output; here it is of the inputs of a layer with weights by their magnitude, as
// that is what saves multiply-adds.
func (s *study) cut(ctx context.Context, p float64) (*topology.Topology, quantise.Params, error) {
	params, err := s.relu(ctx, 1)
	if err != nil {
		return nil, params, err
	}
	t := Everywhere(s.top, topology.Layer{Kind: topology.Cut})
	curves, err := s.errorCurves(ctx, t, params)
	if err != nil {
		return nil, params, err
	}
	const judged = 100 // recordings
	loss := func(relative float64) (float64, error) {
		f, err := s.figures(ctx, s.data.Held[:min(judged, len(s.data.Held))], t, bounded(params, curves, relative), false)
		return f.Loss, err
	}
	uncut, err := loss(0)
	if err != nil {
		return nil, params, err
	}
	// The error allowed lies between low, which keeps to the bound, and high.
	low, high := 0.0, 1.0
	for range 10 {
		middle := (low + high) / 2
		e, err := loss(middle)
		if err != nil {
			return nil, params, err
		}
		if math.Exp(e-uncut) < 1+p/100 {
			low = middle
		} else {
			high = middle
		}
	}
	return t, bounded(params, curves, low), nil
}

// errorCurve is the relative error of the outputs of the layer behind a cut, by the cut's bound.
type errorCurve struct {
	name           string
	bounds, errors []float64
}

// bounded are parameters with those bounds that have a relative error.
func bounded(p quantise.Params, curves []errorCurve, relative float64) quantise.Params {
	out := quantise.Params{Input: p.Input, Layers: map[string]quantise.Layer{}}
	for name, l := range p.Layers {
		out.Layers[name] = l
	}
	for _, c := range curves {
		k := sort.Search(len(c.errors), func(i int) bool { return c.errors[i] > relative })
		bound := c.bounds[len(c.bounds)-1]
		if k < len(c.errors) {
			// The first bound is 0 and has no error.
			share := (relative - c.errors[k-1]) / (c.errors[k] - c.errors[k-1])
			bound = c.bounds[k-1] + share*(c.bounds[k]-c.bounds[k-1])
		}
		out.Layers[c.name] = quantise.Layer{Bound: bound}
	}
	return out
}

// errorCurves measures on some frames of training, cut by cut, by how much the layer behind it errs.
func (s *study) errorCurves(ctx context.Context, t *topology.Topology, p quantise.Params) ([]errorCurve, error) {
	const points, recordings = 16, 24
	g, err := t.Resolve()
	if err != nil {
		return nil, err
	}
	var inputs [][]int32
	for _, r := range s.data.Train[:min(recordings, len(s.data.Train))] {
		inputs = append(inputs, frame(&r, r.Steps/2))
	}
	var out []errorCurve
	for i := range g.Nodes {
		if g.Nodes[i].Kind != topology.Cut {
			continue
		}
		behind := i + 1 // past what only hands on
		for !g.Nodes[behind].Kind.Weighted() {
			behind++
		}
		c := errorCurve{name: g.Nodes[i].Name, bounds: []float64{0}, errors: []float64{0}}
		exact, most, err := outputs(t, p, c.name, 0, i, behind, inputs)
		if err != nil {
			return nil, err
		}
		for k := 1; k <= points; k++ {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			// Denser where magnitudes are small, as activations are.
			share := float64(k) / points
			bound := most * share * share * (1 + 1e-9)
			cut, _, err := outputs(t, p, c.name, bound, i, behind, inputs)
			if err != nil {
				return nil, err
			}
			c.bounds = append(c.bounds, bound)
			c.errors = append(c.errors, max(meanError(exact, cut, p.Layers[g.Nodes[behind].Name].Bias), c.errors[k-1]))
		}
		out = append(out, c)
	}
	return out, nil
}

// outputs are those of the layer behind a cut with a bound, of inputs, and the largest magnitude before the cut.
func outputs(t *topology.Topology, p quantise.Params, name string, bound float64, cut, behind int, inputs [][]int32) (values [][]float64, most float64, err error) {
	p = bounded(p, []errorCurve{{name: name, bounds: []float64{bound}}}, 0)
	r, err := quantise.NewReference(t, p)
	if err != nil {
		return nil, 0, err
	}
	for _, in := range inputs {
		if _, err := r.Step(in); err != nil {
			return nil, 0, err
		}
		values = append(values, append([]float64(nil), r.Values(behind-1)...))
		for _, v := range r.Values(cut - 1) {
			most = max(most, math.Abs(v))
		}
	}
	return values, most, nil
}

// meanError is the mean over inputs of the length of the difference over the length of what the weights give.
func meanError(exact, cut [][]float64, bias []float64) float64 {
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
