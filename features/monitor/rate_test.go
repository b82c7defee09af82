package monitor_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
)

// There is one missed rate: a layer's counters say the same, and events that no feature
// was compared with change nothing.
func TestMissedRate(t *testing.T) {
	_, there := monitor.MissedRate(0, 0)
	require.False(t, there)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(0, 1<<40)
		c := feast.Counters{
			Hits: n.Draw(t, "hits"), Missed: n.Draw(t, "missed"), Border: n.Draw(t, "border"),
			Outside: n.Draw(t, "outside"), Noise: n.Draw(t, "noise"), Ignored: n.Draw(t, "ignored"),
		}
		rate, there := monitor.MissedRate(c.Hits, c.Missed)
		require.Equal(t, c.Hits+c.Missed > 0, there)
		require.Equal(t, c.MissedRate(), rate)
		require.True(t, rate >= 0 && rate <= 1)
	})
}
