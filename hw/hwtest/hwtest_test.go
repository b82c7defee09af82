package hwtest_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

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
