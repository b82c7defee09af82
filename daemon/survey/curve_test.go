package survey

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// However long the run, a curve has its first point, its last, and between them points
// that are evenly apart, no more than there is room for and no fewer than half of that.
func TestCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 5000).Draw(t, "points")
		var c curve[int]
		for i := range n {
			c.add(i)
		}
		got := c.all()
		require.LessOrEqual(t, len(got), maxMoments+1)
		require.GreaterOrEqual(t, len(got), min(n, maxMoments/2))
		if n == 0 {
			require.Empty(t, got)
			return
		}
		require.Equal(t, 0, got[0])
		require.Equal(t, n-1, got[len(got)-1])
		for i := range got[:len(got)-1] {
			require.Equal(t, i*c.every, got[i])
		}
		require.Equal(t, got, c.all(), "looking changes nothing")
	})
}
