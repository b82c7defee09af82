package hwtest

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// testConcurrent runs all kernels from several goroutines, each on memory of its
// own; the race detector and the results tell whether they share any.
func testConcurrent(t *testing.T, k *hw.Kernels) {
	const side, neurons = 11, 33
	var group sync.WaitGroup
	d, err := hw.NewDecay(20_000, hw.PeakBits(side*side))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(6, uint64(i)))
			parts, whole := &rig{k: k}, &rig{k: k}
			// t.Fatal is not for other goroutines than the test's own.
			tb := &elsewhere{TB: t}
			defer tb.recover()
			for round := range 12 {
				w := window{Patch: hw.Patch{Side: side, Stride: 40, Planes: 1, Decay: d}, now: 1 << 30, fill: recently, at: placements[0]}
				parts.testContext(tb, rng, &w)
				parts.testMatch(tb, rng, neurons, side*side, round, placements[0])
				parts.testLearn(tb, rng, side*side, 4_294_967, masterFills[0], contextFills[0], placements[0])
				whole.testRun(tb, rng, newScene(rng, side, 1, neurons, d), round, 24)
			}
		})
	}
	group.Wait()
}

// elsewhere is a test seen from another goroutine: a failure ends what that
// goroutine does, by a panic, and is reported with Errorf.
type elsewhere struct {
	testing.TB
}

type failed struct{}

func (e *elsewhere) Fatalf(format string, args ...any) {
	e.Helper()
	e.Errorf(format, args...)
	panic(failed{})
}

func (e *elsewhere) Fatal(args ...any) {
	e.Helper()
	e.Error(args...)
	panic(failed{})
}

func (e *elsewhere) recover() {
	if p := recover(); p != nil {
		if _, ok := p.(failed); !ok {
			panic(p)
		}
	}
}
