package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
)

// Frames of 1156 values, by how many of them are others than in the frame before.
func BenchmarkChanges(b *testing.B) {
	for _, density := range []float64{0.01, 0.1, 0.5} {
		frames, _ := walkFrames(b, density)
		for _, s := range deltaSets {
			b.Run(fmt.Sprintf("1156/density=%v/%s", density, s.name), func(b *testing.B) {
				before, list := make([]int32, 1156), make([]hw.Delta, 1156)
				for i := 0; b.Loop(); i++ {
					s.delta.Changes(list, before, frames[i%len(frames)], 0)
				}
			})
		}
	}
}

// The levels of 256 sums with a multiplier each.
func BenchmarkLevels(b *testing.B) {
	_, sums := walkFrames(b, 0.1)
	mul, shift := make([]int32, 256), make([]int32, 256)
	for i := range mul {
		mul[i], shift[i] = 1<<30+int32(i), 34
	}
	for _, many := range []int{1, 256} {
		l, err := hw.NewLevelling(mul[:many], shift[:many], 0, 127, 0)
		require.NoError(b, err)
		for _, s := range deltaSets {
			b.Run(fmt.Sprintf("256/multipliers=%d/%s", many, s.name), func(b *testing.B) {
				out, list := make([]int32, 256), make([]hw.Delta, 256)
				for i := 0; b.Loop(); i++ {
					s.delta.Levels(list, out, sums[i%len(sums)][:256], 0, l)
				}
			})
		}
	}
}

// walkFrames are frames of which a share changes from one to the next, and sums that
// change all.
func walkFrames(tb testing.TB, density float64) (frames, sums [][]int32) {
	tb.Helper()
	rng := rand.New(rand.NewPCG(6, 6))
	now := make([]int32, 1156)
	for range 64 {
		sum := make([]int32, len(now))
		for i := range now {
			if rng.Float64() < density {
				now[i] = rng.Int32N(60)
			}
			sum[i] = rng.Int32N(2000) - 1000
		}
		frames, sums = append(frames, append([]int32(nil), now...)), append(sums, sum)
	}
	return frames, sums
}
