package delta_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/hw"
)

// Engines of one network run at once, as one a sensor does, and share nothing that
// changes.
func TestEnginesShareANetwork(t *testing.T) {
	n := branching(t)
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	// Asked for at once as well, as it is computed when it is first asked for.
	prints := make([][32]byte, 4)
	var wg sync.WaitGroup
	for g := range prints {
		e, err := delta.NewEngine(n, target)
		require.NoError(t, err)
		d := delta.NewDense(n)
		rng := rand.New(rand.NewPCG(uint64(g), 4))
		wg.Go(func() {
			prints[g] = n.Fingerprint()
			in := n.Topology().Input
			input := make([]int32, in.Len())
			for k := range 50 {
				change(rng, input, patterns[k%len(patterns)], in)
				got, err := e.Step(input)
				if err != nil {
					t.Error(err)
					return
				}
				want, err := d.Step(input)
				if err != nil {
					t.Error(err)
					return
				}
				for i := range want {
					if got[i] != want[i] {
						t.Errorf("engine %d, step %d: expected %d, found %d", g, k, want, got)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, [][32]byte{prints[0], prints[0], prints[0], prints[0]}, prints)
}
