package command_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/command"
	"github.com/saccade-dev/saccade/features/delta"
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

// A file that has a network and nothing else, as of a network that was made elsewhere, is told its frames, and written with
// them and with labels; until then it cannot be judged, and what to do is said.
func TestTrainDeltaOfANetworkAlone(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	fails := func(code int, args ...string) string {
		t.Helper()
		var out, says bytes.Buffer
		require.Equal(t, code, command.Run(t.Context(), args, &out, &says), "%s", &says)
		return says.String()
	}
	done(t, "simulate", in("data"), "--train", "20", "--test", "10")
	frames := []string{"--interval", "100ms", "--pool", "6", "--kind", "counts"}
	done(t, append([]string{"train", "delta", in("data/Train"), "-o", in("raw.delta"), "--epochs", "3", "--batch", "4", "--hidden", "16", "--hold-out", "0.5"}, frames...)...)
	net, err := delta.Load(in("raw.delta"))
	require.NoError(t, err)
	require.NoError(t, net.Save(in("alone.delta")))

	says := fails(1, "eval", in("alone.delta"), in("data/Test"))
	require.Contains(t, says, "alone.delta: the file has a network alone: it does not say what frames the network is given")
	require.Contains(t, says, "'saccade train delta DIR --refine "+in("alone.delta")+" --epochs 0 -o NET.delta' writes one that says it")
	again := []string{"train", "delta", in("data/Train"), "-o", in("told.delta"), "--refine", in("alone.delta"), "--epochs", "0", "--hold-out", "0.5"}
	require.Contains(t, fails(2, again...), "the file has no frames: say those that the network was trained on")
	require.Contains(t, fails(1, append(again, "--pool", "5", "--kind", "counts")...), "the network's input does not fit the frames: expected 2 planes of 7x7")
	done(t, append(again, frames...)...)
	raw, err := os.ReadFile(in("raw.delta"))
	require.NoError(t, err)
	told, err := os.ReadFile(in("told.delta"))
	require.NoError(t, err)
	require.Equal(t, raw, told, "temperatures among it, which are of the same recordings")
	done(t, "eval", in("told.delta"), in("data/Test"))

	// With other labels, its outputs would stand for something else.
	require.NoError(t, os.Rename(in("data/Train/9"), in("data/Train/nine")))
	again[4] = in("other.delta")
	again[6] = in("told.delta")
	require.Contains(t, fails(1, again...), `told.delta: the network's labels: expected those of the recordings, ["0" "1" "2" "3" "4" "5" "6" "7" "8" "nine"], found `)
	require.NoFileExists(t, in("other.delta"))
	require.Contains(t, fails(1, "serve", "--model", in("told.delta"), "--data-dir", in("state")), "expected a model, found a delta network alone")
}
