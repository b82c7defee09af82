package monitor_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/monitor"
)

func TestSeries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := 2 * rapid.IntRange(1, 6).Draw(t, "points")
		n := rapid.IntRange(0, 200).Draw(t, "intervals")
		s := monitor.NewSeries(points)
		var all []monitor.Interval
		list := samples(t, 3)
		for i := range n {
			// Windows of drawn samples, as if they came one after the other.
			in := monitor.Measure(small(), list[i%(len(list)-1):][:2])
			in.From = uint64(i)
			in.To = uint64(i + 1)
			all = append(all, in)
			s.Add(in)
		}
		require.Len(t, s.Recent(), min(n, points))
		for i, in := range s.Recent() {
			require.Equal(t, uint64(n-min(n, points)+i), in.From)
			require.Nil(t, in.Thresholds)
		}

		whole := s.Whole()
		require.LessOrEqual(t, len(whole), points+1)
		require.Equal(t, n <= points, s.Stride() == 1)
		var at, events, hits, missed uint64
		for i, in := range whole {
			require.Equal(t, at, in.From)
			if i < len(whole)-1 {
				require.Equal(t, uint64(s.Stride()), in.To-in.From)
			}
			learning := true
			var sum, ownHits uint64
			for _, one := range all[in.From:in.To] {
				learning = learning && one.Learning
				sum += one.Events
				ownHits += one.All.Hits
			}
			require.Equal(t, learning, in.Learning)
			require.Equal(t, sum, in.Events)
			require.Equal(t, ownHits, in.All.Hits)
			check(t, in.All, 4)
			at, events, hits, missed = in.To, events+in.Events, hits+in.All.Hits, missed+in.All.Missed
		}
		require.Equal(t, uint64(n), at)
		for _, in := range all {
			events -= in.Events
			hits -= in.All.Hits
			missed -= in.All.Missed
		}
		require.Zero(t, events)
		require.Zero(t, hits)
		require.Zero(t, missed)
	})
	for _, points := range []int{0, 1, 3, monitor.MaxPoints + 2} {
		require.PanicsWithValue(t, monitor.PanicPoints, func() { monitor.NewSeries(points) })
	}
}

func TestMerge(t *testing.T) {
	a := monitor.Interval{From: 0, To: 100, Events: 100, Learning: true}
	a.All = monitor.Signals{Hits: 30, Missed: 10, ThresholdMean: 0.5, ThresholdMin: 0.25, ThresholdMax: 0.75, UsageEntropy: 1, UsageLeast: 0.125, UsageMost: 0.5}
	b := monitor.Interval{From: 100, To: 400, Events: 300, Learning: true}
	b.All = monitor.Signals{Hits: 90, Missed: 50, ThresholdMean: 0.9, ThresholdMin: 0.5, ThresholdMax: 1, UsageEntropy: 2, UsageLeast: 0.25, UsageMost: 0.25}
	m := monitor.Merge(a, b)
	require.Equal(t, uint64(0), m.From)
	require.Equal(t, uint64(400), m.To)
	require.Equal(t, 0.5, m.All.MissesPerHit)
	require.Equal(t, 1.0/3, m.All.MissedRate)
	require.InEpsilon(t, 0.8, m.All.ThresholdMean, 1e-12)
	require.Equal(t, 0.25, m.All.ThresholdMin)
	require.Equal(t, 1.0, m.All.ThresholdMax)
	require.Equal(t, 1.75, m.All.UsageEntropy)
	require.Equal(t, 0.125, m.All.UsageLeast)
	require.Equal(t, 0.5, m.All.UsageMost)
	// An interval without hits has no least share that others could be measured by.
	b.All.Hits, b.All.UsageLeast = 0, 0
	require.Equal(t, 0.125, monitor.Merge(a, b).All.UsageLeast)
}
