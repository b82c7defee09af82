package learn

import (
	"encoding/binary"
	"hash/crc32"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
)

// checkpoint is a valid one of a small network.
func checkpoint(t testing.TB) []byte {
	t.Helper()
	top, err := topology.Parse([]byte("input: {channels: 2, height: 1, width: 1, max: 3}\nlayers:\n  - {name: logits, type: linear, out: 2}\n"), "")
	require.NoError(t, err)
	tr, err := train.New(top, train.Options{Epochs: 1})
	require.NoError(t, err)
	r := &deltaRun{DeltaTraining: DeltaTraining{Checkpoint: filepath.Join(t.TempDir(), "x")}, trainers: []*train.Trainer{tr, tr}}
	require.NoError(t, r.save())
	_, trainers, err := readDelta(r.Checkpoint)
	require.NoError(t, err)
	require.Len(t, trainers, 2)
	b := []byte(deltaMagic)
	b = binary.LittleEndian.AppendUint32(b, deltaVersion)
	b = append(binary.LittleEndian.AppendUint32(b, 2), "{}"...)
	state, err := tr.MarshalBinary()
	require.NoError(t, err)
	b = binary.LittleEndian.AppendUint32(b, 1)
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(state))), state...)
}

func signed(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, deltaTable))
}

// Whatever the bytes are, they are a checkpoint or an error.
func FuzzDecodeDelta(f *testing.F) {
	good := checkpoint(f)
	f.Add(good)
	for _, n := range []int{0, 8, 12, 16, 18, 22, 30, len(good) - 1} {
		f.Add(good[:n])
	}
	for _, at := range []int{12, 16, 18, 22, 25, 29} {
		bad := append([]byte(nil), good...)
		bad[at] ^= 0x81
		f.Add(bad)
	}
	_, _, err := decodeDelta(signed(good))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		// The checksum keeps damage out; what lies behind it must stand by itself.
		_, trainers, err := decodeDelta(signed(append([]byte(nil), b...)))
		require.Equal(t, err == nil, len(trainers) > 0 && err == nil)
		if err == nil {
			require.LessOrEqual(t, len(trainers), 2)
		}
	})
}
