package model_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// counted is a model whose readout is of the features of some of its three layers, of 6,
// 3 and 3 features.
func counted(t testing.TB, layers ...int) *model.Model {
	t.Helper()
	m := stacked(t)
	r, err := m.Pooling(pool.Recipe{Pool: pool.Config{CellWidth: 3, CellHeight: 3}}, layers)
	require.NoError(t, err)
	m.Pool, m.Parts, m.Counted = r.Pool, r.Parts, r.Layers
	par := readout.Parameters{Method: readout.Ridge, Classes: []string{"a", "b"}, Bias: make([]float64, 2), InverseTemperature: 1}
	for i := range par.Classes {
		row := make([]float32, r.Len())
		row[i] = 1
		par.Weights = append(par.Weights, row)
	}
	m.Readout, err = readout.NewModel(par)
	require.NoError(t, err)
	return m
}

func TestCountedRoundTrip(t *testing.T) {
	m := counted(t, 1, 3)
	require.Equal(t, 9, m.Pool.Features)
	require.Equal(t, []int{1, 3}, m.Recipe().Layers)
	b := marshal(t, m)
	require.Equal(t, byte(4), b[8])
	var read model.Model
	require.NoError(t, read.UnmarshalBinary(b))
	require.True(t, m.Recipe().Equal(read.Recipe()))
	require.Equal(t, b, marshal(t, &read))
	j, err := read.Join(read.Recipe())
	require.NoError(t, err)
	require.NotNil(t, j)

	// The last layer alone needs no word, and has the file that it always had.
	for _, m := range []*model.Model{counted(t), counted(t, 3)} {
		require.Nil(t, m.Counted)
		require.Equal(t, 3, m.Pool.Features)
		require.Equal(t, byte(3), marshal(t, m)[8])
		j, err := m.Join(m.Recipe())
		require.NoError(t, err)
		require.Nil(t, j)
	}
}

func TestCountedIsRefused(t *testing.T) {
	_, err := stacked(t).Pooling(pool.Recipe{}, []int{4})
	require.ErrorContains(t, err, "layer 4: expected one of 3")
	for says, layers := range map[string][]int{
		"layer 4: expected one of 3":             {1, 4},
		"expected numbers from 1 in ascending":   {3, 1},
		"is not one of this layer's features":    {1, 2, 3},
		"layers [0 3]: expected numbers from 1 ": {0, 3},
	} {
		m := counted(t, 1, 3)
		m.Counted = layers
		require.ErrorContains(t, m.Validate(), says)
	}

	// In a file, too: each of these has a checksum of its own that is right.
	good := marshal(t, counted(t, 1, 3))
	at := bytes.Index(good, []byte("counted\x00"))
	require.Positive(t, at)
	for text, says := range map[string]string{
		"[3,1]": "expected numbers from 1 in ascending", "[1,9]": "layer 9: expected one of 3",
		"[2,3]": "is not one of this layer's features", "[1,x]": "section counted: invalid character", "{0:0}": "section counted",
	} {
		b := bytes.Clone(good)
		data := b[at+20:][:len("[1,3]")] // behind name, length and checksum
		require.Equal(t, "[1,3]", string(data))
		copy(data, text)
		binary.LittleEndian.PutUint32(b[at+16:], crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
		require.ErrorContains(t, new(model.Model).UnmarshalBinary(b), says)
	}
	m := stacked(t)
	m.Counted = []int{1, 2} // of no readout: it means nothing, and is not written
	require.Equal(t, byte(3), marshal(t, m)[8])
}

// Whatever stands in the section is understood or refused, and what is understood is
// written as it was read.
func FuzzCountedSection(f *testing.F) {
	parts := sections(f, whole(f, small(), pool.Config{}))
	for _, text := range []string{"[1]", "[]", "null", "[2]", "[1,1]", "[-1]", "[9223372036854775807]", "[1,2,3,4,5,6,7,8,9]", "{"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m model.Model
		if m.UnmarshalBinary(fileOf(4, append(parts[:len(parts):len(parts)], section{"counted", data})...)) != nil {
			return
		}
		require.LessOrEqual(t, len(m.Counted), 1, "there is one layer")
		var back model.Model
		require.NoError(t, back.UnmarshalBinary(marshal(t, &m)))
		require.True(t, m.Recipe().Equal(back.Recipe()))
	})
}
