package train_test

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// middles are the frames in the middle of sequences.
func middles(set train.Sequences) (out [][]int32) {
	for _, s := range set {
		size := len(s.Levels) / s.Steps
		f := make([]int32, size)
		for i, v := range s.Levels[s.Steps/2*size:][:size] {
			f[i] = int32(v)
		}
		out = append(out, f)
	}
	return out
}

// Cuts keep to the cross-entropy that they may cost and save multiply-adds, the more the more that is; integers do as the
// floats do; and any number of workers finds the same.
func TestFindCuts(t *testing.T) {
	for name, text := range map[string]string{"perceptron": perceptron, "convolution, with an addition": convolutional} {
		t.Run(name, func(t *testing.T) {
			set, held := moving(128, 1), moving(64, 9)
			tr := trained(t, text, train.Options{Epochs: 12, Batch: 16, Seed: 5, Schedule: train.Schedule{Rate: 0.01}}, set)
			top, p, err := train.InsertCuts(tr.Topology(), tr.Params())
			require.NoError(t, err)
			plain, err := train.Measure(t.Context(), top, p, held, train.MeasureOptions{})
			require.NoError(t, err)
			before, _ := plain.Nonzero()
			for _, percent := range []float64{1, 50} {
				at, all := 0, 0
				c := train.Cutting{P: percent, Frames: middles(set[:10]), Judged: held, Measure: train.MeasureOptions{Workers: 2}, Progress: func(i, of int) {
					require.Equal(t, at+1, i)
					at, all = i, of
				}}
				bounded, found, err := train.FindCuts(t.Context(), top, p, c)
				require.NoError(t, err)
				require.Equal(t, at, all)
				require.Equal(t, plain.Loss, found.Uncut)
				r, err := train.Measure(t.Context(), top, bounded, held, train.MeasureOptions{})
				require.NoError(t, err)
				require.Equal(t, r.Loss, found.Cut)
				require.Less(t, math.Exp(found.Cut-found.Uncut), 1+percent/100)
				macs, _ := r.Nonzero()
				require.Less(t, macs, before)
				before = macs

				again, cut, err := train.CutAt(t.Context(), top, p, c.Frames, found.Relative)
				require.NoError(t, err)
				require.Equal(t, bounded, again)
				require.Equal(t, found.Layers, cut)
				c.Measure.Workers, c.Progress = 1, nil
				again, _, err = train.FindCuts(t.Context(), top, bounded, c) // bounds that are there are not looked at
				require.NoError(t, err)
				require.Equal(t, bounded, again)

				fewer, left, err := train.RemoveCuts(top, bounded, found.Layers)
				require.NoError(t, err)
				same, err := train.Measure(t.Context(), fewer, left, held, train.MeasureOptions{})
				require.NoError(t, err)
				require.InDelta(t, r.Loss, same.Loss, 0.01, "what was removed cut nothing of some frames")
				n, rounded, err := quantise.Quantise(fewer, left)
				require.NoError(t, err)
				require.NotNil(t, n)
				ints, err := train.Measure(t.Context(), fewer, rounded, held, train.MeasureOptions{})
				require.NoError(t, err)
				require.InDelta(t, r.Accuracy, ints.Accuracy, 0.05)
			}
		})
	}
}

// Cuts stand where layers with weights take their values from, in front of what rounds them, and once.
func TestInsertCuts(t *testing.T) {
	top := parseOf(t, convolutional)
	p := exact(t, top, 1)
	out, numbers, err := train.InsertCuts(top, p)
	require.NoError(t, err)
	var names []string
	for _, l := range out.Layers {
		names = append(names, l.Name)
	}
	require.Equal(t, []string{"input.cut", "a", "ra", "da", "pool", "pool.cut", "b", "rb", "sum", "sum.cut", "db", "flat", "logits"}, names)
	again, _, err := train.InsertCuts(out, numbers)
	require.NoError(t, err)
	require.Equal(t, out, again)
	fewer, _, err := train.RemoveCuts(out, numbers, []train.CutLayer{{Layer: "input.cut"}, {Layer: "pool.cut", Zeroed: 0.1}})
	require.NoError(t, err)
	require.Equal(t, "a", fewer.Layers[0].Name)
	require.Len(t, fewer.Layers, len(out.Layers)-1)
}

func TestFindCutsIsRefused(t *testing.T) {
	plain := parseOf(t, perceptron)
	top, p, err := train.InsertCuts(plain, exact(t, plain, 1))
	require.NoError(t, err)
	set := moving(8, 1)
	good := train.Cutting{P: 1, Frames: middles(set), Judged: set}
	for says, change := range map[string]func(c *train.Cutting, t **topology.Topology, p *quantise.Params){
		"p: expected a number above 0, up to 1000, found 0":                   func(c *train.Cutting, _ **topology.Topology, _ *quantise.Params) { c.P = 0 },
		"p: expected a number above 0, up to 1000, found NaN":                 func(c *train.Cutting, _ **topology.Topology, _ *quantise.Params) { c.P = math.NaN() },
		"expected frames to measure errors on, found none":                    func(c *train.Cutting, _ **topology.Topology, _ *quantise.Params) { c.Frames = nil },
		"expected an input of 128 values, found 3":                            func(c *train.Cutting, _ **topology.Topology, _ *quantise.Params) { c.Frames = [][]int32{{1, 2, 3}} },
		"expected sequences to measure with, found none":                      func(c *train.Cutting, _ **topology.Topology, _ *quantise.Params) { c.Judged = train.Sequences{} },
		"expected a network with layers of type cut, found none":              func(_ *train.Cutting, t **topology.Topology, _ *quantise.Params) { *t = plain },
		"the worth of the input's levels: expected a number above 0, found 0": func(_ *train.Cutting, _ **topology.Topology, p *quantise.Params) { p.Input = 0 },
	} {
		c, of, numbers := good, top, p
		change(&c, &of, &numbers)
		_, _, err := train.FindCuts(t.Context(), of, numbers, c)
		require.ErrorContains(t, err, says)
	}
	_, _, err = train.CutAt(t.Context(), top, p, good.Frames, 1.5)
	require.ErrorContains(t, err, "expected a relative error from 0 to 1, found 1.5")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = train.FindCuts(ctx, top, p, good)
	require.ErrorIs(t, err, context.Canceled)
}
