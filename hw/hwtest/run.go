package hwtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testRun takes banks of every shape and kind through events of every kind. What
// the other tests of Run look at one by one is met here all together.
func testRun(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(8, 8))
	made := decays{}
	r := &rig{k: k}
	turn := 0
	check := func(side, planes, neurons, events int) {
		turn++
		tau := []int64{20_000, taus[turn/2%len(taus)]}[turn%2]
		if turn%5 == 0 {
			tau = -tau
		}
		d := made.get(t, tau, hw.PeakBits(planes*side*side))
		r.testRun(t, rng, newScene(rng, side, planes, neurons, d), turn, events)
	}
	for neurons := 1; neurons <= 130; neurons++ {
		check([]int{1, 3, 5, 7, 11}[neurons%5], 1+neurons%3, neurons, 48)
		if !testing.Short() {
			for _, side := range []int{1, 3, 5, 11} {
				check(side, 1, neurons, 48)
			}
		}
	}
	for radius := range maxRadius + 1 {
		if testing.Short() && radius > 8 {
			break
		}
		check(2*radius+1, 1, 5, 24)
		check(2*radius+1, 1+radius%3, 18, 24)
	}
	for _, of := range [][2]int{{1, 2}, {1, 31}, {1, 32}, {1, 33}, {1, 63}, {3, 16}, {3, 130}, {5, 64}} {
		check(of[0], of[1], 20, 48)
	}
	check(5, 1, 16, 1000)
	if testing.Short() {
		return
	}
	check(11, 64, 32, 24)
	for _, neurons := range []int{255, 256, 257, 1000, maxNeurons} {
		for range 3 {
			check(5, 1, neurons, 24)
		}
	}
	check(13, 2, maxNeurons, 12)
}

// testRun runs a scene, in calls of any number of steps.
func (r *rig) testRun(t testing.TB, rng *rand.Rand, s *scene, turn, events int) {
	t.Helper()
	b := s.bank
	weights, thresholds, cells := bankFills[rng.IntN(len(bankFills))], thresholdFills[rng.IntN(len(thresholdFills))], surfaceFills[rng.IntN(len(surfaceFills))]
	if turn%2 == 0 { // as layers are used, so that winners change
		weights, thresholds, cells = bankFills[0], thresholdFills[0], recently
	}
	weights.fill(s)
	s.setThresholds(thresholds)
	s.begin(starts(b.Decay)[turn%5], cells)
	s.set([]mode{learns, learns, selects, learns, infers}[turn%5])
	b.Eta = etas[rng.IntN(len(etas))]
	b.DeltaI = thresholdSteps[rng.IntN(len(thresholdSteps))]
	b.DeltaE = thresholdSteps[rng.IntN(len(thresholdSteps))]
	if rng.IntN(3) == 0 {
		b.MinRecent = 1 + rng.IntN(min(b.Elements()+1, 12))
		b.Recent = int16([]int{1, 1 + rng.IntN(1<<b.Decay.PeakBits), 1 << b.Decay.PeakBits}[rng.IntN(3)])
	}
	what := fmt.Sprintf("weights %s, thresholds %s, cells %s from %d on", weights.name, thresholds.name, cells.name, s.now)
	tr := r.try(t, rng, b, placements[turn/3%len(placements)], what)
	most := []int{1, 4, 10, events}[rng.IntN(4)] // steps of a call
	for tr.events < events {
		tr.run(t, s.steps(rng.IntN(min(most, events-tr.events)+1))...)
		if rng.IntN(6) == 0 { // learning is switched between two calls
			m := modes[rng.IntN(len(modes))]
			s.set(m)
			tr.got.Selecting, tr.got.Learning = m.selecting, m.learning
		}
	}
}

// testCalls cuts the same steps into calls of any length, from none to all at once.
func testCalls(t *testing.T, k *hw.Kernels) {
	const events = 40
	d, err := hw.NewDecay(20_000, hw.PeakBits(9))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{k: k}
	for i, m := range modes {
		rng := rand.New(rand.NewPCG(9, uint64(i)))
		s := newScene(rng, 3, 1, 19, d)
		b := s.bank
		b.Eta, b.DeltaI, b.DeltaE = maxEta, one/8, one/32
		b.MinRecent, b.Recent = 2, 1<<(d.PeakBits-2)
		s.set(m)
		bankFills[0].fill(s)
		s.setThresholds(thresholdFills[1])
		s.begin(1<<30, recently)
		steps := s.steps(events)
		whole := clone(b)
		result := append([]hw.Step(nil), steps...)
		defineRun(whole, result)
		for size := 0; size <= events; size++ {
			tr := r.try(t, rng, clone(b), placements[size%len(placements)], fmt.Sprintf("calls of %d steps", size))
			tr.run(t)
			for at := 0; at < events; {
				// A call of none at all is followed by one of the rest.
				end := min(at+size, events)
				if size == 0 {
					end = events
				}
				same(t, tr.what+": step", tr.run(t, steps[at:end]...), result[at:end])
				at = end
			}
			tr.compare(t, tr.what)
			same(t, tr.what+": threshold of neuron", tr.got.Thresholds, whole.Thresholds)
			same(t, tr.what+": master weight", tr.got.Master, whole.Master)
		}
	}
}
