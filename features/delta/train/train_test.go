package train_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// moving are sequences of a bar that moves over a field of 8x8 to the left, to the right,
// upwards or downwards, with some noise: a step by itself, with the step before as second
// plane, tells which.
func moving(n int, seed uint64) (out train.Sequences) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		const steps, side = 6, 8
		s := train.Sequence{Steps: steps, Label: i % 4, Levels: make([]int16, steps*2*side*side)}
		from := rng.IntN(side)
		for step := range steps {
			for plane := range 2 {
				at := from + step - plane
				if s.Label%2 == 1 {
					at = from - step + plane
				}
				at = (at%side + side) % side
				frame := s.Levels[(step*2+plane)*side*side:][:side*side]
				for k := range side {
					if s.Label < 2 {
						frame[k*side+at] = 3
					} else {
						frame[at*side+k] = 3
					}
				}
				frame[rng.IntN(len(frame))] = 2
			}
		}
		out = append(out, s)
	}
	return out
}

const perceptron = `
input: {channels: 2, height: 8, width: 8, max: 3}
layers:
  - {name: flat, type: flatten}
  - {name: a, type: linear, out: 32}
  - {name: ra, type: relu}
  - {name: da, type: delta}
  - {name: b, type: linear, out: 32}
  - {name: rb, type: relu}
  - {name: db, type: delta, step: channel}
  - {name: logits, type: linear, out: 4}
`

const convolutional = `
input: {channels: 2, height: 8, width: 8, max: 3}
layers:
  - {name: a, type: conv2d, out: 8, kernel: 3, padding: 1}
  - {name: ra, type: relu}
  - {name: da, type: delta, step: channel}
  - {name: pool, type: maxpool, kernel: 2}
  - {name: b, type: conv2d, out: 8, kernel: 3, padding: 1, groups: 2}
  - {name: rb, type: relu}
  - {name: sum, type: add, with: pool}
  - {name: db, type: delta}
  - {name: flat, type: flatten}
  - {name: logits, type: linear, out: 4}
`

func trained(t testing.TB, text string, o train.Options, set train.Set) *train.Trainer {
	tr, err := train.New(parseOf(t, text), o)
	require.NoError(t, err)
	require.NoError(t, tr.Run(t.Context(), set, nil))
	return tr
}

// Networks learn a problem that has a solution, wholly, with both optimisers and both
// losses, and are as good as integer networks.
func TestLearns(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		o    train.Options
	}{
		"adam":        {perceptron, train.Options{Epochs: 30, Schedule: train.Schedule{Rate: 0.01, Warmup: 0.1}, Clip: 1, Optimiser: train.Optimiser{Decay: 0.01}}},
		"momentum":    {perceptron, train.Options{Epochs: 60, Optimiser: train.Optimiser{Kind: train.SGD}, Schedule: train.Schedule{Kind: train.Step, Rate: 0.2}}},
		"squares":     {perceptron, train.Options{Epochs: 30, Loss: train.MSE, Schedule: train.Schedule{Rate: 0.01}}},
		"convolution": {convolutional, train.Options{Epochs: 12, Schedule: train.Schedule{Rate: 0.01}}},
		"sparse":      {convolutional, train.Options{Epochs: 12, Schedule: train.Schedule{Rate: 0.01}, Sparsity: 0.3}},
	} {
		t.Run(name, func(t *testing.T) {
			set := moving(128, 1)
			c.o.Batch, c.o.Seed = 16, 5
			tr := trained(t, c.text, c.o, set)
			r, err := tr.Measure(t.Context(), set)
			require.NoError(t, err)
			require.Equal(t, 1.0, r.Accuracy)
			require.Greater(t, r.StepAccuracy, 0.99)
			require.Equal(t, []int{128, 768}, []int{r.Sequences, r.Steps})
			_, p, err := quantise.Quantise(tr.Topology(), tr.Params())
			require.NoError(t, err)
			r, err = train.Measure(t.Context(), tr.Topology(), p, set, train.MeasureOptions{Loss: c.o.Loss})
			require.NoError(t, err)
			require.Greater(t, r.StepAccuracy, 0.98)
		})
	}
}

// The sparsity loss makes steps grow and changes fewer; by the usual gradient steps shrink
// in the same training.
func TestSparsityLoss(t *testing.T) {
	set := moving(64, 1)
	run := func(lambda float64, rule train.Rule) (density float64, q train.LayerSteps, accuracy float64) {
		tr := trained(t, perceptron, train.Options{
			Epochs: 40, Batch: 16, Sparsity: lambda, Schedule: train.Schedule{Rate: 0.01},
			Steps: train.Steps{Rule: rule, Levels: 8},
		}, set)
		r, err := tr.Measure(t.Context(), set)
		require.NoError(t, err)
		changed, dense := 0.0, 0.0
		for _, l := range r.Layers[1:] { // what comes in is as it is
			changed += float64(l.Later.ChangedMACs) / float64(l.Later.Steps)
			dense += float64(l.DenseMACs)
		}
		return changed / dense, tr.Steps()[0], r.Accuracy
	}
	none, without, _ := run(0, train.Split)
	some, with, accuracy := run(3, train.Split)
	collapsed, usual, _ := run(3, train.Usual)
	_, flipped, _ := run(3, train.Flipped)
	t.Logf("density %.3f, with the loss %.3f, by the usual gradient %.3f; steps %.4f, with %.4f, flipped for all losses %.4f, usual %.4f", none, some, collapsed, without.Mean, with.Mean, flipped.Mean, usual.Mean)
	require.Greater(t, accuracy, 0.95)
	require.Less(t, some, none/2)
	require.Less(t, some, collapsed)
	require.Greater(t, with.Mean, 2*without.Mean)
	require.Greater(t, flipped.Mean, 2*without.Mean)
	require.Less(t, usual.Mean, without.Mean/2)
}

// The same options and data give the same bits with any number of workers, and with another
// seed others.
func TestDeterminism(t *testing.T) {
	set := moving(40, 1)
	for _, text := range []string{perceptron, convolutional} {
		o := train.Options{Epochs: 2, Batch: 40, Seed: 7, Sparsity: 0.1, L1: 0.01, Clip: 0.5}
		var want quantise.Params
		for i, workers := range []int{1, 2, 3, 8} {
			o.Workers = workers
			tr := trained(t, text, o, set)
			if i == 0 {
				want = tr.Params()
			}
			require.Equal(t, want, tr.Params(), "%d workers", workers)
		}
		o.Seed++
		require.NotEqual(t, want, trained(t, text, o, set).Params())
	}
}

// A training that is stopped anywhere, stored and gone on with is the one that was not.
func TestResume(t *testing.T) {
	set := moving(50, 1)
	for _, o := range []train.Options{
		{Epochs: 3, Batch: 16, Sparsity: 0.5},
		{Epochs: 3, Batch: 16, Optimiser: train.Optimiser{Kind: train.SGD}, StepWeights: []float64{0, 1}},
	} {
		var want []train.Progress
		whole, err := train.New(parseOf(t, convolutional), o)
		require.NoError(t, err)
		require.NoError(t, whole.Run(t.Context(), set, func(p train.Progress) { want = append(want, p) }))
		require.Len(t, want, 12)
		for stop := 0; stop <= 12; stop += 5 {
			ctx, cancel := context.WithCancel(t.Context())
			var got []train.Progress
			keep := func(p train.Progress) { got = append(got, p) }
			tr, err := train.New(parseOf(t, convolutional), o)
			require.NoError(t, err)
			if stop == 0 {
				cancel()
			}
			require.ErrorIs(t, tr.Run(ctx, set, func(p train.Progress) {
				if keep(p); p.Update == stop {
					cancel()
				}
			}), context.Canceled)
			require.Len(t, got, stop)
			path := filepath.Join(t.TempDir(), "checkpoint")
			require.NoError(t, tr.Save(path))
			again, err := train.Load(path)
			require.NoError(t, err)
			require.Equal(t, tr.Fingerprint(), again.Fingerprint())
			require.NoError(t, again.Run(t.Context(), set, keep))
			require.Equal(t, want, got)
			a, err := whole.MarshalBinary()
			require.NoError(t, err)
			b, err := again.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, a, b)
			cancel()
		}
		// It is done; more of it changes nothing, and another set is not its own.
		require.NoError(t, whole.Run(t.Context(), set, func(train.Progress) { t.Fatal("an update after the last") }))
		require.EqualError(t, whole.Run(t.Context(), set[:9], nil), "train: expected the 50 sequences that the training began with, found 9")
	}
}

// A network that was trained without deltas goes on with them, from the same weights.
func TestRefines(t *testing.T) {
	set := moving(64, 1)
	with := parseOf(t, perceptron)
	without, _, err := train.Remove(with, quantise.Params{}, topology.Delta)
	require.NoError(t, err)
	base, err := train.New(without, train.Options{Epochs: 15, Batch: 16, Schedule: train.Schedule{Rate: 0.01}})
	require.NoError(t, err)
	require.NoError(t, base.Run(t.Context(), set, nil))
	r, err := base.Measure(t.Context(), set)
	require.NoError(t, err)
	require.Greater(t, r.StepAccuracy, 0.95)
	refined, err := train.Refine(with, base.Params(), train.Options{Epochs: 15, Batch: 16, Schedule: train.Schedule{Rate: 0.003}, Sparsity: 1})
	require.NoError(t, err)
	_, err = refined.Measure(t.Context(), set)
	require.ErrorContains(t, err, "expected a network whose steps are known")
	first := true
	require.NoError(t, refined.Run(t.Context(), set, func(p train.Progress) {
		if first {
			require.Greater(t, p.Batch.Accuracy, 0.9, "it begins with what was learned")
			require.Len(t, p.Steps, 2)
			first = false
		}
	}))
	s, err := refined.Measure(t.Context(), set)
	require.NoError(t, err)
	require.Greater(t, s.StepAccuracy, 0.95)
	_, before := r.Changed()
	_, after := s.Changed()
	require.Less(t, after, before)
	_, err = train.Refine(with, quantise.Params{Input: 1}, train.Options{})
	require.EqualError(t, err, "train: parameters: layer a: expected 4096 weights, found 0")
}

func ExampleNew() {
	top, err := topology.Parse([]byte(`
input: {channels: 2, max: 1}
layers:
  - {name: hidden, type: linear, out: 8}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 2}
`), "")
	if err != nil {
		fmt.Println(err)
		return
	}
	var xor train.Sequences
	for _, s := range [][3]int16{{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}} {
		xor = append(xor, train.Sequence{Levels: s[:2], Steps: 1, Label: int(s[2])})
	}
	t, err := train.New(top, train.Options{Epochs: 300, Schedule: train.Schedule{Rate: 0.01}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := t.Run(context.Background(), xor, nil); err != nil {
		fmt.Println(err)
		return
	}
	r, err := t.Measure(context.Background(), xor)
	fmt.Println(r.Accuracy, err)
	// Output: 1 <nil>
}
