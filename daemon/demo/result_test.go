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
