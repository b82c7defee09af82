package hwtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testBelowZero has weights that are all negative, so that every dot product is below
// zero. The nearest to zero wins, the lowest index of equals: and neither the zero
// that a search may begin with, nor what lies behind the neurons in the rows of
// weights and of dot products.
func testBelowZero(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(18, 18))
	d, err := hw.NewDecay(20_000, hw.PeakBits(25))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{k: k}
	turn := 0
	for _, neurons := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 18, 31, 32, 33, 63, 64, 65, 130} {
		for winner := range neurons {
			turn++
			if neurons <= 20 || turn%7 == 0 {
				r.testBelowZero(t, rng, newScene(rng, 5, 1, neurons, d), winner, placements[turn%len(placements)])
			}
		}
	}
}

func (r *rig) testBelowZero(t testing.TB, rng *rand.Rand, s *scene, winner int, at placement) {
	t.Helper()
	b := s.bank
	master := make([]int32, b.Elements())
	for neuron := range b.Neurons {
		for i := range master {
			master[i] = -1<<20 - rng.Int32N(1<<20)
		}
		// The first event is alone on the surface: the centre's weight is all that matters.
		master[len(master)/2] = -1<<22 - rng.Int32N(1<<22)
		if neuron == winner {
			master[len(master)/2] = -1 << 21
		}
		b.SetMaster(neuron, master)
	}
	if behind := b.Neurons - 1 - winner; behind > 0 {
		s.equal(winner+1+rng.IntN(behind), winner)
	}
	s.begin(1<<30, surfaceFills[0])
	// In the second trial any cosine suffices, and in the third the same events teach.
	for i := range b.Thresholds {
		b.Thresholds[i] = -2 * one
	}
	b.Eta, b.DeltaI, b.DeltaE = etas[rng.IntN(len(etas))], one/64, 1
	for _, m := range modes {
		trying := clone(b)
		trying.Selecting, trying.Learning = m.selecting, m.learning
		tr := r.try(t, rng, trying, at, fmt.Sprintf("neuron %d is the nearest to zero", winner))
		// As few as fill no batch, and as many as fill more than one.
		s.now = 1 << 30
		steps := []hw.Step{s.anywhere()}
		for range rng.IntN(2 * hw.Batch) {
			s.now += rng.Uint32N(b.Decay.Horizon / 8)
			steps = append(steps, s.anywhere())
		}
		if got := tr.run(t, steps...)[0].Winner; got != int32(winner) {
			t.Fatalf("%s: the test's weights are not what it says: winner %d", tr.what, got)
		}
	}
}
