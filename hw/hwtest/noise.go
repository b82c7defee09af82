package hwtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testNoise counts the recent elements of a context, and has bounds at the count
// and one above it: for values that are in the context, and one above them. Noise
// lies between events that take part, of which it must neither change the batch nor
// the thresholds.
func testNoise(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(13, 13))
	made := decays{}
	r := &rig{k: k}
	turn := 0
	for _, of := range [][2]int{{1, 1}, {1, 33}, {3, 1}, {5, 1}, {5, 3}, {7, 2}, {11, 1}, {31, 1}} {
		side, planes := of[0], of[1]
		if testing.Short() && side > 11 {
			continue
		}
		for _, fill := range []surfaceFill{recently, surfaceFills[0], surfaceFills[1], surfaceFills[3]} {
			for _, m := range modes {
				turn++
				s := newScene(rng, side, planes, 1+turn%20, made.get(t, 20_000, hw.PeakBits(planes*side*side)))
				bankFills[0].fill(s)
				s.begin(1<<30, fill)
				s.set(m)
				r.testNoise(t, rng, s, placements[turn%len(placements)])
			}
		}
	}
}

func (r *rig) testNoise(t testing.TB, rng *rand.Rand, s *scene, at placement) {
	t.Helper()
	b := s.bank
	b.Eta, b.DeltaI, b.DeltaE = maxEta, one/8, one/16
	s.setThresholds(thresholdFills[0])
	step := s.anywhere()
	c := make([]int16, b.Elements())
	stamped := clone(b)
	stamped.Cells[step.Cell] = step.Now
	defineContext(c, stamped.Cells, int(step.First), &b.Patch, step.Now)
	values := slices.Clone(c)
	slices.Sort(values)
	values = slices.Compact(values)
	most := values[len(values)-1]
	for _, recent := range []int16{1, values[rng.IntN(len(values))], values[rng.IntN(len(values))] + 1, most - 1, most, most + 1, 1<<15 - 1} {
		recent = max(recent, 1)
		count := countRecent(c, recent)
		for _, least := range []int{0, 1, count, count + 1, len(c), len(c) + 1} {
			trying := clone(b)
			trying.Recent, trying.MinRecent = recent, least
			tr := r.try(t, rng, trying, at, fmt.Sprintf("%d recent elements", count))
			steps := []hw.Step{step, s.anywhere(), step, s.anywhere(), s.fires(), step, step, step, s.anywhere(), step}
			steps = steps[:1+rng.IntN(len(steps))]
			after := tr.run(t, steps...)
			if noise := after[0].Winner == int32(hw.Noise); noise != (count < least) {
				t.Fatalf("%s: the test's count is wrong: winner %d", tr.what, after[0].Winner)
			}
		}
	}
}
