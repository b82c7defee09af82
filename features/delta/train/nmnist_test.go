package train_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// recordings are count frames of N-MNIST's training half: 10 frames of 30 ms, a plane for
// each polarity, counts up to 7. Every fourth is held out.
func recordings(t testing.TB, every int) (learn, held train.Sequences) {
	t.Helper()
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	list, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(t, err)
	for i := 0; i < len(list); i += every {
		raw, err := os.ReadFile(list[i].Path)
		require.NoError(t, err)
		label, err := strconv.Atoi(list[i].Label)
		require.NoError(t, err)
		const interval, steps, side, most = 30_000, 10, 34, 7
		s := train.Sequence{Levels: make([]int16, steps*2*side*side), Steps: steps, Label: label}
		for ; len(raw) >= 5; raw = raw[5:] {
			at := (int(raw[2]&0x7f)<<16 | int(raw[3])<<8 | int(raw[4])) / interval
			if at >= steps || raw[0] >= side || raw[1] >= side {
				continue
			}
			level := &s.Levels[((at*2+int(raw[2]>>7))*side+int(raw[1]))*side+int(raw[0])]
			*level = min(*level+1, most)
		}
		if i/every%4 == 3 {
			held = append(held, s)
		} else {
			learn = append(learn, s)
		}
	}
	return learn, held
}

func parseOf(t testing.TB, text string) *topology.Topology {
	top, err := topology.Parse([]byte(text), "")
	require.NoError(t, err)
	return top
}

const mlp = `
input: {channels: 2, height: 34, width: 34, max: 7}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 128}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 10}
`

// On real recordings a network with deltas learns as well as one without, changes a fraction
// of its activations, and does in integers what it was trained to.
func TestRecordings(t *testing.T) {
	learn, held := recordings(t, 3)
	o := train.Options{Epochs: 12, Batch: 16, Seed: 1, StepWeights: []float64{0, 1}}
	with := parseOf(t, mlp)
	without, _, err := train.Remove(with, quantise.Params{}, topology.Delta)
	require.NoError(t, err)
	run := func(top *topology.Topology, o train.Options) (*train.Trainer, *train.Report) {
		tr, err := train.New(top, o)
		require.NoError(t, err)
		require.NoError(t, tr.Run(t.Context(), learn, nil))
		r, err := tr.Measure(t.Context(), held)
		require.NoError(t, err)
		hidden := r.Layers[1]
		t.Logf("lambda %v: %.3f of %d recordings, %.3f of their steps; of the hidden layer %.3f zero, %.3f as before; %v",
			o.Sparsity, r.Accuracy, r.Sequences, r.StepAccuracy, hidden.Spatial(), hidden.Temporal(), tr.Steps())
		return tr, r
	}
	_, base := run(without, o)
	o.Sparsity = 2
	tr, r := run(with, o)
	require.Greater(t, base.Accuracy, 0.75)
	require.Greater(t, r.Accuracy, base.Accuracy-0.05)
	require.Less(t, 1-r.Layers[1].Temporal(), (1-base.Layers[1].Temporal())/2)

	_, p, err := quantise.Quantise(tr.Topology(), tr.Params())
	require.NoError(t, err)
	rounded, err := train.Measure(t.Context(), tr.Topology(), p, held, train.MeasureOptions{StepWeights: o.StepWeights})
	require.NoError(t, err)
	require.InDelta(t, r.Accuracy, rounded.Accuracy, 0.03)
	require.InDelta(t, r.StepAccuracy, rounded.StepAccuracy, 0.02)
}
