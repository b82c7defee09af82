package wholefile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/wholefile"
)

// A reader sees either the old file or the new one: the new one is another file
// under the same name.
func TestWriteKeepsAnOpenFileWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, wholefile.Write(path, []byte("old")))
	open, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, open.Close()) })
	require.NoError(t, wholefile.Write(path, []byte("newer")))
	old := make([]byte, 8)
	n, err := open.Read(old)
	require.NoError(t, err)
	require.Equal(t, "old", string(old[:n]))
	now, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "newer", string(now))
}

// What cannot be written leaves nothing behind, and is named by its own name.
func TestWriteLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	require.EqualError(t, wholefile.Write(filepath.Join(dir, "folder"), nil), filepath.Join(dir, "folder")+": expected a file to write, found a folder")
	missing := filepath.Join(dir, "no", "file")
	err := wholefile.Write(missing, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "create "+missing+": ")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
