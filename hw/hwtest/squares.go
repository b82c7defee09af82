package hwtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testSquares has neurons learn whose weights are longer than one by so much that
// their sum of squares takes all of its 32 bits, or more: it has no sign, and is
// modulo 2^32. The surface is empty but for the events, so that dot products keep
// their bounds.
func testSquares(t *testing.T, k *hw.Kernels) {
	// One event of a patch is 2^13 at the most, and one weight 2^15.
	const events = 7
	rng := rand.New(rand.NewPCG(19, 19))
	d, err := hw.NewDecay(20_000, hw.PeakBits(25))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{k: k}
	large := 0
	for turn := range 200 {
		s := newScene(rng, 5, 1, 1+turn%20, d)
		s.begin(1<<30, surfaceFills[0])
		s.setThresholds(thresholdFills[2]) // everybody reaches theirs
		b := s.bank
		s.set(learns)
		b.Eta, b.DeltaI = etas[turn%len(etas)], one/8
		most := rng.Int32N(1<<hw.MasterFraction) + 1
		master := make([]int32, b.Elements())
		for neuron := range b.Neurons {
			for i := range master {
				master[i] = rng.Int32N(2*most+1) - most
			}
			b.SetMaster(neuron, master)
		}
		before := clone(b).Squares
		tr := r.try(t, rng, b, placements[turn%len(placements)], fmt.Sprintf("weights of up to %d", most))
		var steps []hw.Step
		for range 1 + rng.IntN(events) {
			s.now += rng.Uint32N(d.Horizon / 8)
			steps = append(steps, s.anywhere())
		}
		for _, step := range tr.run(t, steps...) {
			if before[step.Winner] >= 1<<31 {
				large++
			}
		}
	}
	if large < 50 {
		t.Fatalf("%d events were learned by weights that are long: the test's are not what it says", large)
	}
}
