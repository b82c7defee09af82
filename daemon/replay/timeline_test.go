package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A speed that no clock can follow is one all the same.
func TestDueIsBounded(t *testing.T) {
	start := time.Unix(1, 0)
	l := timeline{speed: 1e-300}
	l.begin(start)
	require.Equal(t, start.Add(farAway), l.due(1<<60))
	require.Equal(t, start.Add(-farAway), l.due(-1<<60))
}

// However often it is stopped and its speed changed, it is where a sum of what was played
// says, and what is due then is due now.
func TestTimelineIsASum(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Unix(1_000_000, 0)
		l := timeline{speed: 1}
		l.begin(now)
		speed, held, played := 1.0, false, 0.0 // by a second way
		for range rapid.IntRange(1, 200).Draw(rt, "steps") {
			d := time.Duration(rapid.Int64Range(0, int64(20*time.Second)).Draw(rt, "time"))
			now = now.Add(d)
			if !held {
				played += d.Seconds() * speed
			}
			switch rapid.IntRange(0, 3).Draw(rt, "what") {
			case 0:
				l.hold(now, 1e18)
				held = true
			case 1:
				l.release(now)
				held = false
			case 2:
				speed = rapid.SampledFrom([]float64{0.1, 0.5, 1, 3, 100}).Draw(rt, "speed")
				l.turn(now, speed, 0)
			}
			require.InDelta(t, played*1e6, l.at(now), 0.01, "microseconds")
			if !held {
				require.InDelta(t, 0, l.due(int64(l.at(now))).Sub(now), 1000/speed+1, "nanoseconds")
			}
		}
	})
}

// Who holds or forgives a timeline that is behind goes on from what is to be sent next, and
// not from what should have been sent.
func TestNothingIsMadeUpFor(t *testing.T) {
	now := time.Unix(1, 0)
	for _, do := range []func(l *timeline, now time.Time){
		func(l *timeline, now time.Time) { l.forgive(now, 1e6) },
		func(l *timeline, now time.Time) { l.hold(now.Add(-time.Second), 1e6); l.release(now) },
	} {
		l := timeline{speed: 2}
		l.begin(now)
		later := now.Add(10 * time.Second)
		do(&l, later)
		require.Equal(t, later, l.due(1e6))
		require.Equal(t, later.Add(time.Second), l.due(3e6))
		l.forgive(later, 5e6) // which is not late
		require.Equal(t, later, l.due(1e6))
	}
}

func TestLateness(t *testing.T) {
	require.Equal(t, Lateness{}, (&lateness{}).report())
	rapid.Check(t, func(rt *rapid.T) {
		ns := rapid.Uint64().Draw(rt, "ns")
		bin := lateBin(ns)
		require.Less(t, bin, lateBins)
		require.GreaterOrEqual(t, lateBinEnd(bin), ns)
		if bin > 0 {
			require.Less(t, lateBinEnd(bin-1), ns)
		}
		require.LessOrEqual(t, lateBinEnd(bin)-ns, ns/32)
	})
	var l lateness
	for i := range 1000 {
		l.add(time.Duration(i+1) * time.Microsecond)
	}
	l.add(-time.Second) // early is not late
	r := l.report()
	require.EqualValues(t, 1001, r.Messages)
	require.InEpsilon(t, 500, r.P50, 0.032)
	require.InEpsilon(t, 990, r.P99, 0.032)
	require.Equal(t, 1000.0, r.Max)
	require.Equal(t, -1.0, r.Drift)
	l = lateness{}
	for i := range 1000 {
		l.add(time.Duration(10*i) * time.Microsecond)
		l.add(time.Millisecond * 100)
	}
	require.InDelta(t, 10_000-32*10, l.report().Drift, 1)
}
