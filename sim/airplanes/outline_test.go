package airplanes

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Silhouettes are closed lines without crossings, symmetrical, of size 1 and about their
// centroid: crossings would be filled twice and make centroids wrong.
func TestOutlines(t *testing.T) {
	for c, o := range outlines {
		name := Class(c).String()
		require.InDelta(t, 1, size(o), 1e-12, name)
		centre := centroid(o)
		require.InDelta(t, 0, centre.x, 1e-12, name)
		require.InDelta(t, 0, centre.y, 1e-12, name)
		require.LessOrEqual(t, radius(o), reach, name)
		for _, p := range o {
			require.Contains(t, o, point{p.x, -p.y}, "%s: the mirror image of a corner", name)
		}
		for i := range o {
			for j := i + 2; j < len(o); j++ {
				if i == 0 && j == len(o)-1 {
					continue // neighbours
				}
				require.False(t, cross(o[i], o[i+1], o[j], o[(j+1)%len(o)]), "%s: sides %d and %d cross", name, i, j)
			}
		}
		// What Config.MinSize says.
		b := bounds(o)
		require.InDelta(t, 0.85, b.Bottom-b.Top, 0.16, "%s: span", name)
		require.InDelta(t, 0.8, b.Right-b.Left, 0.4, "%s: length", name)
	}
	require.Equal(t, "propeller", Propeller.String())
	require.Equal(t, "Class(4)", Class(Classes).String())
}

// cross tells whether two lines cross between their ends.
func cross(a, b, c, d point) bool {
	side := func(a, b, p point) float64 { return (b.x-a.x)*(p.y-a.y) - (b.y-a.y)*(p.x-a.x) }
	return side(a, b, c)*side(a, b, d) < 0 && side(c, d, a)*side(c, d, b) < 0
}

func TestTurn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		turns := rapid.Float64Range(-50, 50).Draw(t, "turns")
		r := turn(turns)
		require.InDelta(t, math.Cos(2*math.Pi*turns), r.cos, 1e-13)
		require.InDelta(t, math.Sin(2*math.Pi*turns), r.sin, 1e-13)
		by := rapid.Float64Range(-2, 2).Draw(t, "by")
		both := r.then(turn(by))
		sum := turn(turns + by)
		require.InDelta(t, sum.cos, both.cos, 1e-13)
		require.InDelta(t, sum.sin, both.sin, 1e-13)
	})
	require.Equal(t, point{-2, 1}, turn(0.25).of(point{1, 2}))
	require.Equal(t, rotation{1, 0}, turn(3))
}
