package train

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Cutting says how far the cuts of a network may go, after the accuracy-bounded cut of "Sparsing Law" (Luo et al. 2024,
// arXiv:2411.02335, PPL-p % sparsity): all cuts have one relative error of the outputs behind them, which is as large
// as it may be for the cross-entropy e to fulfil exp(e - e0) < 1 + p/100, e0 being that without cuts. There a cut is of what a
// layer's neurons add to its output; here it is of the inputs of a layer with weights by their magnitude, as that
// is what saves multiply-adds.
type Cutting struct {
	// P is p, in per cent: above 0, up to MaxP.
	P float64
	// Frames are inputs in levels, each a frame by itself, on which a cut's error is measured by its bound.
	Frames [][]int32
	// Judged is what the cross-entropy is of. It should not be what was learned from.
	Judged Set
	// Measure says how steps are weighed there; its loss is not looked at.
	Measure MeasureOptions
	// Progress, where there is one, is told how much of all is done.
	Progress func(done, total int)
}

// MaxP bounds Cutting.P: a cross-entropy that is larger by log 11.
const MaxP = 1000

// cutHalvings is how often the range of the error is halved.
const cutHalvings = 10

// Cuts are those that were found.
type Cuts struct {
	Relative   float64 // the error that all have
	Uncut, Cut float64 // cross-entropies without them and with them
	Layers     []CutLayer
}

// CutLayer is one of them.
type CutLayer struct {
	Layer string  // its name
	Bound float64 // magnitudes below it are made zero
	// Zeroed is the share of values made zero, of those of the frames that are not zero in front of it
	// while nothing else is cut.
	Zeroed float64
}

// FindCuts finds the bounds of a network's layers of type cut. What bounds the parameters have is not looked at.
// The same arguments give the same bits, whatever the number of workers.
func FindCuts(ctx context.Context, t *topology.Topology, p quantise.Params, c Cutting) (quantise.Params, *Cuts, error) {
	g, total, err := c.check(t)
	if err != nil {
		return p, nil, err
	}
	at := 0
	done := func() {
		if at++; c.Progress != nil {
			c.Progress(at, total+cutHalvings+1)
		}
	}
	curves, err := cutCurves(ctx, g, p, c.Frames, done)
	if err != nil {
		return p, nil, fmt.Errorf("train: cuts: %w", err)
	}
	c.Measure.Loss = CrossEntropy
	loss := func(p quantise.Params) (float64, error) {
		defer done()
		r, err := Measure(ctx, t, p, c.Judged, c.Measure)
		if err != nil {
			return 0, err
		}
		return r.Loss, nil
	}
	found := new(Cuts)
	if found.Uncut, err = loss(withoutBounds(g, p)); err != nil {
		return p, nil, err
	}
	found.Cut = found.Uncut
	// The error allowed lies between low, which keeps to the bound, and high.
	low, high := 0.0, 1.0
	for range cutHalvings {
		middle := (low + high) / 2
		e, err := loss(bounded(p, curves, middle))
		if err != nil {
			return p, nil, err
		}
		if math.Exp(e-found.Uncut) < 1+c.P/100 {
			low, found.Cut = middle, e
		} else {
			high = middle
		}
	}
	found.Relative, found.Layers = low, cutLayers(curves, low)
	return bounded(p, curves, low), found, nil
}

// CutAt gives a network's layers of type cut the bounds that have a relative error, such as was found for
// another training of the same network.
func CutAt(ctx context.Context, t *topology.Topology, p quantise.Params, frames [][]int32, relative float64) (quantise.Params, []CutLayer, error) {
	c := Cutting{P: 1, Frames: frames}
	g, _, err := c.check(t)
	if err != nil {
		return p, nil, err
	}
	if !(relative >= 0 && relative <= 1) {
		return p, nil, fmt.Errorf("train: cuts: expected a relative error from 0 to 1, found %v", relative)
	}
	curves, err := cutCurves(ctx, g, p, frames, func() {})
	if err != nil {
		return p, nil, fmt.Errorf("train: cuts: %w", err)
	}
	return bounded(p, curves, relative), cutLayers(curves, relative), nil
}

// check gives the network's graph, and how many points its curves have.
func (c *Cutting) check(t *topology.Topology) (g *topology.Graph, points int, err error) {
	if g, err = t.Resolve(); err != nil {
		return nil, 0, fmt.Errorf("train: cuts: %w", err)
	}
	for i := range g.Nodes {
		if g.Nodes[i].Kind == topology.Cut {
			points += cutPoints + 1
		}
	}
	switch {
	case points == 0:
		return nil, 0, fmt.Errorf("train: cuts: expected a network with layers of type cut, found none")
	case !(c.P > 0 && c.P <= MaxP):
		return nil, 0, fmt.Errorf("train: cuts: p: expected a number above 0, up to %d, found %v", MaxP, c.P)
	case len(c.Frames) == 0:
		return nil, 0, fmt.Errorf("train: cuts: expected frames to measure errors on, found none")
	}
	return g, points, nil
}

func cutLayers(curves []cutCurve, relative float64) (out []CutLayer) {
	for i := range curves {
		bound := curves[i].at(relative)
		out = append(out, CutLayer{Layer: curves[i].name, Bound: bound, Zeroed: curves[i].below(bound)})
	}
	return out
}

// InsertCuts is [Insert] of a cut wherever a layer with weights takes its values from, in front of what
// rounds them or keeps the largest of them; where a cut is already, it stays. Bounds of new cuts are 0.
func InsertCuts(t *topology.Topology, p quantise.Params) (*topology.Topology, quantise.Params, error) {
	g, err := t.Resolve()
	if err != nil {
		return nil, quantise.Params{}, fmt.Errorf("train: cuts: %w", err)
	}
	var behind []string
	for i := range g.Nodes {
		if !g.Nodes[i].Kind.Weighted() {
			continue
		}
		from := g.Nodes[i].From
		for handsOn(g.Nodes[from].Kind) {
			from = g.Nodes[from].From
		}
		name := topology.InputName
		if from > 0 {
			name = g.Nodes[from].Name
		}
		if g.Nodes[from].Kind != topology.Cut && !slices.Contains(behind, name) {
			behind = append(behind, name)
		}
	}
	return Insert(t, p, topology.Layer{Kind: topology.Cut}, nil, behind...)
}

// handsOn tells what stands between a cut and the layer with weights that it is for.
func handsOn(k topology.Kind) bool {
	return k == topology.Flatten || k == topology.Sigma || k == topology.TopK || k.Quantises()
}

// RemoveCuts takes those cuts out of a network that were found to make nothing zero, and would only take time.
func RemoveCuts(t *topology.Topology, p quantise.Params, layers []CutLayer) (*topology.Topology, quantise.Params, error) {
	return remove(t, p, func(l topology.Layer) bool {
		return l.Kind == topology.Cut && slices.ContainsFunc(layers, func(c CutLayer) bool { return c.Layer == l.Name && c.Zeroed == 0 })
	})
}
