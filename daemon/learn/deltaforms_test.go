package learn_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/frames"
)

func kinds(t *topology.Topology) map[topology.Kind]int {
	out := map[topology.Kind]int{}
	for _, l := range t.Layers {
		out[l.Kind]++
	}
	return out
}

const quarterNet = `
input: {channels: 2, height: 7, width: 7, max: 7}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 24}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 4}
`

// quarters are frames of recordings with somewhat more events in one quarter of the sensor than in the others.
func quarters(t *testing.T) *learn.FrameSet {
	t.Helper()
	labels := slices.Repeat([]string{"a", "b", "c", "d"}, 20)
	c := frames.Config{Width: 34, Height: 34, Every: 100 * time.Millisecond, Pool: 5, Levels: 7}
	set, err := learn.FramesOf(t.Context(), nil, purego(t), c, labels, func(i int) ([]events.Event, error) {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		out := make([]events.Event, 300)
		for k := range out {
			out[k] = events.Event{T: int64(k) * 1000, X: uint16(rng.IntN(34)), Y: uint16(rng.IntN(34)), P: events.Polarity(rng.IntN(2))}
			if rng.IntN(4) == 0 {
				out[k].X, out[k].Y = out[k].X/2+uint16(i%2*17), out[k].Y/2+uint16(i/2%2*17)
			}
		}
		return out, nil
	}, nil)
	require.NoError(t, err)
	return set
}

// A trained network is cut as far as the recordings held out allow, and sends less; what is written after
// a second training has cuts of the same error.
func TestTrainDeltaForms(t *testing.T) {
	set := quarters(t)
	d := learn.DeltaTraining{
		Topology: parsed(t, quarterNet), HoldOut: 0.34,
		Options: train.Options{Epochs: 20, Batch: 4, Seed: 3},
	}
	plain, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Nil(t, plain.Cuts)
	require.Nil(t, plain.Uncut)

	require.Greater(t, plain.Unseen.Accuracy, 0.5, "something to lose")
	steps := 0
	d.Cut, d.Threshold, d.Cutting = 30, 1, func(done, total int) { steps = total - done }
	cut, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Zero(t, steps)
	require.Equal(t, plain.Unseen, cut.Uncut, "the training is the same")
	require.Less(t, math.Exp(cut.Cuts.Cut-cut.Cuts.Uncut), 1.3)
	require.InDelta(t, cut.Unseen.Loss, cut.Cuts.Cut, 0.05, "but for cuts that were left out")
	_, before := plain.Unseen.Changed()
	_, after := cut.Unseen.Changed()
	require.Less(t, after, before)
	require.Equal(t, 1, kinds(cut.Topology)[topology.Threshold])
	require.Zero(t, kinds(cut.Topology)[topology.Delta])
	require.Positive(t, kinds(cut.Topology)[topology.Cut])
	require.Equal(t, cut.Topology.String(), cut.Network.Net.Topology().String())

	d.Again = true
	again, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Equal(t, bytesOf(t, cut.Network), bytesOf(t, again.Judged))
	require.Equal(t, cut.Cuts.Relative, again.Cuts.Relative)
	require.NotEqual(t, cut.Cuts.Layers, again.Cuts.Layers)
	require.Positive(t, kinds(again.Topology)[topology.Cut])
}

// A network that is taken as it is keeps its integers, and is calibrated; cut, it is what would have come of
// its training.
func TestTrainDeltaAsItIs(t *testing.T) {
	set := quarters(t)
	d := learn.DeltaTraining{
		Topology: parsed(t, quarterNet), HoldOut: 0.34,
		Options: train.Options{Epochs: 20, Batch: 4, Seed: 3},
	}
	trained, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	p, err := learn.RealParams(trained.Network.Net)
	require.NoError(t, err)
	is := learn.DeltaTraining{
		Topology: trained.Topology, HoldOut: 0.34, Options: train.Options{Seed: 3},
		Refined: p, Untrained: true, Kept: trained.Network.Net,
	}
	got, err := learn.TrainDelta(t.Context(), set, purego(t), is)
	require.NoError(t, err)
	require.Equal(t, bytesOf(t, trained.Network), bytesOf(t, got.Network))
	require.Zero(t, got.Updates)
	is.Cut = 30
	got, err = learn.TrainDelta(t.Context(), set, purego(t), is)
	require.NoError(t, err)
	require.Positive(t, kinds(got.Topology)[topology.Cut])
	require.Less(t, math.Exp(got.Cuts.Cut-got.Cuts.Uncut), 1.3)

	// As much as guessing would cost would take everything, and nothing is taken.
	is.Cut = train.MaxP
	got, err = learn.TrainDelta(t.Context(), set, purego(t), is)
	require.NoError(t, err)
	require.Empty(t, got.Cuts.Layers)
	require.Equal(t, trained.Topology.String(), got.Topology.String())
	is.Cut = 0

	for says, change := range map[string]func(d *learn.DeltaTraining){
		"untrained: expected numbers to begin with":          func(d *learn.DeltaTraining) { d.Refined = nil },
		"nothing that is for training":                       func(d *learn.DeltaTraining) { d.Checkpoint = "x" },
		"cut: expected 0 to 1000 per cent, found NaN":        func(d *learn.DeltaTraining) { d.Cut = math.NaN() },
		"cut: expected recordings held out":                  func(d *learn.DeltaTraining) { d.Cut, d.HoldOut = 1, 0 },
		"threshold: expected 0 or more steps, found -1":      func(d *learn.DeltaTraining) { d.Threshold = -1 },
		"layer delta: expected a threshold of 1 to its 127 ": func(d *learn.DeltaTraining) { d.Threshold = 128 },
	} {
		other := is
		change(&other)
		_, err := learn.TrainDelta(t.Context(), set, purego(t), other)
		require.ErrorContains(t, err, says)
	}
}
