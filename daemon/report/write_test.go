package report

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteMakesTheFolderAndReplacesFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	first, _ := write(t, dir, small())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "report.html"), []byte("old"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "of-another.txt"), []byte("kept"), 0o600))
	second, html := write(t, dir, small())
	require.Equal(t, first, second)
	require.Greater(t, len(html), 1000)

	names := make([]string, 0, len(second))
	for _, p := range second {
		names = append(names, filepath.Base(p))
	}
	require.Equal(t, []string{
		"recording-01.png", "recording-02.png", "features-off.png", "features-on.png",
		"course-thresholds.svg", "course-balance.svg", "course-usage.svg", "course-change.svg",
		"missed.svg", "thresholds-off.svg", "thresholds-on.svg", "raster-3.svg", "activation.svg", "confusion.svg", "latency.svg", "report.html",
	}, names)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, len(names)+1, "no temporary file is left, and the stranger's is still there")
}

func TestWriteLeavesNothingHalfDone(t *testing.T) {
	dir := t.TempDir()
	// A folder of that name, with something in it, cannot be replaced by a file.
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "report.html", "x"), 0o755))
	paths, err := Write(dir, small())
	require.ErrorContains(t, err, "report.html")
	require.Len(t, paths, 15, "what was written before is named")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 16, "the temporary file is gone")
	require.DirExists(t, filepath.Join(dir, "report.html", "x"))
}

func TestWriteIntoAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := Write(path, Run{})
	require.ErrorContains(t, err, "report: ")
}
