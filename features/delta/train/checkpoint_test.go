package train

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/quantise"
)

const small = `
input: {channels: 3, max: 3}
layers:
  - {name: a, type: linear, out: 4}
  - {name: d, type: delta, step: channel}
  - {name: u, type: cut}
  - {name: b, type: linear, out: 2}
`

// checkpointed is a small training after an update.
func checkpointed(t testing.TB) []byte {
	top := parse(t, small)
	tr, err := New(top, Options{Epochs: 2, StepWeights: []float64{0, 1}, Seed: 4})
	require.NoError(t, err)
	p := tr.Params()
	p.Layers["u"] = quantise.Layer{Bound: 0.25}
	tr, err = Refine(top, p, Options{Epochs: 2, StepWeights: []float64{0, 1}, Seed: 4})
	require.NoError(t, err)
	batch := some(top, 10, 2, 1)
	require.NoError(t, tr.begin(Sequences(batch)))
	_, _, err = tr.step(batch, 0)
	require.NoError(t, err)
	b, err := tr.MarshalBinary()
	require.NoError(t, err)
	return b
}

// sealed puts a right checksum behind bytes.
func sealed(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b[:len(b):len(b)], crc32.Checksum(b, castagnoli))
}

// What was put back is written as the same bytes. Whatever is cut off or changed is noticed.
func TestCheckpointIsWhole(t *testing.T) {
	b := checkpointed(t)
	tr, err := Restore(b)
	require.NoError(t, err)
	again, err := tr.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, b, again)
	for i := range b {
		_, err := Restore(b[:i])
		require.ErrorContains(t, err, "train: checkpoint: ")
		changed := append([]byte(nil), b...)
		changed[i] ^= 4
		_, err = Restore(changed)
		require.ErrorContains(t, err, "train: checkpoint: ")
		// Bytes that are missing under a right checksum are missing all the same.
		if i < len(b)-4 {
			_, err = Restore(sealed(b[:i]))
			require.ErrorContains(t, err, "train: checkpoint: ")
		}
	}
	_, err = Restore(sealed(append(b[:len(b)-4:len(b)-4], 0)))
	require.ErrorContains(t, err, "expected the end, found 1 bytes more")
}

// Numbers that no training has are refused, with a right checksum as well.
func TestCheckpointIsChecked(t *testing.T) {
	b := checkpointed(t)
	b = b[:len(b)-4]
	nodes := 5
	bounds, steps, numbers := len(b)-8*nodes, len(b)-8*nodes-8-8*8, len(b)-8*nodes-8-8*8-8-4*3*26
	for says, change := range map[string]func(b []byte){
		"expected version 1, found 7":       func(b []byte) { b[8] = 7 },
		"expected 26 weights and biases":    func(b []byte) { b[numbers-8]++ },
		"expected finite numbers":           func(b []byte) { binary.LittleEndian.PutUint32(b[numbers+8:], math.Float32bits(float32(math.NaN()))) },
		"expected 4 steps, found 5":         func(b []byte) { b[steps-8]++ },
		"expected a step of 0 to 1e+30":     func(b []byte) { binary.LittleEndian.PutUint64(b[steps:], math.Float64bits(-1)) },
		"or none, of layer d":               func(b []byte) { clear(b[steps : steps+8]) },
		"expected 5 bounds, found 6":        func(b []byte) { b[bounds-8]++ },
		"expected a bound of 0 to":          func(b []byte) { binary.LittleEndian.PutUint64(b[bounds:], math.Float64bits(math.Inf(1))) },
		"a text of at most":                 func(b []byte) { binary.LittleEndian.PutUint32(b[12:], 1<<31) },
		"expected one of the fields name":   func(b []byte) { b[16] = 'x' },
		"expected at most 2 updates, found": func(b []byte) { b[numbers-8-4*8-3*8-3*8] = 9 },
	} {
		changed := append([]byte(nil), b...)
		change(changed)
		_, err := Restore(sealed(changed))
		require.ErrorContains(t, err, says)
	}
}

// Whatever is read as a checkpoint neither panics nor hangs, and what is accepted goes on.
func FuzzRestore(f *testing.F) {
	b := checkpointed(f)
	f.Add(b[:len(b)-4])
	f.Add(b[:40])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		tr, err := Restore(sealed(b))
		if err != nil {
			return
		}
		again, err := tr.MarshalBinary()
		require.NoError(t, err)
		_, err = Restore(again)
		require.NoError(t, err)
	})
}
