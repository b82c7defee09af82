package hwtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

func testMatch(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(2, 2))
	r := &rig{k: k}
	turn := 0
	check := func(neurons, elements int) {
		turn++
		// The guard behind always, the others by turns.
		r.testMatch(t, rng, neurons, elements, turn, placements[0])
		r.testMatch(t, rng, neurons, elements, turn+1, placements[1+turn%3])
	}
	for neurons := 1; neurons <= 130; neurons++ {
		for _, elements := range []int{1, 9, 25, 49, 121} {
			check(neurons, elements)
		}
	}
	for elements := 1; elements <= 130; elements++ {
		for _, neurons := range []int{1, 4, 7, 16, 33} {
			check(neurons, elements)
		}
	}
	if testing.Short() {
		return
	}
	for radius := 6; radius <= maxRadius; radius++ {
		for _, neurons := range []int{1, 6, 16} {
			check(neurons, (2*radius+1)*(2*radius+1))
		}
	}
	for _, elements := range []int{2 * 13 * 13, 3 * 31 * 31, 64 * 11 * 11, 8 * maxSide * maxSide} {
		check(5, elements)
	}
	for _, neurons := range []int{255, 256, 257, 1000, maxNeurons} {
		check(neurons, 13*13)
		check(neurons, 1)
	}
}

// testMatch matches a batch of contexts with neurons of weights of all kinds,
// beginning with the turn's.
func (r *rig) testMatch(t testing.TB, rng *rand.Rand, neurons, elements, turn int, at placement) {
	t.Helper()
	row := hw.ContextLen(elements)
	weights := slot[int16](t, &r.arena, theWeights, hw.NeuronRows(neurons)*row, at)
	master := make([]int32, elements)
	for i := range neurons {
		masterFills[(turn+i)%len(masterFills)].fill(rng, master)
		for j, m := range master {
			weights[i*row+j] = hw.MatchWeight(m)
		}
	}
	contexts := r.contexts(t, rng, elements, turn, at)
	what := fmt.Sprintf("%d neurons, %d elements, contexts from %s on, %s", neurons, elements, contextFills[turn%len(contextFills)].name, at.name)
	r.checkMatch(t, rng, weights, contexts, neurons, elements, nil, what, at)
}

// contexts is a batch of them, one fill after the other.
func (r *rig) contexts(t testing.TB, rng *rand.Rand, elements, turn int, at placement) []int16 {
	t.Helper()
	space := hw.ContextSpace(elements)
	contexts := slot[int16](t, &r.arena, theContexts, hw.Batch*space, at)
	for k := range hw.Batch {
		fillContext(rng, contextFills[(turn+k)%len(contextFills)], contexts[k*space:][:elements])
	}
	return contexts
}

// checkMatch runs the kernel on slices that are in their slots, and compares: with
// want, [Batch][neurons], where that is known, or else with the definition.
func (r *rig) checkMatch(t testing.TB, rng *rand.Rand, weights, contexts []int16, neurons, elements int, want []int32, what string, at placement) {
	t.Helper()
	what = "Match, " + what
	row, space, dotLen := hw.ContextLen(elements), hw.ContextSpace(elements), hw.DotLen(neurons)
	if want == nil {
		want = make([]int32, 0, hw.Batch*neurons)
		for k := range hw.Batch {
			for i := range neurons {
				want = append(want, defineDot(weights[i*row:][:elements], contexts[k*space:][:elements]))
			}
		}
	}
	dots := slot[int32](t, &r.arena, theDots, hw.Batch*dotLen, at)
	for i := range dots {
		dots[i] = int32(rng.Uint32()) // the kernel overwrites, it does not add
	}
	weightsBefore, contextsBefore := slices.Clone(weights), slices.Clone(contexts)
	// Twice, as what is left in a register or on the stack may matter only then.
	for range 2 {
		r.run(t, what, func() { r.k.Match(dots, weights, contexts, neurons, elements) })
		for i, dot := range want {
			if got := dots[i/neurons*dotLen+i%neurons]; got != dot {
				t.Fatalf("%s: dot product of context %d with neuron %d: expected %d, found %d", what, i/neurons, i%neurons, dot, got)
			}
		}
	}
	if !slices.Equal(contextsBefore, contexts) {
		t.Fatalf("%s: the contexts were written", what)
	}
	if !slices.Equal(weightsBefore, weights) {
		t.Fatalf("%s: the weights were written", what)
	}
}

// testLargest is the largest patch with the most neurons. Neurons share a few
// vectors of weights, to spare the time of 16 million for each context.
func testLargest(t *testing.T, k *hw.Kernels) {
	if testing.Short() {
		t.Skip("the largest layer is left out of short tests")
	}
	rng := rand.New(rand.NewPCG(5, 5))
	const n = maxSide * maxSide
	row, space := hw.ContextLen(n), hw.ContextSpace(n)
	r := &rig{k: k}
	at := placements[0]
	weights := slot[int16](t, &r.arena, theWeights, maxNeurons*row, at)
	contexts := r.contexts(t, rng, n, 2, at) // the greatest dot products there are among them
	vectors := make([][]int16, len(masterFills))
	dots := make([][hw.Batch]int32, len(masterFills))
	for i, kind := range masterFills {
		master := make([]int32, n)
		kind.fill(rng, master)
		for _, m := range master {
			vectors[i] = append(vectors[i], hw.MatchWeight(m))
		}
		for k := range hw.Batch {
			dots[i][k] = defineDot(vectors[i], contexts[k*space:][:n])
		}
	}
	want := make([]int32, hw.Batch*maxNeurons)
	for neuron := range maxNeurons {
		i := rng.IntN(len(vectors))
		copy(weights[neuron*row:], vectors[i])
		for k := range hw.Batch {
			want[k*maxNeurons+neuron] = dots[i][k]
		}
	}
	r.checkMatch(t, rng, weights, contexts, maxNeurons, n, want, "the largest layer", at)
}
