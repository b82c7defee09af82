package hil

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// answersOf makes the words of n results, and the results.
func answersOf(rng *rand.Rand, seq uint16, n, features int, detail bool) (words []uint32, results []hwfpga.Result) {
	for i := range n {
		r := hwfpga.Result{Seq: seq + uint16(i), Winner: int16(rng.IntN(features+6)) - 6}
		words = append(words, hwfpga.ResultWord(r.Seq, r.Winner))
		if detail {
			r.Dot, r.Norm = int32(rng.Uint32()), rng.Uint32()>>12
			words = append(words, uint32(r.Dot), r.Norm)
		}
		results = append(results, r)
	}
	return append(words, hwfpga.ResultWord(77, hwfpga.MarkResult)), results
}

// Words that all came are what they are; where some are lost, repeated or changed, the results that are whole are still
// found, but for those right beside the damage, and none is invented.
func TestAlign(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		n, features, detail := 50+rng.IntN(200), 1+rng.IntN(40), rng.IntN(4) > 0
		seq := uint16(rng.Uint32())
		words, want := answersOf(rng, seq, n, features, detail)
		a := align(words, seq, n, features, detail)
		require.Equal(rt, want, a.results)
		require.NotContains(rt, a.there, false)
		require.Zero(rt, a.stray)

		per := (len(words) - 1) / n
		at := rng.IntN(len(words) - 1)
		damaged := slices.Clone(words)
		switch rng.IntN(3) {
		case 0:
			damaged = slices.Delete(damaged, at, at+1)
		case 1:
			damaged = slices.Insert(damaged, at, damaged[at])
		case 2:
			damaged[at] ^= 1 << rng.IntN(32)
		}
		a = align(damaged, seq, n, features, detail)
		hurt := at / per
		for i := range n {
			if i < hurt-1 || i > hurt+1 {
				require.True(rt, a.there[i], "result %d, damage in %d", i, hurt)
			}
			if a.there[i] && i != hurt {
				require.Equal(rt, want[i], a.results[i], "result %d, damage in %d", i, hurt)
			}
		}
		require.LessOrEqual(rt, a.stray, per+1)
	})
}

// Whatever comes, it is taken for something or for nothing.
func FuzzAlign(f *testing.F) {
	f.Add([]byte("any words at all"), uint16(9), true)
	f.Fuzz(func(t *testing.T, in []byte, seq uint16, detail bool) {
		var words []uint32
		for i, b := range in {
			words = append(words, uint32(seq+uint16(i/3))<<16|uint32(b))
		}
		a := align(words, seq, 8, 5, detail)
		require.Len(t, a.results, 8)
		require.LessOrEqual(t, a.stray, len(words))
	})
}
