package sweep

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/predict"
)

func someHeader() header {
	return header{
		Version: version, Recordings: 30, Data: "abc", Score: scoreVersion,
		Pool: pool.Config{CellWidth: 5, CellHeight: 5, Source: pool.SourceFeatures, Spread: pool.SpreadBilinear, Transform: pool.TransformSqrt, Norm: pool.NormL2},
	}
}

func someResult(neurons int) Result {
	c := feast.Default()
	c.Neurons = neurons
	return Result{
		Recordings: 30, Config: c, MissedRate: 0.02, Seconds: 1.5,
		Score: predict.Score{Separability: 1.0 / 3, Hardest: predict.Pair{Is: "4", Like: "<9>", Spreads: 0.7}},
	}
}

// file is the bytes of a results file.
func file(t testing.TB, h header, results ...Result) []byte {
	b, err := json.Marshal(h)
	require.NoError(t, err)
	b = append(b, '\n')
	for _, r := range results {
		line, err := json.Marshal(r)
		require.NoError(t, err)
		b = append(append(b, line...), '\n')
	}
	return b
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	j, results, err := openJournal(path, someHeader())
	require.NoError(t, err)
	require.Empty(t, results)
	want := []Result{someResult(3), someResult(4), someResult(5)}
	for i, r := range want {
		require.NoError(t, j.add(r))
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(file(t, someHeader(), want[:i+1]...)), string(b), "it is there at once")
	}
	require.NoError(t, j.close())
	_, results, err = openJournal(path, someHeader())
	require.NoError(t, err)
	require.Equal(t, want, results, "all bits of them")
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "temporary files")
}

// Wherever a file was cut off, the whole lines before are kept, and what is added next
// stands in a line of its own.
func TestJournalCutAnywhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	whole := file(t, someHeader(), someResult(3), someResult(4))
	head := bytes.IndexByte(whole, '\n') + 1
	for n := range len(whole) + 1 {
		require.NoError(t, os.WriteFile(path, whole[:n], 0o600))
		j, results, err := openJournal(path, someHeader())
		if n < head {
			require.ErrorContains(t, err, "expected a results file of a sweep, found another file")
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, whole[:n], b, "and it is as it was")
			continue
		}
		require.NoError(t, err)
		require.Len(t, results, bytes.Count(whole[head:n], []byte("\n")))
		require.NoError(t, j.add(someResult(7)))
		require.NoError(t, j.close())
		j, again, err := openJournal(path, someHeader())
		require.NoError(t, err)
		require.NoError(t, j.close())
		require.Equal(t, append(results, someResult(7)), again)
	}
}

func TestJournalsOfOthers(t *testing.T) {
	h := someHeader()
	change := func(f func(*header)) []byte {
		other := h
		f(&other)
		return file(t, other, someResult(3))
	}
	good := string(file(t, h, someResult(3), someResult(4)))
	head := strings.IndexByte(good, '\n') + 1
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"recordings": {change(func(h *header) { h.Data = "abd" }), "its results are of other recordings: give another name for the results"},
		"number":     {change(func(h *header) { h.Recordings = 31 }), "its results are of 31 recordings, and this sweep is over 30"},
		"pooling":    {change(func(h *header) { h.Pool.CellWidth = 6 }), "its results are pooled in another way: cells of 6x5, bilinear, sqrt, l2"},
		"version":    {change(func(h *header) { h.Version = 2 }), "expected version 1, found 2"},
		"score":      {change(func(h *header) { h.Score = 9 }), "its scores are of version 9, and this saccade computes version 1"},
		"text":       {[]byte("notes\n"), "found another file: give another name"},
		"no line":    {[]byte("notes"), "found another file"},
		"empty":      {nil, "found another file"},
		"other JSON": {[]byte("{\"neurons\":3}\n"), "found another file"},
		"half":       {[]byte(strings.Replace(good, `"config"`, "\n", 1)), "line 2, at byte"},
		"unknown":    {[]byte(strings.Replace(good, `"seconds"`, `"hours"`, 1)), `unknown field "hours"`},
		"no config":  {[]byte(good[:head] + "{}\n"), "config: geometry 0x0"},
		"out":        {[]byte(strings.Replace(good, `"neurons":4`, `"neurons":-4`, 1)), "line 3, at byte "},
		"many":       {[]byte(strings.Replace(good, `{"recordings":30`, `{"recordings":9999`, 1)), "recordings 9999: expected 1 to 4096"},
		"two":        {[]byte(strings.Replace(good, "}\n{\"recordings\":30,\"config\"", "}{\"recordings\":30,\"config\"", 2)), ""},
		"blank line": {[]byte(good + "\n"), "line 4, at byte "},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "results.jsonl")
			require.NoError(t, os.WriteFile(path, c.file, 0o600))
			_, _, err := openJournal(path, h)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "results.jsonl: ")
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(c.file), string(b), "a file that is refused is as it was")
		})
	}
	_, _, err := openJournal(t.TempDir(), h)
	require.ErrorContains(t, err, "expected a results file, found something else")
	missing := filepath.Join(t.TempDir(), "no", "results.jsonl")
	_, _, err = openJournal(missing, h)
	require.ErrorContains(t, err, "create "+missing)
}

// FuzzJournal: whatever the bytes, they are refused, or their results are written and
// read again.
func FuzzJournal(f *testing.F) {
	f.Add(file(f, someHeader()))
	f.Add(file(f, someHeader(), someResult(3), someResult(4))[:900])
	f.Add([]byte("{\"saccade_sweep\":1}\n{}\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		results, length, err := parseJournal(b, someHeader())
		if err != nil {
			require.Empty(t, results)
			return
		}
		require.LessOrEqual(t, length, len(b))
		again, all, err := parseJournal(file(t, someHeader(), results...), someHeader())
		require.NoError(t, err)
		require.Positive(t, all)
		require.Equal(t, results, again)
	})
}

// A line that is no result is told with one reason, what cannot be read of it.
func TestJournalSaysOnceWhatIsWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.jsonl")
	require.NoError(t, os.WriteFile(path, append(file(t, someHeader()), "junk\n"...), 0o600))
	_, _, err := openJournal(path, someHeader())
	require.ErrorContains(t, err, `expected a result, found "junk": invalid character`)
	require.NotContains(t, err.Error(), "\n")
}
