//go:build !purego

package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
)

// Patches whose rows are put together, beside those that just miss it: rows of the
// surface around the 16 cells that it takes, ages with a shift to the left, another
// decay, two planes. A kernel that never took the way of its own would pass hwtest too,
// so what the block says is required as well.
func TestDenseContexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	const now = 1 << 24
	for _, target := range []hw.Target{avx2{}, avx512{}} {
		t.Run(target.Name(), func(t *testing.T) {
			if err := target.Usable(); err != nil {
				t.Skip(err)
			}
			k := target.Kernels()
			for side := 1; side <= 19; side += 2 {
				long, err := hw.NewDecay(20_000, hw.PeakBits(2*side*side))
				require.NoError(t, err)
				short, err := hw.NewDecay(1_000, hw.PeakBits(2*side*side))
				require.NoError(t, err)
				linear, err := hw.NewLinearDecay(60_000, hw.PeakBits(2*side*side))
				require.NoError(t, err)
				for _, d := range []*hw.Decay{long, short, linear} {
					for stride := max(side, 14); stride <= max(side, 18); stride++ {
						for planes := 1; planes <= 2; planes++ {
							p := hw.Patch{Side: side, Stride: stride, Planes: planes, Plane: side * stride, Decay: d}
							requireContext(t, rng, k, &p, now)
							dense := side >= 5 && side <= 13 && stride >= 16 && planes == 1 && d == long
							var b block
							b.setPatch(&p)
							require.Equal(t, dense, b.dense != 0, "side %d, stride %d, %d planes", side, stride, planes)
						}
					}
				}
			}
		})
	}
}

// requireContext compares a context with that of portable Go; the patch fills its
// surface, between cells of now that are not of it.
func requireContext(t *testing.T, rng *rand.Rand, k *hw.Kernels, p *hw.Patch, now uint32) {
	t.Helper()
	cells := make([]uint32, p.Span())
	for i := range cells {
		cells[i] = now - rng.Uint32N(2*p.Decay.Horizon)
		if rng.IntN(8) == 0 {
			cells[i] = now + rng.Uint32N(math.MaxInt16) // of the future
		}
	}
	c, want := make([]int16, hw.ContextSpace(p.Elements())), make([]int16, hw.ContextSpace(p.Elements()))
	what := fmt.Sprintf("side %d, stride %d, %d planes, tau %d us, linear: %t", p.Side, p.Stride, p.Planes, p.Decay.Tau, p.Decay.Linear)
	wantSum := context(want, cells, 0, p, now)
	require.Equal(t, wantSum, k.Context(c, cells, 0, p, now), what)
	require.Equal(t, want, c, what)
}
