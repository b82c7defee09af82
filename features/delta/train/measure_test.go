package train_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// exact gives a network weights that the integers have exactly, so that float32 sums are
// those of the engine: multiples of 1/64, the largest of each output 127 of them, biases
// too, and steps of powers of two.
func exact(t testing.TB, top *topology.Topology, seed uint64) quantise.Params {
	g, err := top.Resolve()
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(seed, 3))
	p := quantise.Params{Input: 1, Layers: map[string]quantise.Layer{}}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		var l quantise.Layer
		switch {
		case n.Kind.Weighted():
			for k := range n.WeightsLen() {
				w := float64(rng.IntN(255)-127) / 64
				if k%n.FanIn() == 0 {
					w = 127.0 / 64
				}
				l.Weights = append(l.Weights, w)
			}
			for range n.Out.Channels {
				if !n.NoBias {
					l.Bias = append(l.Bias, float64(rng.IntN(255)-127)/64)
				}
			}
		case n.Kind.Quantises():
			for range n.Step.Of(n.Out) {
				l.Steps = append(l.Steps, 16)
			}
		default:
			continue
		}
		p.Layers[n.Name] = l
	}
	return p
}

// What is measured is what the engine counts, of every layer, first frame and later ones,
// and so is what the network says.
func TestMeasuresWhatTheEngineCounts(t *testing.T) {
	for name, text := range map[string]string{
		"perceptron": perceptron,
		"threshold": `
input: {channels: 2, height: 8, width: 8, max: 3}
layers:
  - {name: flat, type: flatten}
  - {name: a, type: linear, out: 32}
  - {name: ta, type: threshold, threshold: 2}
  - {name: b, type: linear, out: 4}
`,
		"convolution": `
input: {channels: 2, height: 8, width: 8, max: 3}
layers:
  - {name: a, type: conv2d, out: 8, kernel: [3, 2], padding: [1, 0, 2, 1], stride: [1, 2], groups: 2}
  - {name: ra, type: relu}
  - {name: da, type: delta, step: channel}
  - {name: pool, type: maxpool, kernel: 2}
  - {name: b, type: conv2d, out: 8, kernel: 3, padding: 1}
  - {name: db, type: delta}
  - {name: flat, type: flatten}
  - {name: logits, type: linear, out: 4, bias: false}
`,
	} {
		t.Run(name, func(t *testing.T) {
			top := parseOf(t, text)
			set := moving(40, 3)
			net, rounded, err := quantise.Quantise(top, exact(t, top, 1))
			require.NoError(t, err)
			r, err := train.Measure(t.Context(), top, rounded, set, train.MeasureOptions{})
			require.NoError(t, err)
			target, err := hw.Find("purego")
			require.NoError(t, err)
			e, err := delta.NewEngineWith(net, target, delta.Options{Mode: delta.AlwaysDelta})
			require.NoError(t, err)
			first, later, right, whole := map[string]uint64{}, map[string]uint64{}, 0, 0
			for _, s := range set {
				e.Reset()
				sums := make([]int64, 4)
				for step := range s.Steps {
					in := make([]int32, len(s.Levels)/s.Steps)
					for i := range in {
						in[i] = int32(s.Levels[step*len(in)+i])
					}
					out, err := e.Step(in)
					require.NoError(t, err)
					best := 0
					for i, v := range out {
						if sums[i] += int64(v); v > out[best] {
							best = i
						}
					}
					right += count(best == s.Label)
					for _, l := range ptr(e.Counters()).Layers {
						if step == 0 {
							first[l.Layer] += l.MACs
						} else {
							later[l.Layer] += l.MACs
						}
					}
				}
				best := 0
				for i, v := range sums {
					if v > sums[best] {
						best = i
					}
				}
				whole += count(best == s.Label)
			}
			for _, l := range r.Layers {
				require.Equal(t, first[l.Layer], l.First.ChangedMACs, l.Layer)
				require.Equal(t, later[l.Layer], l.Later.ChangedMACs, l.Layer)
				require.Equal(t, l.First.NonzeroMACs, l.First.ChangedMACs)
				require.EqualValues(t, len(set), l.First.Steps)
				require.Positive(t, l.Temporal())
				require.Positive(t, l.Later.ChangedMACs)
			}
			require.InDelta(t, float64(right)/float64(r.Steps), r.StepAccuracy, 1e-12)
			require.InDelta(t, float64(whole)/float64(len(set)), r.Accuracy, 1e-12)
			// The engine keeps some values twice, to compare by, or in another order.
			require.Positive(t, r.StateBytes)
			require.LessOrEqual(t, r.StateBytes, ptr(e.Counters()).StateBytes())
		})
	}
}

func ptr[T any](v T) *T { return &v }

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A network that was trained without deltas is measured with some put in, at any threshold,
// and runs as such.
func TestInsert(t *testing.T) {
	set := moving(64, 1)
	top := parseOf(t, `
input: {channels: 2, height: 8, width: 8, max: 3}
layers:
  - {name: a, type: conv2d, out: 8, kernel: 3, padding: 1}
  - {name: ra, type: relu}
  - {name: b, type: conv2d, out: 8, kernel: 3, padding: 1}
  - {name: rb, type: relu}
  - {name: sum, type: add, with: ra, from: rb}
  - {name: flat, type: flatten}
  - {name: logits, type: linear, out: 4}
`)
	tr, err := train.New(top, train.Options{Epochs: 10, Batch: 16, Schedule: train.Schedule{Rate: 0.01}})
	require.NoError(t, err)
	require.NoError(t, tr.Run(t.Context(), set, nil))
	base, err := tr.Measure(t.Context(), set)
	require.NoError(t, err)
	before := math.Inf(1)
	for _, threshold := range []int{1, 8, 64, 4096} {
		with, p, err := train.Insert(top, tr.Params(), topology.Layer{Kind: topology.Threshold, Threshold: threshold, Levels: 32767},
			func(string) quantise.Layer { return quantise.Layer{Steps: []float64{1.0 / 128}} }, "ra", "rb")
		require.NoError(t, err)
		require.Equal(t, "rb.threshold", with.Layers[6].From)
		require.Equal(t, "ra.threshold", with.Layers[6].With)
		r, err := train.Measure(t.Context(), with, p, set, train.MeasureOptions{})
		require.NoError(t, err)
		_, now := r.Changed()
		require.LessOrEqual(t, now, before)
		if threshold == 1 {
			require.InDelta(t, base.StepAccuracy, r.StepAccuracy, 0.02)
		}
		before = now
	}
	// Nothing is above the largest threshold: what is left is what the input causes.
	in := base.Layers[0].Later
	require.InDelta(t, float64(in.ChangedMACs)/float64(in.Steps), before, 1e-9)

	// Steps that are not given are for calibration.
	with, p, err := train.Insert(top, tr.Params(), topology.Layer{Kind: topology.Delta, Step: topology.PerChannel}, nil, "ra", "sum")
	require.NoError(t, err)
	_, err = train.Measure(t.Context(), with, p, set, train.MeasureOptions{})
	require.ErrorContains(t, err, "layer ra.delta: expected 8 steps, found 0")
	p, err = quantise.Calibrate(t.Context(), with, p, func(yield func([]int32) bool) {
		in := make([]int32, 128)
		for _, v := range set {
			for i := range in {
				in[i] = int32(v.Levels[i])
			}
			if !yield(in) {
				return
			}
		}
	})
	require.NoError(t, err)
	r, err := train.Measure(t.Context(), with, p, set, train.MeasureOptions{})
	require.NoError(t, err)
	require.InDelta(t, base.StepAccuracy, r.StepAccuracy, 0.02)
	_, _, err = quantise.Quantise(with, p)
	require.NoError(t, err)

	without, q, err := train.Remove(with, p, topology.Delta)
	require.NoError(t, err)
	require.Len(t, without.Layers, len(top.Layers))
	r, err = train.Measure(t.Context(), without, q, set, train.MeasureOptions{})
	require.NoError(t, err)
	require.Equal(t, base, r)

	// One step a level on the input changes nothing; of steps of two, fewer inputs change.
	for _, step := range []float64{1, 2} {
		with, p, err := train.Insert(top, tr.Params(), topology.Layer{Kind: topology.Delta},
			func(string) quantise.Layer { return quantise.Layer{Steps: []float64{step * tr.Params().Input}} }, topology.InputName)
		require.NoError(t, err)
		require.Equal(t, "input.delta", with.Layers[0].Name)
		r, err := train.Measure(t.Context(), with, p, set, train.MeasureOptions{})
		require.NoError(t, err)
		if step == 1 {
			require.Equal(t, base.StepAccuracy, r.StepAccuracy)
			require.Equal(t, base.Layers[0].Later, r.Layers[0].Later)
		} else {
			require.LessOrEqual(t, r.Layers[0].Later.Changed, base.Layers[0].Later.Changed)
		}
	}

	_, _, err = train.Insert(top, tr.Params(), topology.Layer{Kind: topology.Delta}, nil, "ra", "nowhere")
	require.EqualError(t, err, `train: insert: expected the names of layers, each once, found ["ra" "nowhere"]`)
	_, _, err = train.Insert(top, tr.Params(), topology.Layer{Kind: topology.Delta, Levels: -1}, nil, "ra")
	require.ErrorContains(t, err, "layer ra.delta: levels: expected 1 to 32767, found -1")
}

// Whoever measures can stop, and any number of workers finds the same.
func TestMeasureWorkersAndCancel(t *testing.T) {
	top, set := parseOf(t, perceptron), moving(100, 3)
	p := exact(t, top, 2)
	var want *train.Report
	for _, workers := range []int{1, 2, 7} {
		r, err := train.Measure(t.Context(), top, p, set, train.MeasureOptions{Workers: workers, StepWeights: []float64{0, 1}})
		require.NoError(t, err)
		if want == nil {
			want = r
		}
		require.Equal(t, want, r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := train.Measure(ctx, top, p, set, train.MeasureOptions{})
	require.ErrorIs(t, err, context.Canceled)
	_, err = train.Measure(t.Context(), top, p, train.Sequences{}, train.MeasureOptions{})
	require.EqualError(t, err, "train: expected sequences to measure with, found none")
}
