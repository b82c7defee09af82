package readout

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

func TestModelRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim := rapid.IntRange(1, 20).Draw(t, "dimension")
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9a-zé ]{1,20}`), 2, 12, rapid.ID).Draw(t, "names")
		s, err := newSamples(Data{Rows: make2D(len(names), 1), Labels: names})
		require.NoError(t, err)
		p := Parameters{
			Method: rapid.SampledFrom(methods).Draw(t, "method"), Classes: s.classes,
			Lambda:             rapid.Float64Range(0, 1e9).Draw(t, "lambda"),
			InverseTemperature: rapid.Float64Range(0, 1e9).Draw(t, "beta"),
		}
		for range names {
			p.Bias = append(p.Bias, rapid.Float64Range(-1e9, 1e9).Draw(t, "bias"))
			p.Weights = append(p.Weights, rapid.SliceOfN(rapid.Float32Range(-1e9, 1e9), dim, dim).Draw(t, "weights"))
		}
		m, err := NewModel(p)
		require.NoError(t, err)
		data, err := m.MarshalBinary()
		require.NoError(t, err)
		var read Model
		require.NoError(t, read.UnmarshalBinary(data))
		require.Equal(t, p, read.Parameters())
		require.Equal(t, m.Classes(), read.Classes())
		require.Equal(t, dim, read.Dim())
		require.Equal(t, p.Method, read.Method())
	})
}

func make2D(rows, cols int) [][]float32 {
	out := make([][]float32, rows)
	for i := range out {
		out[i] = make([]float32, cols)
	}
	return out
}

// seal replaces the checksum, so that a test reaches what lies behind it.
func seal(data []byte) []byte {
	if len(data) < 4 {
		return data
	}
	end := len(data) - 4
	binary.LittleEndian.PutUint32(data[end:], crc32.Checksum(data[:end], castagnoli))
	return data
}

func someBytes(t require.TestingT) []byte {
	data, err := someModel(t, 1, 2, 3).MarshalBinary()
	require.NoError(t, err)
	return data
}

func TestDamagedModelIsRefused(t *testing.T) {
	data := someBytes(t)
	for i := range data {
		damaged := append([]byte(nil), data...)
		damaged[i] ^= 0x40
		var m Model
		require.Error(t, m.UnmarshalBinary(damaged), "byte %d", i)
		require.Error(t, m.UnmarshalBinary(data[:i]), "cut at %d", i)
		require.Zero(t, m)
	}
	nan := math.Float32bits(float32(math.NaN()))
	for _, tc := range []struct {
		at     int
		value  uint32
		offset int64
		want   string
	}{
		{0, 0, 0, "srdo"},
		{4, 9, 4, "version 1"},
		{6, 2, 6, "a code below 2"},
		{6, 0x100, 7, "a code below 1"},
		{8, 1001, 8, "up to 1000 classes"},
		{8, 1000, 47, "the name of class 3"},
		{8, 1, 6, "a valid model"},
		{12, 1 << 25, 8, "dimension up to"},
		{12, 1 << 24, 38, "134217744 bytes of biases and weights"},
		{12, 0, 6, "a valid model"},
		{20, 0x7ff80000, 6, "a valid model"}, // lambda
		{28, 0xffffffff, 6, "a valid model"}, // inverse temperature
		{42, 0x7ff00000, 38, "a bias"},       // of the first class
		{50, 0x7ff00000, 46, "a bias"},       // of the second
		{54, nan, 54, "a finite weight"},
		{74, nan, 74, "a finite weight"},
		{32, 0x616102ff, 32, "the name of class 0"}, // longer than the model
		{32, 0x02616202, 6, "a valid model"},        // "ba" before "ab"
		{32, 0x02616100, 33, "the name of class 1"}, // an empty name moves all behind it
	} {
		damaged := append([]byte(nil), data...)
		binary.LittleEndian.PutUint32(damaged[tc.at:], tc.value)
		var m Model
		err := m.UnmarshalBinary(seal(damaged))
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe, "byte %d", tc.at)
		require.Equal(t, tc.offset, fe.Offset, "byte %d: %v", tc.at, err)
		require.Contains(t, fe.Want, tc.want, "byte %d", tc.at)
		require.Zero(t, m)
	}
	_, err := new(Model).MarshalBinary()
	require.Error(t, err)
}

func FuzzUnmarshalBinary(f *testing.F) {
	f.Add(someBytes(f))
	f.Add([]byte(magic))
	data, err := someModel(f, 2, 30, 1).MarshalBinary()
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, seal(append([]byte(nil), data...))} {
			var m Model
			if m.UnmarshalBinary(data) != nil {
				continue
			}
			class, confidence, err := m.Predict(someVector(1, m.Dim()))
			require.NoError(t, err)
			require.Less(t, class, len(m.classes))
			require.GreaterOrEqual(t, confidence, 1/float64(len(m.classes))-1e-9)
			_, err = NewModel(m.Parameters())
			require.NoError(t, err)
			again, err := m.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, data, again) // the layout has one spelling
		}
	})
}
