package decide_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/readout"
)

// calibrated has all that a network may have.
func calibrated(t testing.TB) *decide.Network {
	t.Helper()
	n := network(t, small(), 3)
	s, err := readout.Calibrate([][][]float64{{{1, 0, 0}, {2, 0, 0}}, {{0, 1, 0}, {1, 0, 0}}, {{0, 0, 3}}}, []int{0, 1, 2}, 3)
	require.NoError(t, err)
	n.Interval, n.Whole = s, s
	return n
}

// A file has the network with all that it is, and is one of package delta as well.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "net.delta")
	for _, n := range []*decide.Network{calibrated(t), network(t, small(), 3)} {
		require.NoError(t, n.Save(path))
		got, err := decide.Load(path)
		require.NoError(t, err)
		require.Equal(t, n.Frames, got.Frames)
		require.Equal(t, n.Labels, got.Labels)
		require.Equal(t, n.Interval, got.Interval)
		require.Equal(t, n.Whole, got.Whole)
		require.Equal(t, n.Net.Fingerprint(), got.Net.Fingerprint())
		first, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, got.Save(path))
		again, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, first, again)
		alone, err := delta.Load(path)
		require.NoError(t, err)
		require.Equal(t, n.Net.Fingerprint(), alone.Fingerprint())
	}
}

func TestFileRefused(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "net.delta")
	n := calibrated(t)
	require.NoError(t, n.Net.Save(path))
	got, err := decide.Load(path)
	require.ErrorIs(t, err, decide.ErrAlone)
	require.ErrorContains(t, err, path)
	require.Equal(t, n.Net.Fingerprint(), got.Net.Fingerprint(), "what there is of it")
	require.Nil(t, got.Labels)

	parts, err := n.Parts()
	require.NoError(t, err)
	with := func(name, data string) map[string][]byte {
		out := map[string][]byte{}
		for k, v := range parts {
			out[k] = v
		}
		if out[name] = []byte(data); data == "" {
			delete(out, name)
		}
		return out
	}
	for says, more := range map[string]map[string][]byte{
		`expected a section "frames", found none`:    with(decide.PartFrames, ""),
		`expected a section "labels", found none`:    with(decide.PartLabels, ""),
		"section frames: json: unknown field":        with(decide.PartFrames, `{"speed":3}`),
		"section labels at byte 4: expected its end": with(decide.PartLabels, `null `+`[]`),
		"labels: expected 3, one for each output":    with(decide.PartLabels, `["a"]`),
		"section whole: readout model at byte 4":     with(decide.PartWhole, "ssch"),
		"frames: geometry 0x5":                       with(decide.PartFrames, `{"width":0,"height":5}`),
	} {
		b, err := n.Net.MarshalWith(more)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		_, err = decide.Load(path)
		require.ErrorContains(t, err, path+": ")
		require.ErrorContains(t, err, says)
	}
	_, err = decide.Load(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	n.Labels = nil
	require.ErrorContains(t, n.Save(path), "network: labels: expected 3")
	n = calibrated(t)
	n.Frames = frames.Config{}
	require.ErrorContains(t, n.Save(path), "network: frames")
}

// FuzzParts: whatever the parts are, they are a network that is written as it was read, or an error.
func FuzzParts(f *testing.F) {
	n := calibrated(f)
	parts, err := n.Parts()
	require.NoError(f, err)
	f.Add(parts["frames"], parts["labels"], parts["interval"], parts["whole"])
	f.Add([]byte(`{"width":1}`), []byte(`["a","b","c"]`), []byte{}, []byte("ssch"))
	f.Add([]byte("{}"), []byte("null"), []byte{1}, []byte{})
	f.Fuzz(func(t *testing.T, frames, labels, interval, whole []byte) {
		got, err := decide.FromParts(n.Net, map[string][]byte{"frames": frames, "labels": labels, "interval": interval, "whole": whole})
		if err != nil || got.Validate() != nil {
			return
		}
		first, err := got.Parts()
		require.NoError(t, err)
		again, err := decide.FromParts(n.Net, first)
		require.NoError(t, err)
		second, err := again.Parts()
		require.NoError(t, err)
		require.Equal(t, first, second)
	})
}
