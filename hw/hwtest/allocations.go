package hwtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

func testAllocations(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(7, 7))
	const side, neurons = 11, 16
	const n = side * side
	d, err := hw.NewDecay(20_000, hw.PeakBits(n))
	if err != nil {
		t.Fatal(err)
	}
	none := func(what string, kernel func()) {
		if got := testing.AllocsPerRun(20, kernel); got != 0 {
			t.Errorf("%s: expected no allocation, found %v a call", what, got)
		}
	}
	s := newScene(rng, side, 1, neurons, d)
	bankFills[0].fill(s)
	s.begin(1<<30, recently)
	b := s.bank
	row := hw.ContextLen(n)
	none("Context", func() { k.Context(b.Contexts[:hw.ContextSpace(n)], b.Cells, 0, &b.Patch, 1<<30) })
	none("Match", func() { k.Match(b.Dots, b.Weights, b.Contexts[:hw.Batch*hw.ContextSpace(n)], neurons, n) })
	none("Learn", func() {
		k.Learn(b.Master[:row], b.Weights[:row], b.Contexts[:row], hw.NewPull(hw.Norm(1<<24), 1<<28, 1<<30, 1<<22))
	})

	steps, fresh := make([]hw.Step, 100), s.steps(100)
	b.Eta, b.DeltaI, b.DeltaE, b.MinRecent = etas[4], 16_777, 50_332, 2
	for _, m := range modes {
		s.set(m)
		none(fmt.Sprintf("Run, selecting %t, learning %t", m.selecting, m.learning), func() {
			copy(steps, fresh)
			k.Run(b, steps)
		})
	}
}
