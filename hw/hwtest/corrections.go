package hwtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testCorrections looks at dot products of events that were matched before the
// neuron learned from an event ahead of them. A few neurons win one event after the
// other. The threshold of the one that wins the last is such that it just reaches
// it, and in a second trial such that it fails by the least there is. The contexts
// are of a small scale, which makes that less than one unit of the dot product: one
// that was not corrected, or with other weights, shows as the wrong winner in one of
// the two.
func testCorrections(t *testing.T, k *hw.Kernels) {
	const peakBits = 4
	rng := rand.New(rand.NewPCG(10, 10))
	d, err := hw.NewDecay(20_000, peakBits)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{k: k}
	turn := 0
	for _, neurons := range []int{1, 2, 3, 4, 5, 8, 16, 17, 33} {
		for among := range neurons {
			for ahead := range 3*hw.Batch + 1 {
				turn++
				if testing.Short() && turn%4 != 0 {
					continue
				}
				side := []int{3, 5, 7, 11, 17}[turn%5]
				s := newScene(rng, side, 1+turn%2, neurons, d)
				bankFills[0].fill(s)
				s.begin(1<<30, recently)
				r.testCorrection(t, rng, s, among, ahead, placements[turn%len(placements)])
			}
		}
	}
}

func (r *rig) testCorrection(t testing.TB, rng *rand.Rand, s *scene, among, ahead int, at placement) {
	t.Helper()
	b := s.bank
	s.set(learns)
	b.Eta = etas[1+rng.IntN(len(etas)-1)]
	if rng.IntN(2) == 0 {
		b.Eta = maxEta
	}
	// A win lifts a threshold from far below every cosine to where it is to be, or
	// from further below; all but a few neurons are barred.
	b.DeltaI, b.DeltaE = 4*one, 1
	for i := range b.Thresholds {
		b.Thresholds[i] = math.MaxInt32
	}
	const reached = -(1 << 30)
	b.Thresholds[among] = reached
	for range rng.IntN(3) {
		b.Thresholds[rng.IntN(b.Neurons)] = reached
	}
	steps := make([]hw.Step, 0, ahead+1)
	for range ahead + 1 {
		s.now += rng.Uint32N(s.bank.Decay.Horizon / 8)
		steps = append(steps, s.anywhere())
	}

	result := slices.Clone(steps)
	defineRun(clone(b), result)
	winner := result[ahead].Winner
	wins := int32(-1)
	for _, step := range result {
		if step.Winner == winner {
			wins++
		}
	}
	edge := edgeAt(b, int(winner), steps)
	if edge.norm >= 1<<hw.MatchShift {
		t.Fatalf("a context of the norm %d: a unit of the threshold must be less than one of the dot product", edge.norm)
	}
	for _, beyond := range []int32{0, 1} {
		trying := clone(b)
		trying.Thresholds[winner] = edge.threshold - wins*b.DeltaI + beyond
		tr := r.try(t, rng, trying, at, fmt.Sprintf("neuron %d wins %d of %d and the last", winner, wins, ahead))
		if got := tr.run(t, steps...)[ahead].Winner; (got == winner) != (beyond == 0) {
			t.Fatalf("%s: the test is not at the edge: %d beyond, winner %d", tr.what, beyond, got)
		}
	}
}

// edge is the highest threshold that a context reaches with a neuron.
type edge struct {
	threshold int32
	norm      uint32
}

// edgeAt is the edge of a neuron at the last of some steps.
func edgeAt(b *hw.Bank, neuron int, steps []hw.Step) edge {
	b, steps = clone(b), slices.Clone(steps)
	last := steps[len(steps)-1]
	defineRun(b, steps[:len(steps)-1])
	b.Cells[last.Cell] = last.Now
	c := make([]int16, b.Elements())
	norm := hw.Norm(defineContext(c, b.Cells, int(last.First), &b.Patch, last.Now))
	dot := int64(defineDot(b.Weights[neuron*hw.ContextLen(len(c)):][:len(c)], c))
	threshold := (dot << hw.MatchShift) / int64(norm)
	if threshold*int64(norm) > dot<<hw.MatchShift { // rounded up, below zero
		threshold--
	}
	return edge{narrow(threshold), norm}
}
