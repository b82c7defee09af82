package hwtest_test

import (
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// A suite that finds nothing is worth nothing: here are kernels with the mistakes
// that kernels have, made from purego's, and what the suite must say to each. It
// says so in a process of its own, as the test there has to fail.
var broken = map[string]struct {
	part string // of the suite
	says string
	make func(k *hw.Kernels)
}{
	"context reads behind the last row": {"context", "behind the end of the slice of the surface", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, s []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
			touched = uint64(*behind(s))
			return context(c, s, stride, side, now, d)
		}
	}},
	"context reads before the first row": {"context", "before the slice of the surface", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, s []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
			touched = uint64(*(*uint32)(unsafe.Add(unsafe.Pointer(&s[0]), -4)))
			return context(c, s, stride, side, now, d)
		}
	}},
	"context writes whole registers": {"context", "behind the patch was written", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, s []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
			sum := context(c, s, stride, side, now, d)
			clear(c[side*side:])
			return sum
		}
	}},
	"context lets ages wrap": {"context", "value at x", func(k *hw.Kernels) {
		k.Context = func(c []int16, s []uint32, stride, side int, now uint32, d *hw.Decay) (sum uint32) {
			for i := range side * side {
				c[i] = d.Value(now - s[i/side*stride+i%side])
				sum += uint32(c[i]) * uint32(c[i])
			}
			return sum
		}
	}},
	"context sums in 31 bits": {"context", "sum of squares", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, s []uint32, stride, side int, now uint32, d *hw.Decay) uint32 {
			return min(context(c, s, stride, side, now, d), 1<<31-1)
		}
	}},
	"match writes a dot too many": {"match", "the slice of the dot products", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights []uint64, c []int16) {
			match(dots, weights, c)
			*behind(dots) = 0
		}
	}},
	"match adds to what is there": {"match", "dot product of neuron 0", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights []uint64, c []int16) {
			before := slices.Clone(dots)
			match(dots, weights, c)
			for i := range dots {
				dots[i] += before[i]
			}
		}
	}},
	"match saturates": {"largest", "dot product of neuron", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights []uint64, c []int16) {
			match(dots, weights, c)
			for i := range dots {
				dots[i] = max(min(dots[i], 2_000_000_000), -2_000_000_000)
			}
		}
	}},
	"pack loses the neighbour": {"pack", "dot product of neuron", func(k *hw.Kernels) {
		pack := k.Pack
		k.Pack = func(weights []uint64, neurons, neuron int, master []int32) {
			if neuron%2 == 0 && neuron+1 < neurons {
				pack(weights, neurons, neuron+1, make([]int32, len(master)))
			}
			pack(weights, neurons, neuron, master)
		}
	}},
	"pack lets a one overflow": {"match", "dot product of neuron", func(k *hw.Kernels) {
		pack := k.Pack
		k.Pack = func(weights []uint64, neurons, neuron int, master []int32) {
			m := slices.Clone(master)
			for i, v := range m {
				m[i] = int32(int16((v+1<<8)>>9)) << 9
			}
			pack(weights, neurons, neuron, m)
		}
	}},
	"learn does not round": {"learn", "Learn, side", func(k *hw.Kernels) {
		k.Learn = func(master []int32, c []int16, reciprocal uint32, eta int32) {
			var sum int64
			for i, m := range master {
				m += int32(int64(hw.Normalised(c[i], reciprocal)-m) * int64(eta) >> 32)
				master[i] = m
				sum += int64(m) * int64(m)
			}
			factor := hw.Renormal(sum)
			for i, m := range master {
				master[i] = m + hw.MulHigh(m, factor)
			}
		}
	}},
	"learn forgets the last weight": {"learn", "Learn, side", func(k *hw.Kernels) {
		learn := k.Learn
		k.Learn = func(master []int32, c []int16, reciprocal uint32, eta int32) {
			last := master[len(master)-1]
			learn(master, c, reciprocal, eta)
			master[len(master)-1] = last
		}
	}},
	"learn panics": {"learn", "panicked", func(k *hw.Kernels) {
		k.Learn = func(master []int32, _ []int16, _ uint32, _ int32) { _ = master[len(master):][0] }
	}},
	"match allocates": {"allocations", "expected no allocation", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights []uint64, c []int16) {
			scratch = make([]int32, len(dots))
			match(dots, weights, c)
		}
	}},
}

// What the broken kernels read and allocate must not be optimised away.
var (
	touched uint64
	scratch []int32
)

// behind is the element behind the end of a slice.
func behind[T any](s []T) *T {
	var zero T
	return (*T)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), len(s)*int(unsafe.Sizeof(zero))))
}

const (
	brokenEnv = "SACCADE_HWTEST_BROKEN"
	skipEnv   = "SACCADE_HWTEST_SKIP"
)

func purego(t *testing.T) hw.Target {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return target
}

// TestBrokenKernels is the test that has to fail, in the other process.
func TestBrokenKernels(t *testing.T) {
	b, found := broken[os.Getenv(brokenEnv)]
	if !found {
		t.Skip("run by TestKernelsFindsMistakes")
	}
	k := *purego(t).Kernels()
	b.make(&k)
	hwtest.Kernels(t, &k)
}

func TestKernelsFindsMistakes(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(name, "reads") && runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
				t.Skip("no pages that cannot be read on this system")
			}
			out, failed := runTest(t, "^TestBrokenKernels$/^"+broken[name].part+"$", brokenEnv+"="+name)
			require.True(t, failed, "the suite passed:\n%s", out)
			require.Contains(t, out, broken[name].says)
			require.NotContains(t, out, "goroutine ", "the suite reports, it does not crash")
		})
	}
}

// runTest runs a test of this binary in another process.
func runTest(t *testing.T, pattern string, env ...string) (out string, failed bool) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes, which user-mode emulators are not sure to survive")
	}
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), exe, "-test.run="+pattern, "-test.v")
	cmd.Env = append(os.Environ(), env...)
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit)
	}
	return string(b), err != nil
}

// TestSkippedTarget is one that leaves a target out, in the other process.
func TestSkippedTarget(t *testing.T) {
	how := os.Getenv(skipEnv)
	if how == "" {
		t.Skip("run by TestTargets")
	}
	hwtest.Targets(t, func(t *testing.T, _ hw.Target) {
		if how == "skip" {
			t.Skip("left out")
		}
		t.Parallel()
	})
}

func TestTargets(t *testing.T) {
	const missing = "target purego can be used here and was not exercised"
	out, failed := runTest(t, "^TestSkippedTarget$", skipEnv+"=skip")
	require.True(t, failed)
	require.Contains(t, out, missing)

	out, failed = runTest(t, "^TestSkippedTarget$/nothing", skipEnv+"=no")
	require.True(t, failed, "left out by a pattern:\n%s", out)
	require.Contains(t, out, missing)

	out, failed = runTest(t, "^TestSkippedTarget$", skipEnv+"=no")
	require.False(t, failed, "in parallel:\n%s", out)
}

func TestStreamsAreTheSame(t *testing.T) {
	g := events.Geometry{Width: 34, Height: 20}
	a, b := hwtest.Streams(g, 500, 1), hwtest.Streams(g, 500, 1)
	require.Equal(t, a, b, "for a seed")
	require.NotEqual(t, a, hwtest.Streams(g, 500, 2), "for another")
	require.PanicsWithValue(t, hwtest.PanicGeometry, func() { hwtest.Streams(events.Geometry{}, 1, 1) })

	for _, s := range hwtest.Streams(g, 5000, 1) {
		require.Len(t, s.Events, 5000, s.Name)
		if s.Name == "gaps" {
			require.Greater(t, s.Events[len(s.Events)-1].T, int64(3)<<32, "hours of stream")
		}
		for _, e := range s.Events {
			require.LessOrEqual(t, e.P, events.On)
			if s.Name != "events outside" {
				require.True(t, g.Contains(e.X, e.Y), "%s: %+v", s.Name, e)
			}
		}
	}
}
