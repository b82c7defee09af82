package delta_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// same requires that an engine holds the values of the definition, layer by layer.
func same(t require.TestingT, e *delta.Engine, d *delta.Dense, what ...any) {
	n := e.Network()
	for layer := -1; layer < len(n.Topology().Layers); layer++ {
		if got := e.Values(layer); got != nil {
			if want := d.Values(layer); !slices.Equal(want, got) {
				require.Equal(t, want, got, "layer %s, %v\n%s", n.Graph().Nodes[layer+1].Name, what, n.Topology())
			}
		}
	}
}

// Networks of any layers, on any way of input, in any mode: every value of every layer
// is that of the definition.
func TestEngineIsDense(t *testing.T) {
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		rapid.Check(t, func(t *rapid.T) {
			n := drawNetwork(t)
			in := n.Topology().Input
			d := delta.NewDense(n)
			var engines []*delta.Engine
			for _, mode := range []delta.Mode{delta.Auto, delta.AlwaysDelta, delta.AlwaysDense} {
				e, err := delta.NewEngineWith(n, target, delta.Options{Mode: mode})
				require.NoError(t, err)
				engines = append(engines, e)
			}
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "inputs"), 2))
			input := make([]int32, in.Len())
			for step, pattern := range rapid.SliceOfN(rapid.SampledFrom(patterns), 1, 25).Draw(t, "patterns") {
				change(rng, input, pattern, in)
				want, err := d.Step(input)
				require.NoError(t, err)
				for mode, e := range engines {
					got, err := e.Step(input)
					require.NoError(t, err)
					require.Equal(t, want, got, "mode %d", mode)
					same(t, e, d, "step", step, pattern, "mode", mode)
				}
			}
			// What was counted does not depend on how it was computed, but for the multiply-adds.
			a, b := engines[1].Counters(), engines[2].Counters()
			for i := range a.Layers {
				require.Equal(t, a.Layers[i].TotalSent, b.Layers[i].TotalSent, a.Layers[i].Layer)
				require.Equal(t, a.Layers[i].TotalFanOut, b.Layers[i].TotalFanOut, a.Layers[i].Layer)
				require.Equal(t, a.Layers[i].TotalZeros, b.Layers[i].TotalZeros, a.Layers[i].Layer)
				require.Equal(t, b.Layers[i].DenseMACs*b.Steps, b.Layers[i].TotalMACs, a.Layers[i].Layer)
			}
			// After a reset it all begins again.
			input = make([]int32, in.Len())
			change(rng, input, "dense", in)
			d.Reset()
			want, err := d.Step(input)
			require.NoError(t, err)
			for _, e := range engines {
				e.Reset()
				got, err := e.Step(input)
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.EqualValues(t, 1, e.Counters().Steps)
				same(t, e, d, "after a reset")
			}
		})
	})
}

// Frames of changes give what whole inputs give.
func TestStepChanges(t *testing.T) {
	purego, err := hw.Find("purego")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		n := drawNetwork(t)
		in := n.Topology().Input
		d := delta.NewDense(n)
		e, err := delta.NewEngine(n, purego)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "inputs"), 2))
		input, output := make([]int32, in.Len()), make([]int32, n.Graph().Last().Out.Len())
		for _, pattern := range rapid.SliceOfN(rapid.SampledFrom(patterns), 1, 9).Draw(t, "patterns") {
			before := slices.Clone(input)
			change(rng, input, pattern, in)
			var frame []hw.Delta
			for i, v := range input {
				if v != before[i] {
					frame = append(frame, hw.Delta{Index: int32(i), Value: v - before[i]})
				}
			}
			rng.Shuffle(len(frame), func(i, j int) { frame[i], frame[j] = frame[j], frame[i] })
			// A frame that is refused changes nothing, however far it was taken.
			for _, bad := range []hw.Delta{{Index: int32(in.Len())}, {Index: -1, Value: 1}, {Index: 0, Value: int32(in.Max-in.Min) + 1}} {
				if len(frame) < in.Len() {
					_, err = e.StepChanges(append(slices.Clone(frame), bad))
					require.Error(t, err)
				}
			}
			want, err := d.Step(input)
			require.NoError(t, err)
			out, err := e.StepChanges(frame)
			require.NoError(t, err)
			for _, c := range out {
				require.NotZero(t, c.Value)
				output[c.Index] += c.Value
			}
			require.Equal(t, want, output)
			require.Equal(t, want, e.Output())
			same(t, e, d)
		}
	})
}

// A million steps, of several networks: sums do not drift, as nothing is rounded.
func TestMillionSteps(t *testing.T) {
	const networks = 10
	fastest, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		steps := 1_000_000
		if testing.Short() || target.Name() != fastest.Name() {
			steps = 50_000
		}
		seed, changed := 0, 0
		for done := 0; done < steps; seed++ {
			n := rapid.Custom(drawNetwork).Example(seed)
			last := n.Topology().Layers[len(n.Topology().Layers)-1].Kind
			if dense := denseMACs(n); dense < 20 || dense > 200 || last == topology.Flatten {
				continue
			}
			e, err := delta.NewEngine(n, target)
			require.NoError(t, err)
			d := delta.NewDense(n)
			rng := rand.New(rand.NewPCG(uint64(seed), 3))
			in := n.Topology().Input
			input, before := make([]int32, in.Len()), make([]int32, n.Graph().Last().Out.Len())
			for step := range steps / networks {
				// Mostly little changes; now and then all does.
				pattern := patterns[rng.IntN(3)]
				if step%64 == 0 {
					pattern = patterns[rng.IntN(len(patterns))]
				}
				change(rng, input, pattern, in)
				got, err := e.Step(input)
				require.NoError(t, err)
				want, err := d.Step(input)
				require.NoError(t, err)
				if !slices.Equal(want, got) {
					require.Equal(t, want, got, "seed %d, step %d\n%s", seed, step, n.Topology())
				}
				if !slices.Equal(before, got) {
					copy(before, got)
					changed++
				}
				if step%1000 == 0 {
					same(t, e, d, "seed", seed, "step", step)
				}
			}
			same(t, e, d, "seed", seed)
			done += steps / networks
		}
		t.Logf("the output changed in %d of %d steps", changed, steps)
		require.Greater(t, changed, steps/20, "networks that say something")
	})
}

func denseMACs(n *delta.Network) (macs int64) {
	for i := range n.Graph().Nodes {
		macs += n.Graph().Nodes[i].DenseMACs()
	}
	return macs
}
