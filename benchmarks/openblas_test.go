package benchmarks

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// The layer that is measured, of as many inputs as a sensor of 34x34 has pixels.
const (
	denseRows   = 256
	denseInputs = 1156
)

// deltaDensities are the shares of inputs that change in a step.
var deltaDensities = []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1}

// BenchmarkDeltaDense is one layer of 256x1156: the product in float32 by OpenBLAS, the
// product of the same kernel that deltas are added by, and deltas at several densities,
// alone and as whole steps of an engine, one thread. It ends with tables of nanoseconds.
//
// An iteration is a round over all of them. What is given is the best of many short
// batches in all rounds: on a machine that is shared, a time in which nothing else runs
// comes to each of them in some round.
func BenchmarkDeltaDense(b *testing.B) {
	t := &denseTable{best: map[string]float64{}, blas: map[string]string{}}
	for _, core := range openBLASCores {
		b.Run("openblas/"+core, func(b *testing.B) { t.openBLAS(b, core) })
	}
	b.Run("ours", func(b *testing.B) {
		n := denseNetwork(b)
		for _, target := range hw.Targets() {
			if target.Usable() == nil {
				t.add(b, n, target)
			}
		}
		for b.Loop() {
			for _, c := range t.cases {
				t.measure(c.key, c.run)
			}
		}
	})
	t.print()
}

// openBLASCores are those that OpenBLAS has kernels of for machines as ours are. Which one
// it takes by itself is not always the fastest; the fastest is what is compared with.
var openBLASCores = []string{"Zen", "Haswell", "SkylakeX", "Cooperlake"}

// denseTable is what was measured, in nanoseconds.
type denseTable struct {
	cases []denseCase
	best  map[string]float64
	blas  map[string]string // what OpenBLAS said, by core
}

// denseCase is something to measure; run is called with how often it was called before.
type denseCase struct {
	key string
	run func(i int)
}

func key(t hw.Target, what string, density float64) string {
	return fmt.Sprintf("%s %s %v", t.Name(), what, density)
}

// add adds what is measured of a target. Density 0 stands for the dense product.
func (t *denseTable) add(b *testing.B, n *delta.Network, target hw.Target) {
	k := &target.Kernels().Delta
	t.cases = append(t.cases, denseCase{key(target, "columns", 0), columnsOf(k, walkedFrames(1), false)})
	for _, density := range deltaDensities {
		frames := walkedFrames(density)
		t.cases = append(t.cases,
			denseCase{key(target, "columns", density), columnsOf(k, frames, false)},
			denseCase{key(target, "listed", density), columnsOf(k, frames, true)})
		for mode, name := range []string{"auto", "delta", "dense"} {
			e, err := delta.NewEngineWith(n, target, delta.Options{Mode: delta.Mode(mode)})
			require.NoError(b, err)
			t.cases = append(t.cases, denseCase{key(target, "engine-"+name, density), stepsOf(b, e, frames)})
		}
	}
}

// measure takes the best of several batches that take a twentieth of a millisecond or
// more each, so that the clock costs nothing.
func (t *denseTable) measure(key string, run func(i int)) {
	const batches, least = 60, 50 * time.Microsecond
	best, found := t.best[key]
	if !found {
		best = math.Inf(1)
	}
	calls, count := 0, 1
	for k := 0; k < batches; {
		start := time.Now()
		for range count {
			run(calls)
			calls++
		}
		took := time.Since(start)
		if took < least && count < 1<<16 {
			count *= 2
			continue
		}
		best = min(best, float64(took.Nanoseconds())/float64(count))
		k++
	}
	t.best[key] = best
}

// denseNetwork is a layer of random weights.
func denseNetwork(b *testing.B) *delta.Network {
	top := &topology.Topology{
		Input:  topology.Input{Shape: topology.Shape{Channels: denseInputs, Height: 1, Width: 1}, Max: 60},
		Layers: []topology.Layer{{Name: "hidden", Kind: topology.Linear, Out: denseRows, NoBias: true}},
	}
	n, err := delta.New(top, []delta.Params{{Weights8: denseWeights()}}, delta.Scales{Input: 1, Output: []float64{1}})
	require.NoError(b, err)
	return n
}

func denseWeights() []int8 {
	rng := rand.New(rand.NewPCG(1, 1))
	out := make([]int8, denseRows*denseInputs)
	for i := range out {
		out[i] = int8(rng.IntN(255) - 127)
	}
	return out
}

// walkedFrames are frames of which a share of the values changes from one to the next, and
// from the last to the first; none is zero, so that only change is sparse.
func walkedFrames(density float64) (frames [][]int32) {
	const way = 5 // there and back again are eight steps
	rng := rand.New(rand.NewPCG(1, 2))
	now := make([]int32, denseInputs)
	for i := range now {
		now[i] = 1 + rng.Int32N(60)
	}
	for range way {
		frames = append(frames, slices.Clone(now))
		for _, i := range rng.Perm(denseInputs)[:int(math.Round(density*denseInputs))] {
			now[i] = now[i]%60 + 1
		}
	}
	for k := way - 2; k > 0; k-- {
		frames = append(frames, frames[k])
	}
	return frames
}

// columnsOf adds the columns of what changed, listed ahead or in every step. There are
// eight lists, taken by turns, so that the weights come from where a whole matrix does.
func columnsOf(k *hw.DeltaKernels, frames [][]int32, listed bool) func(i int) {
	weights, z := denseWeights(), make([]int32, denseRows)
	before, list := slices.Clone(frames[len(frames)-1]), make([]hw.Delta, denseInputs)
	var lists [][]hw.Delta
	for _, frame := range frames {
		n, _, _, _ := k.Changes(list, before, frame, 0)
		lists = append(lists, slices.Clone(list[:n]))
	}
	if !listed {
		return func(i int) { k.Columns8(z, weights, denseRows, lists[i%len(lists)]) }
	}
	return func(i int) {
		n, _, _, _ := k.Changes(list, before, frames[i%len(frames)], 0)
		k.Columns8(z, weights, denseRows, list[:n])
	}
}

func stepsOf(b *testing.B, e *delta.Engine, frames [][]int32) func(i int) {
	for _, frame := range frames {
		_, err := e.Step(frame)
		require.NoError(b, err)
	}
	return func(i int) {
		if _, err := e.Step(frames[i%len(frames)]); err != nil {
			panic(err) // the frames were taken before
		}
	}
}

// openBLAS measures OpenBLAS with the kernels of a core.
func (t *denseTable) openBLAS(b *testing.B, core string) {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		b.Skip("no gcc to compile the peer with")
	}
	program := filepath.Join(b.TempDir(), "openblas")
	out, err := exec.CommandContext(b.Context(), gcc, "-O3", "-march=native", "-o", program, "peer/openblas.c", "-lopenblas", "-lm").CombinedOutput()
	if err != nil {
		b.Skipf("no OpenBLAS to compile the peer with: %s", firstLine(out))
	}
	for b.Loop() {
		cmd := exec.CommandContext(b.Context(), program, fmt.Sprint(denseRows), fmt.Sprint(denseInputs), "100")
		cmd.Env = append(os.Environ(), "OPENBLAS_CORETYPE="+core, "OPENBLAS_NUM_THREADS=1")
		out, err := cmd.Output()
		if err != nil {
			b.Skipf("OpenBLAS does not run as on %s here: %v", core, err)
		}
		var chosen string
		var byRows, byColumns float64
		_, err = fmt.Sscan(string(out), &chosen, &byRows, &byColumns)
		require.NoError(b, err)
		if !strings.EqualFold(chosen, core) {
			b.Skipf("OpenBLAS takes %s for %s", chosen, core)
		}
		best := min(byRows, byColumns)
		if old, found := t.best["openblas"]; !found || best < old {
			t.best["openblas"] = best
		}
		if old, found := t.best[core]; !found || best < old {
			t.best[core] = best
			t.blas[core] = fmt.Sprintf("%s %.0f", chosen, best)
		}
	}
}

func firstLine(text []byte) string {
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
