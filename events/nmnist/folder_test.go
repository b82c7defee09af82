package nmnist_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// tree makes empty files below a folder of the test's own.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, nil, 0o600))
	}
	return dir
}

func TestFolder(t *testing.T) {
	dir := tree(t,
		"1/00002.bin", "1/00001.bin", "1/t00001.BIN", "0/00009.bin", "10/00003.bin", "1-b/00004.bin", // read
		"1/readme.txt", "1/.hidden.bin", "1/deeper/00005.bin", "readme.bin", ".git/00006.bin", "empty.bin/.keep") // left out
	got, err := nmnist.Folder(dir)
	require.NoError(t, err)
	want := make([]nmnist.Recording, 0, 6)
	for _, f := range [][2]string{
		{"0", "00009.bin"}, {"1", "00001.bin"}, {"1", "00002.bin"}, {"1", "t00001.BIN"}, {"1-b", "00004.bin"}, {"10", "00003.bin"},
	} {
		want = append(want, nmnist.Recording{Path: filepath.Join(dir, f[0], f[1]), Label: f[0]})
	}
	require.Equal(t, want, got)
}

func TestFolderErrors(t *testing.T) {
	_, err := nmnist.Folder(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	dir := tree(t, "1/readme.txt", "00001.bin")
	_, err = nmnist.Folder(dir)
	require.EqualError(t, err, dir+": expected recordings as <label>/<name>.bin, found none")
	_, err = nmnist.Folder(filepath.Join(dir, "00001.bin"))
	require.Error(t, err, "a file is no folder")
}

func TestOpenSet(t *testing.T) {
	dir := tree(t, "Train/3/00001.bin", "Train/4/00002.bin", "Test/3/00001.bin")
	set, err := nmnist.OpenSet(dir)
	require.NoError(t, err)
	require.Len(t, set.Train, 2)
	require.Equal(t, []nmnist.Recording{{Path: filepath.Join(dir, "Test", "3", "00001.bin"), Label: "3"}}, set.Test)

	require.NoError(t, os.RemoveAll(filepath.Join(dir, "Test")))
	_, err = nmnist.OpenSet(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "test half")
	_, err = nmnist.OpenSet(tree(t, "Train/readme.txt", "Test/3/00001.bin"))
	require.ErrorContains(t, err, "training half")
}

// Every recording of the real subset is taken for what it is.
func TestRealSet(t *testing.T) {
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	set, err := nmnist.OpenSet(filepath.Join(data, "nmnist"))
	require.NoError(t, err)
	require.Len(t, set.Train, 800)
	require.Len(t, set.Test, 150)
	labels := map[string]int{}
	for i, r := range append(set.Train, set.Test...) {
		labels[r.Label]++
		if i%10 != 0 {
			continue
		}
		f, err := events.Open(r.Path, events.OpenOptions{})
		require.NoError(t, err)
		in, damage, _ := formattest.ReadAll(t, f, events.DefaultPacketEvents)
		require.Empty(t, damage)
		require.Greater(t, len(in), 1000, r.Path)
		require.Equal(t, events.Geometry{Width: 34, Height: 34}, f.Header().Geometry, r.Path)
		require.Less(t, in[len(in)-1].T, int64(400_000), r.Path)
		require.NoError(t, f.Close())
	}
	require.Len(t, labels, 10)
}
