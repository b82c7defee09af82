package command_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A training that is interrupted says how to go on, and by the same command comes to the bytes that it would
// have come to.
func TestTrainDeltaInterruptedAndResumed(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	done(t, "simulate", in("data"), "--train", "30", "--test", "0")
	args := func(net string, more ...string) []string {
		return append([]string{
			"train", "delta", in("data/Train"), "-o", in(net), "--json", "--epochs", "400", "--batch", "4", "--interval", "100ms",
			"--pool", "6", "--hidden", "64", "--hold-out", "0.34", "--again",
		}, more...)
	}
	done(t, args("whole.delta")...)

	training := in("digits.training")
	first := start(t, args("parts.delta", "--checkpoint", training)...)
	require.Eventually(t, func() bool { _, err := os.Stat(training); return err == nil }, patience, time.Millisecond)
	first.stop()
	require.Equal(t, 1, first.wait(t))
	require.Empty(t, first.out.String())
	require.Regexp(t, `^saccade: \d+ of 5200 updates are in \S+digits\.training: the same command goes on from there\n  interrupted\n$`, first.err.String())
	require.NoFileExists(t, in("parts.delta"))

	done(t, args("parts.delta", "--checkpoint", training)...)
	want, err := os.ReadFile(in("whole.delta"))
	require.NoError(t, err)
	got, err := os.ReadFile(in("parts.delta"))
	require.NoError(t, err)
	require.Equal(t, want, got)
}
