package hil

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Every number lies in its class, and classes follow each other without a gap.
func TestClasses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := rapid.Uint64Range(0, math.MaxUint64/2).Draw(rt, "number") >> rapid.IntRange(0, 62).Draw(rt, "shift")
		c := classOf(v)
		low, high := lowest(c), lowest(c+1)-1
		require.LessOrEqual(rt, low, v)
		require.GreaterOrEqual(rt, high, v)
		require.LessOrEqual(rt, float64(high-low), float64(low)/64)
		require.Equal(rt, c+1, classOf(high+1))
	})
}

// Quantiles are those of the numbers themselves, to 1/64.
func TestQuantiles(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfN(rapid.Uint64Range(0, 1<<40), 1, 300).Draw(rt, "values")
		var h Histogram
		for _, v := range values {
			h.Add(v)
		}
		slices.Sort(values)
		d := h.Distribution("ns")
		require.Equal(rt, uint64(len(values)), d.Count)
		require.Equal(rt, values[0], d.Min)
		require.Equal(rt, values[len(values)-1], d.Max)
		for _, q := range []struct {
			share float64
			found uint64
		}{{0.5, d.P50}, {0.9, d.P90}, {0.99, d.P99}, {0.999, d.P999}} {
			exact := values[max(int(math.Ceil(q.share*float64(len(values))))-1, 0)]
			require.GreaterOrEqual(rt, q.found, exact)
			require.LessOrEqual(rt, float64(q.found-exact), float64(exact)/64)
		}
		var total uint64
		for _, c := range d.Classes {
			total += c.Count
		}
		require.Equal(rt, d.Count, total)
	})
	require.Nil(t, new(Histogram).Distribution("ns"))
}
