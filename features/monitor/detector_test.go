package monitor_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
)

// noisy makes intervals of the default layer whose signals vary like independent
// normal numbers.
type noisy struct {
	c    feast.Config
	rng  *rand.Rand
	next uint64
}

func newNoisy(seed uint64) *noisy {
	return &noisy{c: feast.Default(), rng: rand.New(rand.NewPCG(seed, 2))}
}

// interval is the next; rise is added to all thresholds.
func (n *noisy) interval(rise float64) monitor.Interval {
	const events, hits, missed = 65_536, 60_000, 1250
	around := func(mean, sd float64) float64 { return mean + float64(sd*n.rng.NormFloat64()) }
	in := monitor.Interval{From: n.next, To: n.next + events, Events: events, Learning: true}
	n.next = in.To
	in.All = monitor.Signals{
		Hits: hits, Missed: missed, MissesPerHit: around(1.0/48, 0.0004), UsageCV: around(0.07, 0.02),
		ThresholdMean: around(0.6+rise, 0.009), ThresholdSD: around(0.1, 0.007),
	}
	share := around(0.5, 0.001)
	in.Banks = []monitor.Signals{{Hits: uint64(hits * (1 - share))}, {Hits: uint64(hits * share)}}
	for range n.c.Features() {
		in.Thresholds = append(in.Thresholds, around(0.6+rise, 0.05))
	}
	return in
}

func newDetector(t *testing.T) *monitor.Detector {
	d, err := monitor.NewDetector(feast.Default(), monitor.DefaultParams())
	require.NoError(t, err)
	return d
}

// settle feeds noise until the detector says that it has settled.
func settle(t *testing.T, d *monitor.Detector, n *noisy) (intervals int) {
	for k := range 400 {
		if f := d.Observe(n.interval(0)); f.Change == monitor.Settled {
			require.True(t, d.Settled())
			require.Equal(t, f, d.Last())
			require.Equal(t, n.next, f.At)
			return k + 1
		}
	}
	t.Fatal("it never settles")
	return 0
}

func TestNoiseSettlesAndDoesNotDrift(t *testing.T) {
	const streams, intervals = 100, 200
	waited, drifts := 0, 0
	for seed := range uint64(streams) {
		d, n := newDetector(t), newNoisy(seed)
		k := settle(t, d, n)
		require.GreaterOrEqual(t, k, 16) // a window of 12, and 4 before it
		waited += k
		for range intervals {
			if d.Observe(n.interval(0)).Change == monitor.Drift {
				drifts++
				break
			}
		}
	}
	t.Logf("settled after %.1f intervals on the average; drift in %d of %d intervals",
		float64(waited)/streams, drifts, streams*intervals)
	require.Less(t, waited, 22*streams)
	require.LessOrEqual(t, drifts, 20) // one in a thousand
}

func TestWhatMovesHasNotSettled(t *testing.T) {
	for seed := range uint64(20) {
		d, n := newDetector(t), newNoisy(seed)
		for k := range 40 {
			f := d.Observe(n.interval(0.008 * float64(k)))
			require.Equal(t, monitor.None, f.Change, "seed %d, interval %d", seed, k)
		}
	}
}

func TestDrift(t *testing.T) {
	for name, change := range map[string]func(*monitor.Interval){
		"threshold mean":   func(in *monitor.Interval) { in.All.ThresholdMean += 0.04 },
		"threshold spread": func(in *monitor.Interval) { in.All.ThresholdSD -= 0.03 },
		"misses per hit":   func(in *monitor.Interval) { in.All.MissesPerHit *= 1.15 },
		"usage variation":  func(in *monitor.Interval) { in.All.UsageCV *= 3 },
		"share of bank 1":  func(in *monitor.Interval) { in.Banks[1].Hits -= 600 },
		"thresholds": func(in *monitor.Interval) {
			for i := range in.Thresholds {
				in.Thresholds[i] += 0.1 * float64(i%2*2-1)
			}
		},
	} {
		for seed := range uint64(10) {
			d, n := newDetector(t), newNoisy(seed)
			settle(t, d, n)
			for k := range 11 {
				require.Less(t, k, 10, "%s, seed %d: no drift", name, seed)
				in := n.interval(0)
				change(&in)
				if f := d.Observe(in); f.Change != monitor.None {
					require.Equal(t, monitor.Finding{Change: monitor.Drift, At: in.To, Signal: name}, f)
					break
				}
			}
			require.False(t, d.Settled())
			require.GreaterOrEqual(t, settle(t, d, n), 16, "it settles again")
		}
	}
}

// The layer's eta says how soon weights can have settled.
func TestSlowWeightsAreWaitedFor(t *testing.T) {
	c := feast.Default()
	c.Eta = 1e-5
	d, err := monitor.NewDetector(c, monitor.DefaultParams())
	require.NoError(t, err)
	n := newNoisy(1)
	// 4 time constants of 32 features are 12.8 million hits.
	require.GreaterOrEqual(t, settle(t, d, n)*60_000, 12_800_000)
}

func TestIntervalsWithoutLearningShowNothing(t *testing.T) {
	d, n := newDetector(t), newNoisy(1)
	settle(t, d, n)
	for range 20 {
		in := n.interval(0.5)
		in.Learning = false
		require.Equal(t, monitor.None, d.Observe(in).Change)
		in = n.interval(0.5)
		in.Banks[0].Hits = 0
		require.Equal(t, monitor.None, d.Observe(in).Change)
	}
	require.True(t, d.Settled())
}
