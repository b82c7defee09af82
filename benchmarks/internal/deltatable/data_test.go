package deltatable

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/features/frames"
)

// Stretches have all steps of a sequence once, in order, and none is very short.
func TestWindows(t *testing.T) {
	for steps := 1; steps < 40; steps++ {
		s := train.Sequence{Steps: steps, Label: 3}
		for i := range steps {
			s.Levels = append(s.Levels, int16(i), int16(-i))
		}
		var got []int16
		windows := Windows(train.Sequences{s, s}, 9)
		for _, w := range windows[:len(windows)/2] {
			require.Equal(t, 3, w.Label)
			require.Len(t, w.Levels, 2*w.Steps)
			require.GreaterOrEqual(t, w.Steps, min(steps, 4))
			require.LessOrEqual(t, w.Steps, 9+4)
			got = append(got, w.Levels...)
		}
		require.Equal(t, s.Levels, got)
	}
}

// A data set depends on its seed, has the frames that its configuration says, and no
// recording in two of its parts.
func TestMovingData(t *testing.T) {
	c := surface(MovingSide)
	d, err := NewMoving(t.Context(), c, Sizes{Train: 10, Held: 10, Test: 10}, 1)
	require.NoError(t, err)
	again, err := NewMoving(t.Context(), c, Sizes{Train: 10, Held: 10, Test: 10}, 1)
	require.NoError(t, err)
	require.Equal(t, d, again)
	seen := map[int16]bool{}
	for _, part := range []train.Sequences{d.Train, d.Held, d.Test} {
		labels := map[int]bool{}
		for _, s := range part {
			labels[s.Label] = true
			require.GreaterOrEqual(t, s.Steps, 26)
			require.Len(t, s.Levels, s.Steps*MovingSide*MovingSide)
			for _, v := range s.Levels {
				seen[v] = true
				require.True(t, v >= 0 && v <= 127)
			}
		}
		require.Len(t, labels, 10)
	}
	require.Greater(t, len(seen), 100, "surfaces have all levels")
	require.NotEqual(t, d.Train[0].Levels, d.Held[0].Levels)
	require.NotEqual(t, d.Held[0].Levels, d.Test[0].Levels)

	counted, err := NewMoving(t.Context(), counts(MovingSide), Sizes{Train: 10, Held: 1, Test: 1}, 1)
	require.NoError(t, err)
	require.Equal(t, frames.Counts, counted.Frames.Kind)
	require.Equal(t, d.Train[3].Label, counted.Train[3].Label, "the same recordings")
	require.Less(t, nonzero(counted.Train), 0.5*nonzero(d.Train))
}

func nonzero(in train.Sequences) float64 {
	n, all := 0.0, 0.0
	for _, s := range in {
		for _, v := range s.Levels {
			if v != 0 {
				n++
			}
			all++
		}
	}
	return n / all
}
