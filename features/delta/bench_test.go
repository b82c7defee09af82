package delta_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// build makes a network of random weights of a topology.
func build(t require.TestingT, text string) *delta.Network {
	top, err := topology.Parse([]byte(text), "")
	require.NoError(t, err)
	g := &growing{rng: rand.New(rand.NewPCG(5, 5)), top: topology.Topology{Name: top.Name, Input: top.Input}}
	for _, l := range top.Layers {
		next := g.top
		next.Layers = append(slices.Clone(g.top.Layers), l)
		graph, err := next.Resolve()
		require.NoError(t, err)
		g.params = append(g.params, g.random(graph.Last(), delta.Bounds{Min: int64(top.Input.Min), Max: int64(top.Input.Max)}))
		g.top = next
		g.net, err = delta.New(&g.top, g.params, one())
		require.NoError(t, err)
	}
	return g.net
}

// frames are inputs of which, from one to the next and from the last to the first, a
// share of the values changes, and none is zero: they go some way and back again.
func frames(in topology.Input, density float64) (out [][]int32) {
	rng := rand.New(rand.NewPCG(1, 2))
	now := make([]int32, in.Len())
	for i := range now {
		now[i] = int32(1 + rng.IntN(in.Max))
	}
	const way = 8
	for range way {
		out = append(out, slices.Clone(now))
		for _, i := range rng.Perm(len(now))[:int(density*float64(len(now))+0.5)] {
			now[i] = now[i]%int32(in.Max) + 1
		}
	}
	for k := way - 2; k > 0; k-- {
		out = append(out, out[k])
	}
	return out
}

// run takes an engine through frames over and over, and reports what a step takes.
func run(b *testing.B, e *delta.Engine, inputs [][]int32) {
	for _, input := range inputs {
		if _, err := e.Step(input); err != nil {
			b.Fatal(err)
		}
	}
	begin := e.Counters()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := e.Step(inputs[i%len(inputs)]); err != nil {
			b.Fatal(err)
		}
	}
	end := e.Counters()
	done, _ := end.TotalMACs()
	before, _ := begin.TotalMACs()
	_, dense := end.MACs()
	steps := float64(end.Steps - begin.Steps)
	b.ReportMetric(float64(done-before)/steps/float64(dense), "of-dense")
	b.ReportMetric(steps/b.Elapsed().Seconds(), "steps/s")
}

// modeNames are the modes' names, by mode.
var modeNames = []string{"auto", "delta", "dense"}

func eachTarget(b *testing.B, run func(b *testing.B, target hw.Target)) {
	for _, target := range hw.Targets() {
		if target.Usable() == nil {
			b.Run(target.Name(), func(b *testing.B) { run(b, target) })
		}
	}
}

// BenchmarkLinear is a layer of 256 outputs and 1156 inputs, by how many of the inputs
// change: in delta form, in dense form, and as the engine chooses.
func BenchmarkLinear(b *testing.B) {
	n := build(b, `
input: {channels: 1156, max: 60}
layers:
  - {name: hidden, type: linear, out: 256}
`)
	eachTarget(b, func(b *testing.B, target hw.Target) {
		for _, density := range []float64{0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 1} {
			inputs := frames(n.Topology().Input, density)
			for mode, name := range modeNames {
				b.Run(fmt.Sprintf("density=%v/%s", density, name), func(b *testing.B) {
					e, err := delta.NewEngineWith(n, target, delta.Options{Mode: delta.Mode(mode)})
					require.NoError(b, err)
					run(b, e, inputs)
				})
			}
		}
	})
}

// BenchmarkLinearChanges is that layer, given what changed in the stead of all inputs, as
// where a count of events is kept up.
func BenchmarkLinearChanges(b *testing.B) {
	n := build(b, `
input: {channels: 1156, max: 60}
layers:
  - {name: hidden, type: linear, out: 256}
`)
	eachTarget(b, func(b *testing.B, target hw.Target) {
		for _, density := range []float64{0.01, 0.05, 0.1, 0.25} {
			inputs := frames(n.Topology().Input, density)
			var changes [][]hw.Delta
			for k, input := range inputs {
				before := inputs[(k+len(inputs)-1)%len(inputs)]
				var list []hw.Delta
				for i, v := range input {
					if v != before[i] {
						list = append(list, hw.Delta{Index: int32(i), Value: v - before[i]})
					}
				}
				changes = append(changes, list)
			}
			b.Run(fmt.Sprintf("density=%v", density), func(b *testing.B) {
				e, err := delta.NewEngine(n, target)
				require.NoError(b, err)
				_, err = e.Step(inputs[len(inputs)-1])
				require.NoError(b, err)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if _, err := e.StepChanges(changes[i%len(changes)]); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "steps/s")
			})
		}
	})
}

// BenchmarkJump is a stream in which all that is there is somewhere else in every second
// step: what changes is twice as much as there is.
func BenchmarkJump(b *testing.B) {
	n := build(b, `
input: {channels: 1156, max: 60}
layers:
  - {name: hidden, type: linear, out: 256}
`)
	eachTarget(b, func(b *testing.B, target hw.Target) {
		for mode, name := range modeNames {
			b.Run(name, func(b *testing.B) {
				e, err := delta.NewEngineWith(n, target, delta.Options{Mode: delta.Mode(mode)})
				require.NoError(b, err)
				run(b, e, jump(1156, 40))
			})
		}
	})
}

// BenchmarkConv is a network of two convolutions of 3x3 on count frames of 34x34.
func BenchmarkConv(b *testing.B) {
	n := build(b, `
input: {channels: 2, height: 34, width: 34, max: 15}
layers:
  - {name: conv1, type: conv2d, out: 16, kernel: 3, stride: 2, padding: 1}
  - {name: relu1, type: relu}
  - {name: delta1, type: delta}
  - {name: conv2, type: conv2d, out: 32, kernel: 3, stride: 2, padding: 1}
  - {name: relu2, type: relu}
  - {name: delta2, type: delta}
  - {name: flat, type: flatten}
  - {name: logits, type: linear, out: 10}
`)
	benchmarkNetwork(b, n)
}

// BenchmarkMLP is 1156-256-10.
func BenchmarkMLP(b *testing.B) {
	n := build(b, `
input: {channels: 1, height: 34, width: 34, max: 15}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 256}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 10}
`)
	benchmarkNetwork(b, n)
}

func benchmarkNetwork(b *testing.B, n *delta.Network) {
	eachTarget(b, func(b *testing.B, target hw.Target) {
		for _, density := range []float64{0.02, 0.1, 1} {
			inputs := frames(n.Topology().Input, density)
			for mode, name := range modeNames {
				b.Run(fmt.Sprintf("density=%v/%s", density, name), func(b *testing.B) {
					e, err := delta.NewEngineWith(n, target, delta.Options{Mode: delta.Mode(mode)})
					require.NoError(b, err)
					run(b, e, inputs)
				})
			}
		}
	})
}
