package dataset_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/sim/dataset"
)

// labels are those of a set of n recordings of so many classes.
func labels(t require.TestingT, classes, n int, seed uint64) []int {
	k := numbers
	k.Classes = classes
	d, err := dataset.New(k, n, seed)
	require.NoError(t, err)
	require.Equal(t, n, d.Len())
	out := make([]int, n)
	for i := range out {
		out[i] = d.Label(i)
	}
	return out
}

func TestLabelsAreBalanced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(1, dataset.MaxClasses).Draw(t, "classes")
		n := rapid.IntRange(0, 2000).Draw(t, "n")
		counts := make([]int, classes)
		for _, l := range labels(t, classes, n, rapid.Uint64().Draw(t, "seed")) {
			counts[l]++
		}
		for l, c := range counts {
			want := n / classes
			if l < n%classes {
				want++ // the first ones once more
			}
			require.Equal(t, want, c, "label %d", l)
		}
	})
}

func TestLabelsAreMixed(t *testing.T) {
	for _, c := range []struct{ classes, n int }{{10, 1003}, {4, 1002}} {
		all := labels(t, c.classes, c.n, 1)
		require.Equal(t, all, labels(t, c.classes, c.n, 1))
		require.NotEqual(t, all, labels(t, c.classes, c.n, 2))
		same := 0
		for i := range all[1:] {
			if all[i] == all[i+1] {
				same++
			}
		}
		expected := float64(c.n) / float64(c.classes)
		require.InDelta(t, expected, same, 0.4*expected, "neighbours are as often of one class as chance has it")
	}
}

// The order is what seeds stand for: whoever has recordings of a seed has these.
func TestLabelsStayAsTheyAre(t *testing.T) {
	require.Equal(t, []int{1, 1, 0, 2, 2, 4, 4, 0, 3, 3}, labels(t, 5, 10, 7))
}
