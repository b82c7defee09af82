package chart

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAreaHasGaps(t *testing.T) {
	nan := math.NaN()
	c := New(10, 10, "")
	c.Area("area", []Point{{0, 1}, {1, 1}, {2, nan}, {3, 1}, {4, 2}, {5, 3}, {6, nan}, {7, 1}}, []Point{{0, 5}, {1, 6}, {2, 5}, {3, 5}, {4, 5}, {5, 5}, {6, 5}, {7, 5}})
	require.Contains(t, c.Inline(), `<path class="area" d="M0 1L1 1L1 6L0 5ZM3 1L4 2L5 3L5 5L4 5L3 5Z"/>`, "and a point on its own has no area")
	c = New(10, 10, "")
	c.Area("area", []Point{{0, nan}, {1, 1}}, []Point{{0, 5}, {1, math.Inf(1)}})
	require.NotContains(t, c.Inline(), "path")
}

// Every dot that can be drawn is, once for each place.
func TestDots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var points []Point
		want := map[string]bool{}
		for range rapid.IntRange(0, 50).Draw(t, "n") {
			p := Point{float64(rapid.IntRange(0, 5).Draw(t, "x")), float64(rapid.IntRange(0, 5).Draw(t, "y")) + 0.5}
			if rapid.IntRange(0, 9).Draw(t, "bad") == 0 {
				p.X = math.Inf(1)
			} else {
				want["M"+number(p.X)+" "+number(p.Y)+"h0"] = true
			}
			points = append(points, p)
		}
		c := New(10, 10, "")
		c.Dots("dots on", 2, points)
		got := map[string]bool{}
		for _, d := range strings.Split(c.Inline(), "M")[1:] {
			d, _, _ = strings.Cut(d, `"`)
			got["M"+d] = true
		}
		require.Equal(t, want, got)
	})
	c := New(10, 10, "")
	c.Dots("dots", 1.5, []Point{{1, 1}, {1.01, 1}, {2, 1}})
	require.Contains(t, c.Inline(), `<path class="dots" stroke-width="1.5" d="M1 1h0M2 1h0"/>`)
}
