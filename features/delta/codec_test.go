package delta_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
)

func bytesOf(t require.TestingT, n *delta.Network) []byte {
	b, err := n.MarshalBinary()
	require.NoError(t, err)
	return b
}

func TestFileIsTheNetwork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := drawNetwork(t)
		again := new(delta.Network)
		require.NoError(t, again.UnmarshalBinary(bytesOf(t, n)))
		require.Equal(t, bytesOf(t, n), bytesOf(t, again))
		require.Equal(t, n.Fingerprint(), again.Fingerprint())
		require.Equal(t, n.Topology(), again.Topology())
		for layer := range n.Topology().Layers {
			require.Equal(t, n.Params(layer), again.Params(layer))
			require.Equal(t, n.Bounds(layer), again.Bounds(layer))
		}
		require.Equal(t, n.Scales(), again.Scales())
	})
}

func TestSaveAndLoad(t *testing.T) {
	n := branching(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "net.delta")
	require.NoError(t, n.Save(path))
	require.NoError(t, n.Save(path))
	again, err := delta.Load(path)
	require.NoError(t, err)
	require.Equal(t, n.Fingerprint(), again.Fingerprint())
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, all, 1, "nothing is left behind")
	require.ErrorContains(t, n.Save(dir), "expected a file to write, found a folder")
	_, err = delta.Load(dir)
	require.ErrorContains(t, err, "expected a file of a delta network")
	require.NoError(t, os.WriteFile(path, []byte("SACDELT"), 0o600))
	_, err = delta.Load(path)
	require.ErrorContains(t, err, "net.delta: delta network: at byte 0")
}

// sectionsOf takes a file apart by the layout that the package documents.
func sectionsOf(b []byte) (out [][]byte) {
	for at := 16; at < len(b); {
		n := int(binary.LittleEndian.Uint64(b[at+8:]))
		out = append(out, b[at+20:at+20+n])
		at += 20 + n
	}
	return out
}

func fileOf(names []string, data [][]byte) []byte { return versionOf(1, names, data) }

func versionOf(version uint32, names []string, data [][]byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("SACDELTA"), version)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(names)))
	for i, name := range names {
		var padded [8]byte
		copy(padded[:], name)
		b = append(b, padded[:]...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(data[i])))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(data[i], crc32.MakeTable(crc32.Castagnoli)))
		b = append(b, data[i]...)
	}
	return b
}

var sectionNames = []string{"topology", "params", "scales"}

func TestFileRefused(t *testing.T) {
	n := branching(t)
	good := bytesOf(t, n)
	parts := sectionsOf(good)
	require.Equal(t, good, fileOf(sectionNames, parts), "the layout is the documented one")
	into := branching(t)
	refused := func(b []byte, says string) {
		t.Helper()
		require.ErrorContains(t, into.UnmarshalBinary(b), says)
		require.True(t, bytes.Equal(good, bytesOf(t, into)))
	}
	for k := 0; k < len(good); k += 7 {
		refused(good[:k], "delta network: ")
		bad := bytes.Clone(good)
		bad[k] ^= 0x20
		refused(bad, "delta network: ")
	}
	with := func(i int, data []byte) []byte {
		all := append([][]byte{}, parts...)
		all[i] = data
		return fileOf(sectionNames, all)
	}
	change := func(i, at int, b ...byte) []byte {
		data := bytes.Clone(parts[i])
		copy(data[at:], b)
		return with(i, data)
	}
	refused(append(bytes.Clone(good), 1), "expected the end, found 1 bytes more")
	refused(fileOf([]string{"topology", "topology", "scales"}, parts), `section "topology" stands twice`)
	refused(fileOf([]string{"topology", "weights", "scales"}, parts), `found "weights"`)
	refused(fileOf(sectionNames[:2], parts[:2]), "at byte 12: expected 3 sections, found 2")
	refused(with(0, []byte("layers: []")), "section topology: topology:1:")
	refused(with(1, parts[1][:10]), "section params: layer conv1: at byte 0: weights: expected 72 numbers of 1 bytes, found 10 bytes")
	refused(with(1, append(bytes.Clone(parts[1]), 0)), "expected the end, found 1 bytes more")
	refused(change(1, 0, 0x80), "layer conv1: expected weights from -127 to 127, found -128")
	refused(change(1, 72, 0xff, 0xff, 0xff, 0x7f), "layer conv1: output 0 can be from")
	refused(change(1, 96, 63), "layer delta1: requantisation 0: expected a multiplier from 1073741824 and a shift from 1 to 62")
	refused(change(1, 88, 0xff, 0xff, 0xff, 0xff), "layer delta1: at byte 92: requantisations: expected 2147483647 numbers")
	refused(with(2, parts[2][:8]), "section scales: expected two numbers")
	refused(change(2, 0, make([]byte, 8)...), "scales: expected numbers above 0, found 0")
}

func FuzzNetwork(f *testing.F) {
	good := bytesOf(f, branching(f))
	parts := sectionsOf(good)
	for i := range parts {
		f.Add(parts[0], parts[1][:len(parts[1])/(i+1)], parts[2])
	}
	f.Add([]byte("input: {height: 3, max: 9}\nlayers: [{name: a, type: maxpool, kernel: [2, 1]}]"), []byte{}, parts[2])
	f.Fuzz(func(t *testing.T, top, params, scales []byte) {
		n := new(delta.Network)
		if n.UnmarshalBinary(fileOf(sectionNames, [][]byte{top, params, scales})) != nil {
			return
		}
		again := new(delta.Network)
		require.NoError(t, again.UnmarshalBinary(bytesOf(t, n)))
		require.Equal(t, bytesOf(t, n), bytesOf(t, again))
		if n.Topology().Input.Len() > 1<<12 {
			return
		}
		input := make([]int32, n.Topology().Input.Len())
		input[0] = int32(n.Topology().Input.Max)
		want, err := delta.NewDense(n).Step(input)
		require.NoError(t, err)
		got, err := engine(t, n).Step(input)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func FuzzFile(f *testing.F) {
	good := bytesOf(f, branching(f))
	f.Add(good)
	f.Add(good[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		n := new(delta.Network)
		if n.UnmarshalBinary(b) == nil {
			require.NotEmpty(t, n.Topology().Layers)
		}
	})
}
