package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/readout"
)

func TestQuantile(t *testing.T) {
	upTo := func(n int) (out []time.Duration) {
		for i := range n {
			out = append(out, time.Duration(i+1))
		}
		return out
	}
	for _, c := range []struct {
		n, percent int
		want       time.Duration
	}{
		{0, 50, 0},
		{1, 1, 1},
		{1, 50, 1},
		{1, 99, 1},
		{2, 50, 1},
		{2, 51, 2},
		{3, 50, 2},
		{4, 50, 2},
		{99, 99, 99},
		{100, 50, 50},
		{100, 99, 99},
		{101, 99, 100},
		{1000, 99, 990},
		{1000, 100, 1000},
	} {
		require.Equal(t, c.want, quantile(upTo(c.n), c.percent), "%d %% of %d", c.percent, c.n)
	}
}

// By its definition: as many do not exceed it as are asked for, and of what is
// smaller that cannot be said.
func TestQuantileIsTheSmallest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, 50).Draw(t, "ns"))
		}), 1, 300).Draw(t, "durations")
		slices.Sort(in)
		percent := rapid.IntRange(1, 100).Draw(t, "percent")
		q := quantile(in, percent)
		upTo, below := 0, 0
		for _, d := range in {
			if d <= q {
				upTo++
			}
			if d < q {
				below++
			}
		}
		require.GreaterOrEqual(t, 100*upTo, percent*len(in))
		require.Less(t, 100*below, percent*len(in))
	})
}

func TestSettled(t *testing.T) {
	two := func(offHits, onHits, offMissed, onMissed uint64) sample {
		return sample{hits: []uint64{offHits, onHits}, missed: []uint64{offMissed, onMissed}}
	}
	one := func(hits, missed uint64) sample {
		return sample{hits: []uint64{hits}, missed: []uint64{missed}}
	}
	for name, c := range map[string]struct {
		samples      []sample
		hits, missed uint64
	}{
		"none":        {nil, 0, 0},
		"one":         {[]sample{two(10, 20, 1, 2)}, 30, 3},
		"two":         {[]sample{two(10, 20, 1, 2), two(15, 27, 2, 4)}, 12, 3},
		"three":       {[]sample{two(10, 20, 1, 2), two(15, 27, 2, 4), two(16, 27, 2, 5)}, 13, 4},
		"four":        {[]sample{one(1, 1), one(10, 2), one(100, 3), one(1000, 4)}, 990, 2},
		"merged bank": {[]sample{one(100, 50), one(300, 54)}, 200, 4},
	} {
		t.Run(name, func(t *testing.T) {
			hits, missed := settled(c.samples)
			require.Equal(t, c.hits, hits)
			require.Equal(t, c.missed, missed)
		})
	}
}

func TestTogether(t *testing.T) {
	all := together(Pass{Recordings: 1, Events: 100, Seconds: 2, Rate: 50}, Pass{Recordings: 2, Events: 500, Seconds: 1, Rate: 500})
	require.Equal(t, Pass{Recordings: 3, Events: 600, Seconds: 3, Rate: 200}, all)
}

func TestComplete(t *testing.T) {
	good := func() (*collector, replay.Report, wants) {
		rows := [][]float32{{1}, {2}}
		return &collector{passed: &passed{
			recordings: 2, counts: bus.Counts{Events: 30},
			vectors: readout.Data{Rows: rows}, labels: map[string]bus.Label{"a": {}, "b": {}},
		}}, replay.Report{Recordings: 2, Events: 30}, wants{vectors: true, labels: true}
	}
	c, r, w := good()
	require.NoError(t, c.complete(r, 2, w))
	r.Rejected = 3
	require.ErrorContains(t, c.complete(r, 2, w), "3 messages were rejected")
	r.Rejected = 0
	require.ErrorContains(t, c.complete(r, 3, w), "expected 3 recordings to be replayed, found 2")
	r.Events++
	require.ErrorContains(t, c.complete(r, 2, w), "expected results of 31 events, found 30")
	c, r, w = good()
	c.passed.vectors.Rows = c.passed.vectors.Rows[1:]
	require.ErrorContains(t, c.complete(r, 2, w), "expected features of 2 recordings, found 1")
	w.vectors = false
	require.NoError(t, c.complete(r, 2, w))
	delete(c.passed.labels, "a")
	require.ErrorContains(t, c.complete(r, 2, w), "expected labels of 2 recordings, found 1")
}

func sources(labels ...string) (out []replay.Source) {
	for i, l := range labels {
		out = append(out, replay.Source{Path: fmt.Sprint(i), Recording: "Train/" + fmt.Sprint(i), Truth: l})
	}
	return out
}

// As many of each label as of any other, as far as there are, in the order given.
func TestSome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := sources(rapid.SliceOfN(rapid.SampledFrom([]string{"0", "1", "2", "3"}), 1, 60).Draw(t, "labels")...)
		most := rapid.IntRange(0, 70).Draw(t, "most")
		before := slices.Clone(in)
		out := some(in, most)
		require.Equal(t, before, in)
		if most == 0 || most >= len(in) {
			require.Equal(t, in, out)
			return
		}
		require.Len(t, out, most)
		count := func(list []replay.Source) map[string]int {
			n := map[string]int{}
			for _, s := range list {
				n[s.Truth]++
			}
			return n
		}
		last := -1
		for _, s := range out {
			i := slices.Index(in, s)
			require.Greater(t, i, last, "the order stays")
			last = i
		}
		there, taken := count(in), count(out)
		largest := 0
		for _, n := range taken {
			largest = max(largest, n)
		}
		for label, n := range there {
			require.GreaterOrEqual(t, taken[label], min(n, largest-1), "label %s", label)
		}
	})
}

func TestEnough(t *testing.T) {
	require.NoError(t, enough(sources("a", "b", "a", "b", "b"), sources("a", "a")))
	require.NoError(t, enough(sources("a", "b", "a", "b"), nil))
	require.EqualError(t, enough(nil, nil), "Train: expected recordings of two labels or more, found 0")
	require.EqualError(t, enough(sources("a", "a"), sources("a")), "Train: expected recordings of two labels or more, found 1")
	require.EqualError(t, enough(sources("a", "b", "c", "b", "a"), nil),
		"Train: expected two recordings or more of each label to train on, found one of c among 5")
	require.EqualError(t, enough(sources("a", "b", "b", "a"), sources("a", "x")),
		"Train/1: label x is not among those to train on: Train has [a b]")
}

func TestCheckOne(t *testing.T) {
	o := Options{Geometry: events.Geometry{Width: 34, Height: 34}}
	write := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "a.bin")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	require.NoError(t, o.checkOne(t.Context(), write([]byte{33, 33, 0, 0, 1})))
	path := write([]byte{33, 34, 0, 0, 1})
	require.EqualError(t, o.checkOne(t.Context(), path),
		path+": events reach x 33, y 34, beyond 34x34 pixels: give the sensor's size with --geometry")
	path = write([]byte{0, 240, 0, 0, 0, 0, 240, 0, 0, 0})
	require.ErrorContains(t, o.checkOne(t.Context(), path), path)
	path = write([]byte{33, 33, 0, 0, 1, 7})
	require.ErrorContains(t, o.checkOne(t.Context(), path), "at byte 5")
}
