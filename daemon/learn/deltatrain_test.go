package learn_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
)

// What is held out is a share of each label, by the seed alone.
func TestHoldOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 30, 60).Draw(t, "labels")
		share, seed := rapid.Float64Range(0.1, learn.MaxHoldOut).Draw(t, "share"), rapid.Uint64().Draw(t, "seed")
		in, held, err := learn.HoldOut(labels, share, seed)
		require.NoError(t, err)
		seen := make([]bool, len(labels))
		count := map[string][2]int{}
		for part, list := range [][]int{in, held} {
			for k, i := range list {
				require.False(t, seen[i])
				require.True(t, k == 0 || list[k-1] < i)
				seen[i] = true
				c := count[labels[i]]
				c[part]++
				count[labels[i]] = c
			}
		}
		require.NotContains(t, seen, false)
		for _, c := range count {
			require.Positive(t, c[0])
			require.LessOrEqual(t, float64(c[1]), share*float64(c[0]+c[1])+0.5)
			require.True(t, c[0] == 1 || float64(c[1]) >= share*float64(c[0]+c[1])-0.5)
		}
		again, _, err := learn.HoldOut(labels, share, seed)
		require.NoError(t, err)
		require.Equal(t, in, again)
	})
	all, none, err := learn.HoldOut([]string{"a", "b"}, 0, 1)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, all)
	require.Empty(t, none)
	for _, share := range []float64{-0.1, 0.91} {
		_, _, err = learn.HoldOut([]string{"a", "b"}, share, 1)
		require.ErrorContains(t, err, "expected a share from 0 to 0.9")
	}
	_, _, err = learn.HoldOut([]string{"a", "b"}, 0.5, 1)
	require.ErrorContains(t, err, "is none of any")
}

const digitNet = `
input: {channels: 2, height: 7, width: 7, max: 7}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 24}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 10}
`

func parsed(t *testing.T, text string) *topology.Topology {
	t.Helper()
	top, err := topology.Parse([]byte(text), "")
	require.NoError(t, err)
	return top
}

// digits are frames of raw events of simulated digits.
func digits(t *testing.T) *learn.FrameSet {
	t.Helper()
	c := frames.Config{Width: 34, Height: 34, Every: 100 * time.Millisecond, Pool: 5, Levels: 7}
	set, err := learn.Frames(t.Context(), nil, purego(t), c, shared.Recordings(t), nil)
	require.NoError(t, err)
	return set
}

func bytesOf(t *testing.T, n *decide.Network) []byte {
	t.Helper()
	b, err := n.Net.MarshalBinary()
	require.NoError(t, err)
	for _, s := range []interface{ MarshalBinary() ([]byte, error) }{n.Interval, n.Whole} {
		more, err := s.MarshalBinary()
		require.NoError(t, err)
		b = append(b, more...)
	}
	return b
}

// What was told of the held-out recordings is what the network says of them, as a model's;
// a network that is trained again on all has seen them, and keeps their calibration.
func TestTrainDelta(t *testing.T) {
	set := digits(t)
	d := learn.DeltaTraining{
		Topology: parsed(t, digitNet), HoldOut: 0.34,
		Options: train.Options{Epochs: 40, Batch: 4, Seed: 3, Sparsity: 0.1},
	}
	var told []int
	d.Progress = func(training, trainings int, p train.Progress) {
		require.Equal(t, 1, trainings)
		told = append(told, training, p.Update)
	}
	r, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Len(t, r.Held, 10)
	require.Equal(t, 40*5, r.Updates)
	require.Len(t, told, 2*40*5)
	require.Equal(t, 20, r.Seen.Sequences)
	require.Equal(t, 10, r.Unseen.Sequences)
	require.Greater(t, r.Seen.Accuracy, 0.9, "it learned")
	require.Same(t, r.Judged, r.Network)
	require.NotNil(t, r.Network.Whole)

	var held []string
	in := shared.Recordings(t)
	hit := 0
	for _, i := range r.Held {
		v, err := learn.Recognise(t.Context(), &model.Model{Network: r.Network}, purego(t), in[i:i+1], nil)
		require.NoError(t, err)
		if r.Network.Labels[v.Recordings[0].Final.Class] == in[i].Label {
			hit++
		}
		held = append(held, in[i].Label)
	}
	require.ElementsMatch(t, []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, held)
	require.InDelta(t, r.Unseen.Accuracy, float64(hit)/10, 0.11, "integers say what the floats said")

	d.Again, d.Progress = true, nil
	again, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Equal(t, bytesOf(t, r.Judged), bytesOf(t, again.Judged))
	require.Equal(t, 40*5+40*8, again.Updates)
	require.Equal(t, r.Network.Whole, again.Network.Whole)
	require.NotEqual(t, bytesOf(t, r.Network), bytesOf(t, again.Network))
	right := 0
	v, err := learn.Recognise(t.Context(), &model.Model{Network: again.Network}, purego(t), in, nil)
	require.NoError(t, err)
	for i, course := range v.Recordings {
		if again.Network.Labels[course.Final.Class] == in[i].Label {
			right++
		}
	}
	require.Greater(t, right, 23, "it has seen them all")

	d.HoldOut, d.Again = 0, false
	all, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Nil(t, all.Judged)
	require.Nil(t, all.Network.Whole)
	was, err := again.Network.Net.MarshalBinary()
	require.NoError(t, err)
	now, err := all.Network.Net.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, was, now, "it learned from the same recordings, by the same seed")
}

// A training that is interrupted, in the first or the second part, goes on from its checkpoint to the same bits.
func TestTrainDeltaResumes(t *testing.T) {
	set := digits(t)
	d := learn.DeltaTraining{
		Topology: parsed(t, digitNet), HoldOut: 0.34, Again: true,
		Options: train.Options{Epochs: 4, Batch: 8, Seed: 3, Sparsity: 0.1},
	}
	want, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	d.Checkpoint = filepath.Join(t.TempDir(), "digits.training")
	updates := 0
	for _, stop := range []int{2, 12, 15} { // in the middle of an epoch, at the end of the first training, in the second
		ctx, cancel := context.WithCancel(t.Context())
		d.Progress = func(training, trainings int, _ train.Progress) {
			updates++
			require.Equal(t, 2, trainings)
			require.Equal(t, updates > 12, training == 2)
			if updates == stop {
				cancel()
			}
		}
		_, err = learn.TrainDelta(ctx, set, purego(t), d)
		require.ErrorIs(t, err, context.Canceled)
		if stop != 12 {
			require.ErrorContains(t, err, "of 28 updates are in "+d.Checkpoint+": the same command goes on from there")
		}
	}
	got, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Equal(t, 28, updates, "nothing was done twice")
	require.Equal(t, bytesOf(t, want.Network), bytesOf(t, got.Network))
	require.Equal(t, bytesOf(t, want.Judged), bytesOf(t, got.Judged))
	got, err = learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Equal(t, 28, updates, "all was done")
	require.Equal(t, bytesOf(t, want.Network), bytesOf(t, got.Network))
}

// A checkpoint of another training is refused, and what is other is named.
func TestTrainDeltaRefusesCheckpoints(t *testing.T) {
	set := digits(t)
	begun := learn.DeltaTraining{
		Topology: parsed(t, digitNet), HoldOut: 0.34, Checkpoint: filepath.Join(t.TempDir(), "digits.training"),
		Options: train.Options{Epochs: 2, Batch: 8, Seed: 3},
	}
	r, err := learn.TrainDelta(t.Context(), set, purego(t), begun)
	require.NoError(t, err)
	p, err := learn.RealParams(r.Network.Net)
	require.NoError(t, err)
	for says, change := range map[string]func(*learn.DeltaTraining){
		"option epochs 2, now 3: name another checkpoint, or remove it": func(d *learn.DeltaTraining) { d.Options.Epochs = 3 },
		"option optimiser.decay 0, now 0.5":                             func(d *learn.DeltaTraining) { d.Options.Optimiser.Decay = 0.5 },
		"option seed 3, now 4":                                          func(d *learn.DeltaTraining) { d.Options.Seed = 4 },
		"out: 24":                                                       func(d *learn.DeltaTraining) { d.Topology.Layers[1].Out = 25 },
		"hold_out 0.34, now 0.2":                                        func(d *learn.DeltaTraining) { d.HoldOut = 0.2 },
		"again false, now true":                                         func(d *learn.DeltaTraining) { d.Again = true },
		"refined none, now ":                                            func(d *learn.DeltaTraining) { d.Refined = p },
	} {
		d := begun
		d.Topology = parsed(t, digitNet)
		change(&d)
		_, err := learn.TrainDelta(t.Context(), set, purego(t), d)
		require.ErrorContains(t, err, d.Checkpoint+": it is of another training: ")
		require.ErrorContains(t, err, says)
	}
	c := set.Config
	c.Step = 2
	other, err := learn.Frames(t.Context(), nil, purego(t), c, shared.Recordings(t), nil)
	require.NoError(t, err)
	_, err = learn.TrainDelta(t.Context(), other, purego(t), begun)
	require.ErrorContains(t, err, "frames.step 1, now 2")
	c.Step, c.Every = 1, 40*time.Millisecond
	other, err = learn.Frames(t.Context(), nil, purego(t), c, shared.Recordings(t), nil)
	require.NoError(t, err)
	_, err = learn.TrainDelta(t.Context(), other, purego(t), begun)
	require.ErrorContains(t, err, ": it is of another training: frames.every 100ms, now 40ms: ")
	differs, found := errors.AsType[*learn.OtherTrainingError](err)
	require.True(t, found)
	require.Equal(t, []string{begun.Checkpoint, "frames.every"}, []string{differs.Checkpoint, differs.Setting})
	in := shared.Recordings(t)
	in[0], in[1] = in[1], in[0]
	other, err = learn.Frames(t.Context(), nil, purego(t), set.Config, in, nil)
	require.NoError(t, err)
	_, err = learn.TrainDelta(t.Context(), other, purego(t), begun)
	require.ErrorContains(t, err, "the recordings, or the layers whose features were drawn, were others")

	good, err := os.ReadFile(begun.Checkpoint)
	require.NoError(t, err)
	for says, bad := range map[string][]byte{
		`at byte 0: expected "SACDELTR"`: []byte("no checkpoint"),
		"it is damaged":                  append(bytes.Clone(good[:len(good)-9]), good[len(good)-8:]...),
		"expected a version":             good[:12],
	} {
		require.NoError(t, os.WriteFile(begun.Checkpoint, bad, 0o600))
		_, err := learn.TrainDelta(t.Context(), set, purego(t), begun)
		require.ErrorContains(t, err, begun.Checkpoint+": ")
		require.ErrorContains(t, err, says)
	}
	begun.Checkpoint = filepath.Dir(begun.Checkpoint)
	_, err = learn.TrainDelta(t.Context(), set, purego(t), begun)
	require.ErrorContains(t, err, "expected a checkpoint of a training, found a folder")
}

func TestTrainDeltaIsRefused(t *testing.T) {
	set := digits(t)
	d := learn.DeltaTraining{Topology: parsed(t, digitNet), Options: train.Options{Epochs: 1}}
	d.Topology.Input.Width = 8
	_, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.EqualError(t, err, "the network's input does not fit the frames: expected 2 planes of 7x7 (width x height), or 98 values, and levels from 0 or less to 7 or more, found 2 planes of 8x7 and levels 0 to 7")
	d.Topology = parsed(t, digitNet)
	d.Topology.Layers[4].Out = 9
	_, err = learn.TrainDelta(t.Context(), set, purego(t), d)
	require.EqualError(t, err, "the network's outputs: expected 10, one for each label of the recordings, found 9")
	d.Topology = parsed(t, digitNet)
	d.Options.Batch = -1
	_, err = learn.TrainDelta(t.Context(), set, purego(t), d)
	require.ErrorContains(t, err, "batch: expected 1 to")
	alone := set.Subset([]int{0, 1})
	alone.Classes = alone.Classes[:1]
	_, err = learn.TrainDelta(t.Context(), alone, purego(t), d)
	require.ErrorContains(t, err, "expected recordings of two labels or more")

	// A checkpoint that cannot be written ends the training.
	d.Options.Batch = 8
	d.Checkpoint = filepath.Join(t.TempDir(), "no", "such", "file")
	_, err = learn.TrainDelta(t.Context(), set, purego(t), d)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NotErrorIs(t, err, context.Canceled)
}
