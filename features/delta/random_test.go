package delta_test

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// one is the scales of networks of which nobody asks what values stand for.
func one() delta.Scales { return delta.Scales{Input: 1, Output: []float64{1}} }

// drawNetwork makes a small network of any layers, whose levels are sometimes beyond
// what there are.
func drawNetwork(t *rapid.T) *delta.Network {
	in := topology.Shape{
		Channels: rapid.IntRange(1, 5).Draw(t, "channels"),
		Height:   rapid.IntRange(1, 9).Draw(t, "height"),
		Width:    rapid.IntRange(1, 9).Draw(t, "width"),
	}
	limits := rapid.SampledFrom([][2]int{{0, 1}, {0, 15}, {-127, 127}, {-2000, 1000}, {-32767, 32767}}).Draw(t, "input")
	g := &growing{
		rng: rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "weights"), 1)),
		top: topology.Topology{Input: topology.Input{Shape: in, Min: limits[0], Max: limits[1]}},
	}
	for range rapid.IntRange(1, 9).Draw(t, "layers") {
		for range 5 { // attempts at a layer that fits
			if g.try(t, drawLayer(t, g)) {
				break
			}
		}
	}
	if g.net == nil {
		require.True(t, g.try(t, topology.Layer{Kind: topology.ReLU}))
	}
	return g.net
}

// growing is a network whose layers are added one by one.
type growing struct {
	rng    *rand.Rand
	top    topology.Topology
	params []delta.Params
	net    *delta.Network
}

// drawLayer gives a layer that may or may not fit.
func drawLayer(t *rapid.T, g *growing) topology.Layer {
	l := topology.Layer{Kind: rapid.SampledFrom([]topology.Kind{
		topology.Linear, topology.Conv2D, topology.Conv2D, topology.AvgPool, topology.MaxPool, topology.ReLU, topology.Add,
		topology.Flatten, topology.Delta, topology.Delta, topology.Threshold, topology.Sigma, topology.TopK, topology.Cut,
	}).Draw(t, "kind")}
	switch l.Kind {
	case topology.Linear, topology.Conv2D:
		l.Out = rapid.IntRange(1, 20).Draw(t, "out")
		l.NoBias = rapid.Bool().Draw(t, "no bias")
		l.Weights = rapid.SampledFrom([]topology.Format{topology.Int8, topology.Int16}).Draw(t, "weights")
	case topology.Add:
		names := []string{topology.InputName}
		for _, l := range g.top.Layers {
			names = append(names, l.Name)
		}
		l.With = rapid.SampledFrom(names).Draw(t, "with")
	case topology.Delta, topology.Threshold:
		l.Step = rapid.SampledFrom([]topology.Per{topology.PerLayer, topology.PerChannel, topology.PerNeuron}).Draw(t, "step")
		l.Levels = rapid.SampledFrom([]int{1, 7, 127, 255, 32767}).Draw(t, "levels")
		if l.Kind == topology.Threshold {
			l.Threshold = rapid.IntRange(1, min(l.Levels, 40)).Draw(t, "threshold")
		}
	}
	if l.Kind == topology.TopK {
		if l.Share = rapid.SampledFrom([]float64{0, 0.01, 0.1, 0.5, 1}).Draw(t, "share"); l.Share == 0 {
			l.K = rapid.IntRange(1, g.lastShape().Len()).Draw(t, "k")
		}
	}
	if l.Kind.Windowed() {
		for a := range 2 {
			l.Kernel[a] = rapid.IntRange(1, 4).Draw(t, "kernel")
			l.Stride[a] = rapid.IntRange(1, 3).Draw(t, "stride")
			l.Padding[a] = rapid.IntRange(0, l.Kernel[a]-1).Draw(t, "before")
			l.Padding[a+2] = rapid.IntRange(0, l.Kernel[a]-1).Draw(t, "after")
		}
		l.Groups = rapid.SampledFrom([]int{1, 1, 2, 3}).Draw(t, "groups")
		if l.Kind != topology.Conv2D {
			l.Groups = 0
		} else if l.Groups > 1 && rapid.Bool().Draw(t, "depthwise") {
			l.Groups, l.Out = g.lastShape().Channels, g.lastShape().Channels
		}
	}
	return l
}

func (g *growing) lastShape() topology.Shape {
	if g.net == nil {
		return g.top.Input.Shape
	}
	return g.net.Graph().Last().Out
}

// try adds a layer with random numbers if it fits.
func (g *growing) try(t require.TestingT, l topology.Layer) bool {
	l.Name = fmt.Sprintf("l%d", len(g.top.Layers))
	next := g.top
	next.Layers = append(append([]topology.Layer{}, g.top.Layers...), l)
	graph, err := next.Resolve()
	if err != nil {
		return false
	}
	bounds := delta.Bounds{Min: int64(g.top.Input.Min), Max: int64(g.top.Input.Max)}
	if g.net != nil {
		bounds = g.net.Bounds(len(g.top.Layers) - 1)
	}
	params := append(append([]delta.Params{}, g.params...), g.random(graph.Last(), bounds))
	net, err := delta.New(&next, params, one())
	if err != nil {
		require.ErrorContains(t, err, "32 bits", "a layer that fits is refused for its bounds only")
		return false
	}
	g.top, g.params, g.net = next, params, net
	return true
}

// random are parameters of a node whose input has bounds.
func (g *growing) random(n *topology.Node, bounds delta.Bounds) (p delta.Params) {
	rng := g.rng
	switch {
	case n.Kind.Weighted():
		most := n.Weights.Largest()
		if rng.IntN(3) == 0 {
			most = 1 + rng.IntN(9)
		}
		for range n.WeightsLen() {
			w := rng.IntN(2*most+1) - most
			if n.Weights == topology.Int16 {
				p.Weights16 = append(p.Weights16, int16(w))
			} else {
				p.Weights8 = append(p.Weights8, int8(w))
			}
		}
		for range n.Out.Channels {
			if !n.NoBias {
				p.Bias = append(p.Bias, int32(rng.IntN(1<<14)-1<<13))
			}
		}
	case n.Kind.Quantises():
		count := []int{1, n.Out.Channels, n.Out.Len()}[rng.IntN(3)]
		largest := g.largest(bounds)
		for range count {
			// From levels of which a half is used to such that are mostly saturated.
			r, err := delta.NewRequant(max(float64(n.Levels)/largest*math.Exp2(rng.Float64()*4-1), 0x1p-31))
			if err != nil {
				panic(err)
			}
			p.Requant = append(p.Requant, r)
		}
	case n.Kind == topology.Cut:
		largest := g.largest(bounds)
		for range []int{1, n.Out.Channels, n.Out.Len()}[rng.IntN(3)] {
			p.Bound = append(p.Bound, int32(largest*rng.Float64()*rng.Float64()))
		}
	case n.Kind == topology.TopK:
		// Some weights that are the same, so that magnitudes are, and some at the ends.
		for range []int{1, n.Out.Channels, n.Out.Len()}[rng.IntN(3)] {
			p.Weigh = append(p.Weigh, []int32{1, 1, 2, 3, 1 << 30, math.MaxInt32}[rng.IntN(6)])
		}
	case n.Kind == topology.Add:
		for side := range p.Multiply {
			for range []int{1, n.Out.Channels}[rng.IntN(2)] {
				p.Multiply[side] = append(p.Multiply[side], int32(1+rng.IntN(20)))
			}
		}
	}
	return p
}

// largest is the largest magnitude that the last layer gives for some inputs. Its bounds
// are far from that, and levels made by them would be zero mostly.
func (g *growing) largest(bounds delta.Bounds) float64 {
	if g.net == nil {
		return float64(max(-bounds.Min, bounds.Max, 1))
	}
	d := delta.NewDense(g.net)
	input := make([]int32, g.top.Input.Len())
	most := int32(1)
	for range 3 {
		change(g.rng, input, "all", g.top.Input)
		out, err := d.Step(input)
		if err != nil {
			panic(err)
		}
		for _, v := range out {
			most = max(most, v, -v)
		}
	}
	return float64(most)
}

// patterns are ways in which an input changes from step to step.
var patterns = []string{"nothing", "one", "sparse", "dense", "all", "signs", "ends", "zeros"}

// change changes an input by a pattern.
func change(rng *rand.Rand, input []int32, pattern string, in topology.Input) {
	random := func() int32 { return int32(rng.IntN(in.Max-in.Min+1) + in.Min) }
	limit := func(v int32) int32 { return max(min(v, int32(in.Max)), int32(in.Min)) }
	switch pattern {
	case "nothing":
	case "one":
		input[rng.IntN(len(input))] = random()
	case "sparse":
		for range 1 + len(input)/20 {
			i := rng.IntN(len(input))
			input[i] = limit(input[i] + int32(rng.IntN(5)-2))
		}
	case "dense":
		for i := range input {
			if rng.IntN(3) > 0 {
				input[i] = random()
			}
		}
	case "all":
		for i := range input {
			input[i] = random()
		}
	case "signs":
		for i := range input {
			input[i] = limit(-input[i])
		}
	case "ends":
		for i := range input {
			input[i] = int32([]int{in.Min, in.Max}[rng.IntN(2)])
		}
	case "zeros":
		clear(input)
	}
}
