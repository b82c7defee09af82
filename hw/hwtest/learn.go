package hwtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

var etas = []int32{0, 1, 1 << 12, 1<<22 + 1, 4_294_967, 1 << 25, maxEta - 1, maxEta}

func testLearn(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(4, 4))
	r := &rig{k: k}
	check := func(turn, elements int) {
		for i, masters := range masterFills {
			for j, contexts := range contextFills {
				at := placements[(turn+i+j)%len(placements)]
				r.testLearn(t, rng, elements, etas[(turn/2+i+j)%len(etas)], masters, contexts, at)
			}
		}
	}
	for elements := 1; elements <= 130; elements++ {
		check(elements, elements)
	}
	if testing.Short() {
		return
	}
	for radius := 6; radius <= maxRadius; radius++ {
		check(radius, (2*radius+1)*(2*radius+1))
	}
	for _, elements := range []int{2 * 13 * 13, 3 * 31 * 31, 64 * 11 * 11} {
		check(elements, elements)
	}
}

func (r *rig) testLearn(t testing.TB, rng *rand.Rand, elements int, eta int32, masters masterFill, contexts contextFill, at placement) {
	t.Helper()
	row := hw.ContextLen(elements)
	master := slot[int32](t, &r.arena, theMaster, row, at)
	weights := slot[int16](t, &r.arena, theWeights, row, at)
	c := slot[int16](t, &r.arena, theContexts, row, at)
	masters.fill(rng, master[:elements])
	for i, m := range master {
		weights[i] = hw.MatchWeight(m)
	}
	// Several steps, so that each starts from what the one before has made.
	for step := range 3 {
		fillContext(rng, contexts, c[:elements])
		r.checkLearn(t, master, weights, c, elements, eta,
			fmt.Sprintf("%d elements, eta %d, weights %s, context %s, step %d, %s", elements, eta, masters.name, contexts.name, step, at.name))
	}
}

// checkLearn runs the kernel on slices that are in their slots, and compares.
func (r *rig) checkLearn(t testing.TB, master []int32, weights, c []int16, elements int, eta int32, what string) {
	t.Helper()
	p := hw.NewPull(hw.Norm(sumOfSquares(c)), defineDot(weights, c), sumOfSquares(weights), eta)
	r.checkPull(t, master, weights, c, elements, p, what)
}

// checkPull does the same with a pull that need not follow from the weights.
func (r *rig) checkPull(t testing.TB, master []int32, weights, c []int16, elements int, p hw.Pull, what string) {
	t.Helper()
	what = "Learn, " + what
	before, want, wantWeights := slices.Clone(c), slices.Clone(master), slices.Clone(weights)
	wantSquares := defineLearn(want[:elements], wantWeights[:elements], c[:elements], p)
	var gotSquares uint32
	r.run(t, what, func() { gotSquares = r.k.Learn(master, weights, c, p) })
	for i := range elements {
		if master[i] != want[i] {
			t.Fatalf("%s: master weight %d: expected %d, found %d", what, i, want[i], master[i])
		}
		if weights[i] != wantWeights[i] {
			t.Fatalf("%s: match weight %d: expected %d, found %d", what, i, wantWeights[i], weights[i])
		}
	}
	if gotSquares != wantSquares {
		t.Fatalf("%s: sum of squares of the match weights: expected %d, found %d", what, wantSquares, gotSquares)
	}
	zeroBehind(t, what+": the master weights", master, elements)
	zeroBehind(t, what+": the match weights", weights, elements)
	if !slices.Equal(before, c) {
		t.Fatalf("%s: the context was written", what)
	}
}
