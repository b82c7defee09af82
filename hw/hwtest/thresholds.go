package hwtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testThresholds puts thresholds where one less or one more makes another winner.
func testThresholds(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(11, 11))
	made := decays{}
	r := &rig{k: k}
	turn := 0
	each := func(neurons int, test func(s *scene, winner int, at placement)) {
		for winner := range neurons {
			turn++
			if neurons > 20 && turn%5 != 0 {
				continue
			}
			side := []int{1, 3, 5, 11}[turn%4]
			s := newScene(rng, side, 1, neurons, made.get(t, 20_000, hw.PeakBits(side*side)))
			bankFills[turn%2].fill(s)
			// Where nothing else has fired, the norm is a power of two and the edge exact.
			s.begin(1<<30, []surfaceFill{recently, recently, surfaceFills[0]}[turn%3])
			s.set([]mode{selects, learns}[turn/3%2])
			test(s, winner, placements[turn%len(placements)])
		}
	}
	for _, neurons := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65, 130} {
		each(neurons, func(s *scene, winner int, at placement) { r.testReached(t, rng, s, winner, at) })
	}
	for _, neurons := range []int{1, 6, 16, 33} {
		each(neurons, func(s *scene, winner int, at placement) { r.testLowered(t, rng, s, winner, at) })
	}
	r.testUnreachable(t, rng, made.get(t, 20_000, hw.PeakBits(25)))
	r.testNoContext(t, rng, made.get(t, 20_000, hw.PeakBits(25)))
}

// testReached has one neuron that can win: by a threshold that it just reaches,
// and not by the next.
func (r *rig) testReached(t testing.TB, rng *rand.Rand, s *scene, winner int, at placement) {
	t.Helper()
	b := s.bank
	for i := range b.Thresholds {
		b.Thresholds[i] = math.MaxInt32
	}
	step := s.anywhere()
	threshold := edgeAt(b, winner, []hw.Step{step}).threshold
	for beyond, want := range []int32{int32(winner), int32(hw.Missed)} {
		trying := clone(b)
		trying.Thresholds[winner] = threshold + int32(beyond)
		tr := r.try(t, rng, trying, at, fmt.Sprintf("threshold of neuron %d %d beyond the edge", winner, beyond))
		if got := tr.run(t, step)[0].Winner; got != want {
			t.Fatalf("%s: the test is not at the edge: expected winner %d, found %d", tr.what, want, got)
		}
	}
}

// testLowered has the same event over and over: while learning, it is missed until
// it has lowered the threshold of one neuron far enough.
func (r *rig) testLowered(t testing.TB, rng *rand.Rand, s *scene, winner int, at placement) {
	t.Helper()
	const most = 3 * hw.Batch // missed before one is not
	b := s.bank
	s.set(learns)
	b.Eta, b.DeltaI, b.DeltaE = maxEta, 16_777, []int32{1, 50_332, 1 << 27}[rng.IntN(3)]
	step := s.anywhere()
	threshold := edgeAt(b, winner, []hw.Step{step}).threshold
	for i := range b.Thresholds {
		b.Thresholds[i] = math.MaxInt32 - rng.Int32N(1<<20)
	}
	missed := rng.IntN(most + 1)
	for beyond, want := range []int32{int32(winner), int32(hw.Missed)} {
		trying := clone(b)
		trying.Thresholds[winner] = threshold + int32(missed)*b.DeltaE + int32(beyond)
		tr := r.try(t, rng, trying, at, fmt.Sprintf("threshold of neuron %d %d beyond the edge behind %d missed events", winner, beyond, missed))
		steps := slices.Repeat([]hw.Step{step}, missed+3)
		after := tr.run(t, steps...)
		if got := after[missed].Winner; got != want {
			t.Fatalf("%s: the test is not at the edge: expected winner %d, found %d", tr.what, want, got)
		}
	}
}

// testUnreachable has thresholds that no context reaches, and such that all do.
func (r *rig) testUnreachable(t testing.TB, rng *rand.Rand, d *hw.Decay) {
	t.Helper()
	for _, neurons := range []int{1, 4, 15, 16, 17, 40} {
		for _, threshold := range []int32{math.MaxInt32, math.MaxInt32 - 1, 2 * one, -2 * one, math.MinInt32 + 1, math.MinInt32} {
			for i, fill := range bankFills {
				for _, m := range modes {
					s := newScene(rng, 5, 1, neurons, d)
					fill.fill(s)
					s.begin(1<<30, recently)
					s.set(m)
					b := s.bank
					b.Eta, b.DeltaI, b.DeltaE = etas[4], 16_777, 50_332
					for i := range b.Thresholds {
						b.Thresholds[i] = threshold
					}
					tr := r.try(t, rng, b, placements[i%2], fmt.Sprintf("thresholds all %d", threshold))
					for _, step := range tr.run(t, s.anywhere(), s.anywhere(), s.again(), s.anywhere(), s.anywhere(), s.again()) {
						if missed := step.Winner == int32(hw.Missed); missed != (m.selecting && threshold > 0) {
							t.Fatalf("%s: the test's thresholds are not what it says: winner %d", tr.what, step.Winner)
						}
					}
				}
			}
		}
	}
}

// testNoContext has events whose patch is elsewhere and never fired: all dot
// products are zero, and so is the norm, with which any threshold is reached. What
// the winner learns is nothing at all.
func (r *rig) testNoContext(t testing.TB, rng *rand.Rand, d *hw.Decay) {
	t.Helper()
	for _, m := range modes {
		s := newScene(rng, 5, 1, 20, d)
		bankFills[1].fill(s)
		s.begin(1<<30, surfaceFills[0])
		s.set(m)
		s.setThresholds(thresholdFills[4])
		s.bank.Thresholds[0] = math.MaxInt32 - 2*one
		s.bank.Eta, s.bank.DeltaI, s.bank.DeltaE = maxEta, one/2, one
		step := s.at(0, 0, 0, s.now)
		step.Cell = uint32(len(s.bank.Cells) - 1)
		if s.width == 5 && s.height == 5 {
			s.bank.Cells = append(s.bank.Cells, 0)
			step.Cell++
		}
		tr := r.try(t, rng, s.bank, placements[0], "a patch that never fired")
		if got := tr.run(t, step, step)[1].Winner; got != 0 {
			t.Fatalf("%s: the test's patch has fired: winner %d", tr.what, got)
		}
	}
}
