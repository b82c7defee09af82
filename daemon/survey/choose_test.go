package survey

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events/nmnist"
)

func recordings(labels ...string) (out []nmnist.Recording) {
	for i, l := range labels {
		out = append(out, nmnist.Recording{Path: fmt.Sprint(i), Label: l})
	}
	return out
}

// As many of each label as of any other, as far as there are, in the order given.
func TestEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := recordings(rapid.SliceOfN(rapid.SampledFrom([]string{"0", "1", "2", "3"}), 1, 60).Draw(t, "labels")...)
		most := rapid.IntRange(0, 70).Draw(t, "most")
		before := slices.Clone(in)
		out := Evenly(in, label, most)
		require.Equal(t, before, in)
		if most == 0 || most >= len(in) {
			require.Equal(t, in, out)
			return
		}
		require.Len(t, out, most)
		count := func(list []nmnist.Recording) map[string]int {
			n := map[string]int{}
			for _, s := range list {
				n[s.Label]++
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

func TestFirstsAndLabels(t *testing.T) {
	in := recordings("b", "b", "a", "c", "a")
	require.Equal(t, []nmnist.Recording{in[0], in[2], in[3]}, Firsts(in, label, 9))
	require.Equal(t, []nmnist.Recording{in[0], in[2]}, Firsts(in, label, 2))
	require.Empty(t, Firsts(in, label, 0))
	require.Equal(t, []string{"a", "b", "c"}, Labels(in, label))
	require.Empty(t, Labels(in[:0], label))
}
