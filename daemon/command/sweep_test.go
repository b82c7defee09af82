package command_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A sweep that is interrupted says how to go on, goes on by the same command, computes
// nothing twice and comes to what it would have come to without a stop.
func TestSweepInterruptedAndResumed(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	done(t, "simulate", in("data"), "--train", "30", "--test", "0")
	args := func(model string) []string {
		return []string{
			"train", "feast", in("data/Train"), "-o", in(model), "--json", "--sweep", "--trials", "16", "--jobs", "2",
			"--vary", "neurons=2..6", "--vary", "radius=1,2", "--vary", "tau=2ms..50ms",
		}
	}
	type trial struct {
		Number int             `json:"number"`
		Result json.RawMessage `json:"result"`
	}
	type outcome struct {
		Computed int     `json:"computed"`
		Known    int     `json:"known"`
		Ranking  []trial `json:"ranking"`
	}
	read := func(text string) outcome {
		var o outcome
		require.NoError(t, json.Unmarshal([]byte(text), &o))
		return o
	}
	whole := read(done(t, args("whole.model")...))
	require.Equal(t, 17, whole.Computed)
	require.Zero(t, whole.Known)

	results := in("parts.model.sweep.jsonl")
	count := func() int {
		b, err := os.ReadFile(results)
		if err != nil {
			return 0
		}
		return bytes.Count(b, []byte("\n"))
	}
	sweep := start(t, args("parts.model")...)
	require.Eventually(t, func() bool { return count() >= 4 }, patience, time.Millisecond)
	sweep.stop()
	require.Equal(t, 1, sweep.wait(t))
	require.Empty(t, sweep.out.String())
	require.Regexp(t, `^saccade: \d+ of 17 configurations are in \S+parts\.model\.sweep\.jsonl: the same command goes on from there\n  interrupted\n$`, sweep.err.String())
	require.NoFileExists(t, in("parts.model"))
	known := count() - 1
	require.GreaterOrEqual(t, known, 3)
	require.Less(t, known, 17, "it was stopped in the middle")
	// And as if it had been killed while it wrote.
	f, err := os.OpenFile(results, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"recordings":30,"conf`)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	parts := read(done(t, args("parts.model")...))
	require.Equal(t, known, parts.Known)
	require.Equal(t, 17-known, parts.Computed)
	require.Len(t, parts.Ranking, 17)
	for i := range parts.Ranking {
		require.Equal(t, whole.Ranking[i].Number, parts.Ranking[i].Number)
		one, _, _ := strings.Cut(string(whole.Ranking[i].Result), `"seconds"`)
		other, _, _ := strings.Cut(string(parts.Ranking[i].Result), `"seconds"`)
		require.Equal(t, one, other)
	}
	want, err := os.ReadFile(in("whole.model"))
	require.NoError(t, err)
	got, err := os.ReadFile(in("parts.model"))
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, 18, count())
}
