package pool_test

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

// seal replaces the checksum, so that a test reaches what lies behind it.
func seal(state []byte) []byte {
	if len(state) < 4 {
		return state
	}
	end := len(state) - 4
	binary.LittleEndian.PutUint32(state[end:], crc32.Checksum(state[:end], crc32.MakeTable(crc32.Castagnoli)))
	return state
}

func someState(t require.TestingT) []byte {
	p := newPool(t, pool.Config{Geometry: events.Geometry{Width: 9, Height: 6}, Features: 3})
	p.Add([]events.Event{{X: 1, Y: 1}, {X: 8, Y: 5}}, []int16{0, 2})
	state, err := p.MarshalBinary()
	require.NoError(t, err)
	return state
}

func TestDamagedStateIsRefused(t *testing.T) {
	state := someState(t)
	for i := range state {
		damaged := append([]byte(nil), state...)
		damaged[i] ^= 0x10
		var p pool.Pool
		require.Error(t, p.UnmarshalBinary(damaged), "byte %d", i)
		require.Error(t, p.UnmarshalBinary(state[:i]), "cut at %d", i)
		require.Zero(t, p.Len())
	}
	for _, tc := range []struct {
		at     int
		value  byte
		offset int64
		want   string
	}{
		{0, 'x', 0, "spol"},
		{4, 2, 4, "version 1"},
		{6, 2, 6, "code below 2"},
		{7, 7, 7, "code below 2"},
		{9, 2, 9, "code below 2"},
		{11, 0xff, 10, "valid configuration"},
		{14, 0, 10, "a cell"},
		{18, 4, 22, "bytes in all"},
	} {
		damaged := append([]byte(nil), state...)
		damaged[tc.at] = tc.value
		var p pool.Pool
		err := p.UnmarshalBinary(seal(damaged))
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe, "byte %d", tc.at)
		require.Equal(t, tc.offset, fe.Offset, "byte %d: %v", tc.at, err)
		require.Contains(t, fe.Want, tc.want)
	}
}

func TestStateOfAnotherConfigurationIsRefused(t *testing.T) {
	p := newPool(t, pool.Config{Geometry: nmnist, Features: 3})
	p.Add([]events.Event{{}}, []int16{0})
	before := p.Counts(nil)
	require.ErrorContains(t, p.UnmarshalBinary(someState(t)), "another configuration")
	require.Equal(t, before, p.Counts(nil))
	_, err := new(pool.Pool).MarshalBinary()
	require.Error(t, err)
}

func TestCountsSaturate(t *testing.T) {
	state := someState(t)
	copy(state[22:], "\xfe\xff\xff\xff")
	var p pool.Pool
	require.NoError(t, p.UnmarshalBinary(seal(state)))
	for range 3 {
		p.Add([]events.Event{{}}, []int16{0})
	}
	require.Equal(t, uint32(math.MaxUint32), p.Counts(nil)[0])
	require.Less(t, p.Vector(nil)[0], float32(1.0001))
}

func FuzzUnmarshalBinary(f *testing.F) {
	f.Add(someState(f))
	f.Add([]byte("spol"))
	raw := newPool(f, pool.Config{Geometry: nmnist, Source: pool.SourceEvents, Transform: pool.TransformNone, Norm: pool.NormNone})
	state, err := raw.MarshalBinary()
	require.NoError(f, err)
	f.Add(state)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, data := range [][]byte{data, seal(append([]byte(nil), data...))} {
			var p pool.Pool
			if p.UnmarshalBinary(data) != nil {
				continue
			}
			require.NoError(t, p.Config().Validate())
			p.Add([]events.Event{{X: 1, Y: 1}}, []int16{0})
			p.Vector(nil)
			require.NoError(t, p.UnmarshalBinary(data))
			again, err := p.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, data, again) // the layout has one spelling
		}
	})
}
