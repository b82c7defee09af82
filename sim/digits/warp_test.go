package digits

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The weights of a spline are those of a mean, and go over smoothly from cell to cell.
func TestSpline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(0, 1).Draw(t, "v")
		cell, b := spline(v)
		require.True(t, cell >= 0 && cell < lattice)
		sum, centre := 0.0, 0.0
		for i, w := range b {
			require.GreaterOrEqual(t, w, -1e-15)
			sum += w
			centre += w * float64(cell+i-1)
		}
		require.InDelta(t, 1, sum, 1e-12)
		require.InDelta(t, v*lattice, centre, 1e-12, "splines keep a straight line")
	})
}

func TestWarpIsSmoothAndBounded(t *testing.T) {
	w := newWarp(0.2, rand.New(rand.NewPCG(1, 1)))
	last := w.apply(point{0, 0.3})
	moved := 0.0
	for i := 1; i <= 1000; i++ {
		p := point{float64(i) / 1000, 0.3}
		q := w.apply(p)
		require.LessOrEqual(t, math.Abs(q.x-p.x), 0.2)
		require.LessOrEqual(t, math.Abs(q.y-p.y), 0.2)
		require.InDelta(t, last.x, q.x, 0.004)
		require.InDelta(t, last.y, q.y, 0.004)
		moved = max(moved, math.Abs(q.y-p.y))
		last = q
	}
	require.Greater(t, moved, 0.01)
	still := newWarp(0, rand.New(rand.NewPCG(1, 1)))
	require.Equal(t, point{0.2, 0.7}, still.apply(point{0.2, 0.7}))
}
