package window_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta/window"
)

// What an input reaches is what the windows, laid over the padded image one by one,
// hold of it.
func TestReachIsWhatWindowsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var size, kernel, stride [2]int
		var padding [4]int
		for a := range 2 {
			kernel[a] = rapid.IntRange(1, 6).Draw(t, "kernel")
			stride[a] = rapid.IntRange(1, 8).Draw(t, "stride")
			padding[a] = rapid.IntRange(0, kernel[a]-1).Draw(t, "before")
			padding[a+2] = rapid.IntRange(0, kernel[a]-1).Draw(t, "after")
			size[a] = rapid.IntRange(max(1, kernel[a]-padding[a]-padding[a+2]), 14).Draw(t, "size")
		}
		w := window.New(size, kernel, stride, padding)
		pairs := int64(1)
		for a, axis := range []*window.Axis{&w.Y, &w.X} {
			want := make([][]window.Reach, size[a])
			outputs, met := 0, int64(0)
			for at := -padding[a]; at+kernel[a] <= size[a]+padding[a+2]; at += stride[a] {
				from, to := axis.From(outputs, size[a])
				for tap := range kernel[a] {
					in := at+tap >= 0 && at+tap < size[a]
					require.Equal(t, in, at+tap >= from && at+tap < to)
					if in {
						want[at+tap] = append(want[at+tap], window.Reach{Out: int32(outputs), Tap: int32(tap)})
						met++
					}
				}
				outputs++
			}
			require.Equal(t, outputs, axis.Out)
			for i := range want {
				require.ElementsMatch(t, want[i], axis.Of(i))
			}
			pairs *= met
		}
		require.Equal(t, pairs, w.Pairs())
	})
}
