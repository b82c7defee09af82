package monitor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// Each interval tells how far features turned in it, frozen ones not at all, and a
// state in between changes nothing of it.
func TestWeightChangeOfIntervals(t *testing.T) {
	c := feast.Default()
	c.Width, c.Height, c.Neurons, c.Radius, c.Eta = 12, 9, 3, 1, 0.01
	target, err := hw.Find("purego")
	require.NoError(t, err)
	l, err := feast.New(c, target)
	require.NoError(t, err)
	o := monitor.DefaultOptions(c)
	o.Sample, o.Interval = 100, 500
	m, err := monitor.New(c, o)
	require.NoError(t, err)
	in := hwtest.Streams(events.Geometry{Width: 12, Height: 9}, 3000, 2)[0].Events
	winners := make([]int16, 500)
	for k := 0; k+500 <= len(in); k += 500 {
		if k == 2000 {
			l.SetLearning(false)
		}
		before := l.Weights()
		_, err := m.Process(l, in[k:k+230], winners[:230])
		require.NoError(t, err)
		state, err := m.MarshalBinary()
		require.NoError(t, err)
		m, err = monitor.New(c, o)
		require.NoError(t, err)
		require.NoError(t, m.UnmarshalBinary(state))
		_, err = m.Process(l, in[k+230:k+500], winners[:270])
		require.NoError(t, err)
		got, ok := m.Latest()
		require.True(t, ok)
		require.Equal(t, uint64(k+500), got.To)
		require.NotNil(t, got.WeightChange)
		require.Equal(t, monitor.WeightChange(c, before, l.Weights()), *got.WeightChange)
		require.Equal(t, k >= 2000, *got.WeightChange == 0)
	}
}
