package train_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// Options that make no sense are refused by name.
func TestOptionsAreChecked(t *testing.T) {
	top := parseOf(t, perceptron)
	for says, o := range map[string]train.Options{
		"options: epochs: expected 1 to 1.048576e+06, found -1":             {Epochs: -1},
		"options: batch: expected 1 to 65536, found -3":                     {Batch: -3},
		`options: loss: expected cross-entropy or mse, found "huber"`:       {Loss: "huber"},
		"options: sparsity: expected 0 to 1e+12, found NaN":                 {Sparsity: math.NaN()},
		"options: l1: expected 0 to 1e+12, found -1":                        {L1: -1},
		"options: step_weights: value 1: expected 0 to 1e6, found -1":       {StepWeights: []float64{0, -1}},
		`options: steps.rule: expected flipped, split or usual, found "up"`: {Steps: train.Steps{Rule: "up"}},
		"options: steps.floor: expected 1e-12 to 1, found 2":                {Steps: train.Steps{Floor: 2}},
		`options: optimiser.kind: expected adam or sgd, found "lion"`:       {Optimiser: train.Optimiser{Kind: "lion"}},
		"options: optimiser.beta1: expected 0 to 0.99999, found 1":          {Optimiser: train.Optimiser{Beta1: 1}},
		`options: schedule.kind: expected constant, step or cosine, found`:  {Schedule: train.Schedule{Kind: "linear"}},
		"options: schedule.rate: expected 0 to 1e+06, found -1":             {Schedule: train.Schedule{Rate: -1}},
		"options: workers: expected 0 to 1024, found -1":                    {Workers: -1},
	} {
		_, err := train.New(top, o)
		require.ErrorContains(t, err, says)
	}
	_, err := train.New(&topology.Topology{}, train.Options{})
	require.ErrorContains(t, err, "train: topology: input.channels: expected")
}

// Sequences that do not fit are refused by index, before anything is computed with them.
func TestSequencesAreChecked(t *testing.T) {
	top := parseOf(t, perceptron)
	for says, change := range map[string]func(s *train.Sequence){
		"steps: expected 1 to 16384, found 0":                          func(s *train.Sequence) { s.Steps = 0 },
		"levels: expected 640 of 5 steps of 2x8x8, found 768":          func(s *train.Sequence) { s.Steps = 5 },
		"levels: value 1 of step 2: expected 0 to 3, found 4":          func(s *train.Sequence) { s.Levels[257] = 4 },
		"levels: value 1 of step 2: expected 0 to 3, found -1":         func(s *train.Sequence) { s.Levels[257] = -1 },
		"label: expected 0 to 3, one of the outputs, found 4":          func(s *train.Sequence) { s.Label = 4 },
		"target: expected 4 values, or 4 for each of 6 steps, found 7": func(s *train.Sequence) { s.Target = make([]float32, 7) },
		"target: value 2: found +Inf":                                  func(s *train.Sequence) { s.Target = []float32{0, 0, float32(math.Inf(1)), 0} },
	} {
		set := moving(8, 1)
		change(&set[5])
		tr, err := train.New(top, train.Options{Epochs: 1, Batch: 8})
		require.NoError(t, err)
		require.EqualError(t, tr.Run(t.Context(), set, nil), "train: sequence 5: "+says)
		_, err = train.Measure(t.Context(), top, exact(t, top, 1), set, train.MeasureOptions{})
		require.EqualError(t, err, "train: sequence 5: "+says)
	}
	tr, err := train.New(top, train.Options{})
	require.NoError(t, err)
	require.EqualError(t, tr.Run(t.Context(), train.Sequences{}, nil), "train: expected sequences to train with, found none")
}

// A training that runs away ends with an error instead of going on with numbers that are none.
func TestDiverges(t *testing.T) {
	tr, err := train.New(parseOf(t, perceptron), train.Options{
		Epochs: 200, Batch: 8, Loss: train.MSE, Schedule: train.Schedule{Rate: 1e5}, Optimiser: train.Optimiser{Kind: train.SGD},
	})
	require.NoError(t, err)
	require.ErrorIs(t, tr.Run(t.Context(), moving(8, 1), nil), train.ErrDiverged)
}

// Parameters must be the topology's.
func TestParametersAreChecked(t *testing.T) {
	top := parseOf(t, perceptron)
	p := exact(t, top, 1)
	p.Layers["da"] = quantise.Layer{Steps: []float64{-1}}
	_, err := train.Refine(top, p, train.Options{})
	require.EqualError(t, err, "train: parameters: layer da: steps: value 0: found -1")
	delete(p.Layers, "da")
	_, err = train.Refine(top, p, train.Options{})
	require.NoError(t, err, "steps are found by the first batch")
	_, err = train.Measure(t.Context(), top, p, moving(4, 1), train.MeasureOptions{})
	require.EqualError(t, err, "train: parameters: layer da: expected 1 steps, found 0")
}

func TestCheckpointFiles(t *testing.T) {
	dir := t.TempDir()
	_, err := train.Load(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = train.Load(dir)
	require.ErrorContains(t, err, "expected a checkpoint of a training, found a folder")
	path := filepath.Join(dir, "checkpoint")
	require.NoError(t, os.WriteFile(path, []byte("SACDELTA"), 0o600))
	_, err = train.Load(path)
	require.EqualError(t, err, path+`: train: checkpoint: at byte 0: expected "SACTRAIN", found "SACDELTA"`)
}

// A network with nothing to train, and a sequence too long for a large network, are refused
// before memory is taken for them.
func TestSizesAreChecked(t *testing.T) {
	_, err := train.New(parseOf(t, "input: {channels: 4, max: 1}\nlayers:\n  - {name: r, type: relu}\n"), train.Options{})
	require.EqualError(t, err, "train: expected a network with weights, found none")
	tr, err := train.New(parseOf(t, "input: {channels: 1, height: 2048, width: 2048, max: 1}\nlayers:\n  - {name: a, type: conv2d, out: 1, kernel: 1}\n  - {name: p, type: avgpool, kernel: 2048}\n"), train.Options{})
	require.NoError(t, err)
	require.EqualError(t, tr.Run(t.Context(), train.Sequences{{Steps: 40}}, nil), "train: sequence 0: steps: expected at most 31 with the network's 8388609 values, found 40")
}
