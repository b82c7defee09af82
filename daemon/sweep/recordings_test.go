package sweep

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events/nmnist"
)

// Every beginning has the labels in equal numbers, and all of it is the folder.
func TestChoose(t *testing.T) {
	var in []nmnist.Recording
	for i := range 60 {
		in = append(in, nmnist.Recording{Path: fmt.Sprintf("%02d", i), Label: []string{"a", "a", "a", "b", "b", "c"}[i/10]})
	}
	c := choose(in, 45)
	require.Equal(t, 3, c.labels)
	require.Len(t, c.order, 45)
	for n := range 31 {
		count := map[string]int{}
		for _, r := range c.first(n) {
			count[r.Label]++
		}
		for _, k := range count {
			require.InDelta(t, float64(n)/3, k, 1)
		}
	}
	require.True(t, slices.IsSortedFunc(c.first(45), func(a, b nmnist.Recording) int { return slices.Compare([]byte(a.Path), []byte(b.Path)) }))
	require.Equal(t, in, choose(in, 1000).first(60))
	require.Equal(t, c, choose(in, 45))
	require.NotEqual(t, []int{0, 30, 50}, c.order[:3], "they are drawn, and not the first ones")
}

func TestLadder(t *testing.T) {
	require.Equal(t, []int{800}, ladder(800, 0, 100))
	require.Equal(t, []int{800}, ladder(800, 1, 100))
	require.Equal(t, []int{266, 800}, ladder(800, 3, 100))
	require.Equal(t, []int{100, 200, 400, 800}, ladder(800, 2, 100))
	require.Equal(t, []int{50}, ladder(50, 2, 100))
}
