package filter_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// some is the state of a filter that has seen something.
func some(t testing.TB, background bool) (full, []byte) {
	t.Helper()
	f, _, err := made(small, background, 5*time.Millisecond)
	require.NoError(t, err)
	for i := range int64(40) {
		f.Keep(at(i*7919, uint16(i%5), uint16(i%4)))
	}
	b, err := f.MarshalBinary()
	require.NoError(t, err)
	return f, b
}

// resum puts the right checksum on a state.
func resum(b []byte) []byte {
	if len(b) >= 16 {
		binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b[16:], crc32.MakeTable(crc32.Castagnoli)))
	}
	return b
}

func TestStateIsRefused(t *testing.T) {
	for _, background := range []bool{false, true} {
		f, before := some(t, background)
		refused := func(b []byte, why string) {
			t.Helper()
			require.ErrorContains(t, f.UnmarshalBinary(b), "filter state: ", why)
			after, err := f.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, before, after, "%s: a refused state changed the filter", why)
		}
		for n := range before {
			refused(before[:n], "truncated")
		}
		for i := range len(before) * 8 {
			b := bytes.Clone(before)
			b[i/8] ^= 1 << (i % 8)
			refused(b, "a bit is wrong")
		}
		refused(append(bytes.Clone(before), 0), "longer")
		refused(resum(append(bytes.Clone(before), 0)), "half a pixel more")
		refused(resum(append(bytes.Clone(before), 1, 0)), "a pixel too many")
		refused(resum(append(bytes.Clone(before[:33]), 0, 0xff, 0xff, 0xff, 0x7f)), "too old")
		refused(resum(append(bytes.Clone(before[:33]), 0x80, 0, 1)), "a number that is too long")
		idle := bytes.Clone(before)
		idle[24] = 0
		refused(resum(idle), "pixels before an event came")

		_, other := some(t, !background)
		refused(other, "another kind")
		wide, _, err := made(events.Geometry{Width: 6, Height: 4}, background, 5*time.Millisecond)
		require.NoError(t, err)
		require.ErrorContains(t, wide.UnmarshalBinary(before), "expected 6x4 pixels, found 5x4")
		long, _, err := made(small, background, 6*time.Millisecond)
		require.NoError(t, err)
		require.ErrorContains(t, long.UnmarshalBinary(before), "expected a period of 6000 µs, found 5000")
	}
}

// A state is as long as what it holds: what cannot matter any more is not in it.
func TestStateForgets(t *testing.T) {
	f, full := some(t, false)
	f.Keep(at(1<<40, 0, 0))
	b, err := f.MarshalBinary()
	require.NoError(t, err)
	require.Len(t, b, 33+2)
	require.Less(t, len(b), len(full))
	f.Reset()
	b, err = f.MarshalBinary()
	require.NoError(t, err)
	require.Len(t, b, 33)
}

// FuzzUnmarshalBinary gives states with the right checksum: they are refused and change
// nothing, or come out again as they went in, and the filter goes on.
func FuzzUnmarshalBinary(f *testing.F) {
	for _, background := range []bool{false, true} {
		g, b := some(f, background)
		f.Add(background, b)
		f.Add(background, b[:len(b)/2])
		f.Add(background, b[:33])
		g.Reset()
		b, err := g.MarshalBinary()
		require.NoError(f, err)
		f.Add(background, b)
	}
	f.Fuzz(func(t *testing.T, background bool, b []byte) {
		g, before := some(t, background)
		if err := g.UnmarshalBinary(resum(b)); err != nil {
			after, err := g.MarshalBinary()
			require.NoError(t, err)
			require.Equal(t, before, after)
			return
		}
		again, err := g.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, b, again)
		for i := range int64(40) {
			g.Keep(at(i*7919, uint16(i%5), uint16(i%4)))
		}
	})
}
