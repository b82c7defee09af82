package command

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	framing "github.com/saccade-dev/saccade/features/frames"
)

// Whatever the frames, a built-in network takes them and has an output for each label, and what
// --show prints is read as the same network.
func TestBuiltInNetworks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := framing.Config{
			Width: rapid.IntRange(1, 70).Draw(t, "width"), Height: rapid.IntRange(1, 70).Draw(t, "height"),
			Pool: rapid.IntRange(1, 8).Draw(t, "pool"), Levels: rapid.IntRange(1, 31).Draw(t, "levels"), Every: 1000,
		}.Canonical()
		f := networkFlags{
			Network: rapid.SampledFrom([]string{"mlp", "conv"}).Draw(t, "network"),
			Hidden:  rapid.SampledFrom([]int{0, 1, 24}).Draw(t, "hidden"),
			Step:    rapid.SampledFrom([]string{"layer", "channel", "neuron"}).Draw(t, "step"),
		}
		labels := rapid.IntRange(2, 12).Draw(t, "labels")
		if f.stepsFit() != nil {
			return
		}
		top := f.build(c, labels)
		g, err := top.Resolve()
		require.NoError(t, err)
		require.Equal(t, labels, g.Last().Out.Len())
		require.Equal(t, c.Len(), g.Topology.Input.Len())
		require.Equal(t, c.Levels, g.Topology.Input.Max)
		read, err := topology.Parse([]byte(g.Topology.String()), "")
		require.NoError(t, err)
		require.Equal(t, g.Topology.String(), read.String())
		quantises := 0
		for i := range g.Nodes {
			if g.Nodes[i].Kind.Quantises() {
				quantises++
			}
		}
		require.Equal(t, map[string]int{"mlp": 1, "conv": 2}[f.Network], quantises)
	})
}

// Layers keep their numbers by name and type; those without weights may be new.
func TestRefinedFits(t *testing.T) {
	parse := func(layers string) *topology.Topology {
		top, err := topology.Parse([]byte("input: {channels: 2, height: 1, width: 1, max: 3}\nlayers:\n"+layers), "")
		require.NoError(t, err)
		return top
	}
	old := parse("  - {name: hidden, type: linear, out: 3}\n  - {name: relu, type: relu}\n  - {name: logits, type: linear, out: 2}\n")
	r := &refinedNet{topology: old, params: quantise.Params{Input: 1, Layers: map[string]quantise.Layer{
		"hidden": {Weights: []float64{1, 2, 3, 4, 5, 6}}, "logits": {Bias: []float64{1, 2}},
	}}}
	with := parse("  - {name: hidden, type: linear, out: 3}\n  - {name: relu, type: relu}\n  - {name: delta, type: delta}\n  - {name: logits, type: linear, out: 2}\n")
	require.NoError(t, r.fit(with))
	require.Same(t, with, r.topology)
	require.Len(t, r.params.Layers, 2)
	r.params.Layers["delta"] = quantise.Layer{Steps: []float64{1}}
	r.topology.Layers[2].Step = topology.PerLayer
	neurons := parse("  - {name: hidden, type: linear, out: 3}\n  - {name: relu, type: relu}\n  - {name: delta, type: delta, step: neuron}\n  - {name: logits, type: linear, out: 2}\n")
	require.NoError(t, r.fit(neurons))
	require.NotContains(t, r.params.Layers, "delta", "they are found anew")
	require.Equal(t, []float64{1, 2, 3, 4, 5, 6}, r.params.Layers["hidden"].Weights)
	require.EqualError(t, r.fit(parse("  - {name: other, type: linear, out: 2}\n")),
		"layer other: expected one of the network that is refined, which has none of that name and type")
}

func TestIntervals(t *testing.T) {
	for text, want := range map[string]intervalFlag{
		"20ms": {every: 20_000_000}, "1us": {every: 1000}, "500ev": {events: 500}, "1ev": {events: 1},
	} {
		var f intervalFlag
		require.NoError(t, f.UnmarshalText([]byte(text)))
		require.Equal(t, want, f)
	}
	for _, text := range []string{"", "20", "ev", "0ev", "-5ev", "1.5ev", "99999999999ev", "0s", "-1ms", "10ns", "1000h", "many"} {
		require.Error(t, new(intervalFlag).UnmarshalText([]byte(text)), text)
	}
}
