package hwtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testTies has neurons with equal weights: of those that can win, the one with the
// lowest index does.
func testTies(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(12, 12))
	d, err := hw.NewDecay(20_000, hw.PeakBits(25))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{k: k}
	for _, of := range []struct{ neurons, every int }{{2, 1}, {3, 1}, {5, 1}, {9, 1}, {18, 3}, {34, 11}, {130, 301}} {
		pair := 0
		for second := range of.neurons {
			for first := range second {
				pair++
				if pair%of.every == 0 && (!testing.Short() || pair%4 == 0) {
					r.testTie(t, rng, newScene(rng, 5, 1, of.neurons, d), first, second, placements[pair%len(placements)])
				}
			}
		}
	}
}

// testTie has two neurons that are better than all others. Where the first of them
// does not reach its threshold, the second wins; and while learning, the winner
// changes, so that the next event of a batch finds no equals any more.
func (r *rig) testTie(t testing.TB, rng *rand.Rand, s *scene, first, second int, at placement) {
	t.Helper()
	b := s.bank
	s.begin(1<<30, surfaceFills[0])
	step := s.anywhere()
	// The event is alone on the surface: the centre's weight is all that matters.
	master := make([]int32, b.Elements())
	for neuron := range b.Neurons {
		masterFills[0].fill(rng, master)
		// Less by so much that it stays less when rounded to a match weight.
		master[len(master)/2] = 1<<22 + rng.Int32N(1<<22-1<<10)
		b.SetMaster(neuron, master)
	}
	master[len(master)/2] = 1 << 23
	b.SetMaster(first, master)
	masterFills[0].fill(rng, master)
	master[len(master)/2] = 1 << 23
	b.SetMaster(second, master)
	b.Eta, b.DeltaI, b.DeltaE = etas[rng.IntN(len(etas))], thresholdSteps[rng.IntN(5)], 16_777

	for _, m := range modes {
		for _, bar := range []int{-1, first, second} {
			if bar >= 0 && !m.selecting {
				continue
			}
			trying := clone(b)
			trying.Selecting, trying.Learning = m.selecting, m.learning
			want := int32(first)
			if bar >= 0 {
				trying.Thresholds[bar] = math.MaxInt32
				want = int32(first + second - bar)
			}
			tr := r.try(t, rng, trying, at, fmt.Sprintf("neurons %d and %d are equal, %d is barred", first, second, bar))
			after := tr.run(t, step, step, s.again(), step, s.anywhere())
			if got := after[0].Winner; got != want {
				t.Fatalf("%s: the test's neurons are not equal: expected winner %d, found %d", tr.what, want, got)
			}
		}
	}
}
