package learn_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/frames"
)

// Shifted frames are those of events that are elsewhere: of raw events without pooling, the same
// picture, moved.
func TestShiftedFrames(t *testing.T) {
	in := shared.Recordings(t)[:3]
	c := frames.Config{Width: 34, Height: 34, Every: time.Second, Levels: 1000}
	set, err := learn.Frames(t.Context(), nil, purego(t), c, in, nil)
	require.NoError(t, err)
	var steps atomic.Int64
	got, err := learn.ShiftedFrames(t.Context(), nil, purego(t), c, in, 1, func() { steps.Add(1) })
	require.NoError(t, err)
	require.Len(t, got, learn.Shifts(1))
	require.EqualValues(t, learn.Shifts(1)*len(in), steps.Load())
	k := 0
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if dx == 0 && dy == 0 {
				continue
			}
			for i := range in {
				was, now := set.Sequence(i), got[k].Sequence(i)
				// One frame, as intervals begin with the first event, which may be one that is left out.
				require.Equal(t, 1, now.Steps)
				require.Equal(t, was.Label, now.Label)
				for at, v := range now.Levels {
					x, y := at%34-dx, at/34%34-dy
					if x < 0 || y < 0 || x >= 34 || y >= 34 {
						require.Zero(t, v)
					} else {
						require.Equal(t, was.Levels[at-34*dy-dx], v)
					}
				}
			}
			k++
		}
	}
	none, err := learn.ShiftedFrames(t.Context(), nil, purego(t), c, in, 0, nil)
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = learn.ShiftedFrames(t.Context(), nil, purego(t), c, in, 5, nil)
	require.ErrorContains(t, err, "expected 0 to 4 pixels, found 5")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = learn.ShiftedFrames(ctx, nil, purego(t), c, in, 1, nil)
	require.ErrorIs(t, err, context.Canceled)
}

// A training learns from the shifted recordings too, but judges and measures by none of them.
func TestTrainDeltaShifted(t *testing.T) {
	in := shared.Recordings(t)
	set := digits(t)
	others, err := learn.ShiftedFrames(t.Context(), nil, purego(t), set.Config, in, 1, nil)
	require.NoError(t, err)
	d := learn.DeltaTraining{
		Topology: parsed(t, digitNet), HoldOut: 0.34, Again: true, Shifted: others,
		Options: train.Options{Epochs: 2, Batch: 10, Seed: 3},
	}
	r, err := learn.TrainDelta(t.Context(), set, purego(t), d)
	require.NoError(t, err)
	require.Equal(t, 2*(20*9/10)+2*(30*9/10), r.Updates)
	require.Equal(t, 20, r.Seen.Sequences)
	require.Equal(t, 10, r.Unseen.Sequences)

	d.Shifted = []*learn.FrameSet{others[0].Subset([]int{0, 1})}
	_, err = learn.TrainDelta(t.Context(), set, purego(t), d)
	require.ErrorContains(t, err, "expected shifted frames of the same recordings and kind")
}

// A recording whose events would all leave the sensor is shifted as far as leaves something; one without any is
// an error that names it.
func TestShiftedFramesOfTheBorder(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, in ...events.Event) nmnist.Recording {
		var b []byte
		for _, e := range in {
			b = append(b, byte(e.X), byte(e.Y), byte(e.P)<<7|byte(e.T>>16), byte(e.T>>8), byte(e.T))
		}
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return nmnist.Recording{Path: path, Label: name[:1]}
	}
	corner := write("a.bin", events.Event{T: 1, X: 0, Y: 0, P: events.On}, events.Event{T: 2, X: 1, Y: 0, P: events.On})
	c := frames.Config{Width: 34, Height: 34, Every: time.Second, Mode: frames.Merged, Levels: 7}
	sets, err := learn.ShiftedFrames(t.Context(), nil, purego(t), c, []nmnist.Recording{corner}, 2, nil)
	require.NoError(t, err)
	require.Len(t, sets, learn.Shifts(2))
	for _, s := range sets {
		require.Contains(t, s.Sequence(0).Levels, int16(1), "something is left")
	}
	// By (-2, -2), the second event would be at -1: it comes to be at 0, as by (-1, 0).
	require.Equal(t, int16(1), sets[0].Sequence(0).Levels[0])

	none := write("b.bin")
	_, err = learn.Frames(t.Context(), nil, purego(t), c, []nmnist.Recording{corner, none}, nil)
	require.ErrorContains(t, err, none.Path)
	_, err = learn.ShiftedFrames(t.Context(), nil, purego(t), c, []nmnist.Recording{none}, 1, nil)
	require.ErrorContains(t, err, none.Path)
	_, err = learn.FramesOf(t.Context(), nil, purego(t), c, []string{"a", "b"}, func(i int) ([]events.Event, error) {
		return make([]events.Event, 1-i), nil
	}, nil)
	require.EqualError(t, err, "recording 1, of label b: expected a frame or more, found none in its 0 events")
}
