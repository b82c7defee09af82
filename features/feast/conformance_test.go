package feast_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/hwtest"
	_ "github.com/saccade-dev/saccade/sim/fpga/target"
)

// opener makes layers of a configuration on a target, for the conformance suite.
func opener(c feast.Config, target hw.Target) func(t testing.TB) hw.Layer {
	return func(t testing.TB) hw.Layer {
		t.Helper()
		l, err := feast.New(c, target)
		require.NoError(t, err)
		return l
	}
}

// TestTargetsAgree runs layers on every target that this machine has, against
// purego: the same bits over streams with all that streams do.
func TestTargetsAgree(t *testing.T) {
	purego, err := hw.Find("purego")
	require.NoError(t, err)
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		for i, c := range configs() {
			t.Run(describe(c), func(t *testing.T) {
				if refused(t, c, target) {
					return
				}
				n, each := bearable(target, streamLength(c, 250_000)), 3
				if n < 50 {
					n, each = 50, 5
				}
				streams := hwtest.Streams(c.Geometry(), n, 11)
				if i > 0 {
					// The first layer meets every stream, each of the others every third.
					var third []hwtest.Stream
					for j := i % each; j < len(streams); j += each {
						third = append(third, streams[j])
					}
					streams = third
				}
				hwtest.Layer(t, opener(c, target), opener(c, purego), streams...)
			})
		}
	})
}

// bearable is how long streams may be on a target that says how slow it is, of n that a processor bears.
func bearable(target hw.Target, n int) int {
	const processor = 2_000_000 // events a second, of many
	if p, ok := target.(hw.Paced); ok && p.Pace() < processor {
		return int(float64(n) * p.Pace() / processor)
	}
	return n
}

// refused tells whether a device is not made for a layer: it must say which number is beyond it.
func refused(t *testing.T, c feast.Config, target hw.Target) bool {
	t.Helper()
	_, err := feast.New(c, target)
	if err == nil {
		return false
	}
	require.Implements(t, (*hw.Opener)(nil), target, "a processor takes every layer: %v", err)
	var limit *fpga.LimitError
	if c.Mode == feast.Planes {
		require.ErrorContains(t, err, `mode "planes"`)
	} else {
		require.ErrorAs(t, err, &limit)
		require.Greater(t, limit.Found, limit.Limit)
	}
	return true
}

// TestTargetsAgreeOnRecordings does so over whole recordings, event for event,
// with learning on.
func TestTargetsAgreeOnRecordings(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	purego, err := hw.Find("purego")
	require.NoError(t, err)
	var all hwtest.Stream
	all.Name = "N-MNIST"
	for _, path := range realRecordings(t, data, 1)[:3] {
		all.Events = append(all.Events, readRecording(t, path)...)
	}
	merged := feast.Default()
	merged.Mode, merged.Neurons, merged.Radius, merged.Border = feast.Merged, 33, 3, feast.BorderZero
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		for _, c := range []feast.Config{feast.Default(), merged} {
			t.Run(describe(c), func(t *testing.T) {
				hwtest.Layer(t, opener(c, target), opener(c, purego), all)
			})
		}
	})
}

// realRecordings are the first recordings of each digit of the training half,
// digits in turn as a stream of them would come.
func realRecordings(t *testing.T, data string, each int) []string {
	t.Helper()
	byDigit := make([][]string, 10)
	for digit := range byDigit {
		paths, err := filepath.Glob(filepath.Join(data, "nmnist", "Train", string(rune('0'+digit)), "*.bin"))
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(paths), each)
		slices.Sort(paths)
		byDigit[digit] = paths
	}
	out := make([]string, 0, 10*each)
	for i := range each {
		for _, paths := range byDigit {
			out = append(out, paths[i])
		}
	}
	return out
}

// No packet allocates, whatever is in it.
func TestProcessDoesNotAllocate(t *testing.T) {
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		for _, learning := range []bool{true, false} {
			c := feast.Default()
			l, err := feast.New(c, target)
			require.NoError(t, err)
			l.SetLearning(learning)
			in := movingEdges(c, 500)
			in[100].X = 60000
			in[200].T += 1 << 33 // the base moves, and time runs back
			winners := make([]int16, len(in))
			require.Zero(t, testing.AllocsPerRun(20, func() {
				if err := l.Process(in, winners); err != nil {
					t.Error(err)
				}
				l.Reset()
			}))
		}
	})
}
