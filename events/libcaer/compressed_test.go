package libcaer_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/libcaer"
)

// A message by hand, from the layout in the package comment.
var compressed = []byte{
	0x05, 0x20, // column 5
	0x07, 0x38, // ON in row 7, at the time base
	0x02, 0x00, 0x03, 0x10, // 2*4096 + 3 us
	0x10, 0x40, // vectors from row 16 on, OFF
	0x81, 0x50, 0x01, 0x50, // rows 16 and 23, and 24
	0x09, 0x30, // OFF in row 9
}

var compressedEvents = []events.Event{
	{T: 1, X: 5, Y: 7, P: events.On},
	{T: 8196, X: 5, Y: 16},
	{T: 8196, X: 5, Y: 23},
	{T: 8196, X: 5, Y: 24},
	{T: 8196, X: 5, Y: 9},
}

func TestCompressed(t *testing.T) {
	h := events.MessageHeader{Geometry: vga, TimeBase: 1999}
	d := formattest.Encoding(t, libcaer.CompressedName).NewDecoder()
	for _, capacity := range []int{1, 2, 3, 4, 5, 100} {
		in, damage := formattest.DecodeAll(t, d, h, compressed, capacity)
		require.Equal(t, compressedEvents, in, "packets of %d", capacity)
		require.Empty(t, damage)
	}
}

func TestCompressedDamage(t *testing.T) {
	h := events.MessageHeader{Geometry: events.Geometry{Width: 640, Height: 20}}
	for _, capacity := range []int{1, 2, 100} {
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, libcaer.CompressedName).NewDecoder(), h,
			append([]byte{0x07, 0x38, 0x00, 0x60}, append(compressed[:12:12], 0x07, 0x38, 0)...), capacity)
		require.Equal(t, []uint16{7, 16, 7}, []uint16{in[0].Y, in[1].Y, in[2].Y})
		require.Len(t, in, 3)
		require.Len(t, damage, 4)
		for i, says := range []string{
			"libcaer_cmp at byte 0: expected a column, and the row of a vector, ahead of events, found events without",
			"libcaer_cmp at byte 2: expected a word of a code to 5, found 0x6000, of code 6",
			"libcaer_cmp at byte 14: expected an event within 640x20 pixels, found x 5, y 23, of 1",
			"libcaer_cmp at byte 18: expected a word of 2 bytes, found the end of the message after 1",
		} {
			require.EqualError(t, &damage[i], says)
		}
	}
}

func FuzzDecodeCompressed(f *testing.F) {
	f.Add(compressed, int64(0), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, base int64, capacity uint8) {
		h := events.MessageHeader{Geometry: vga, TimeBase: base}
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, libcaer.CompressedName).NewDecoder(), h, data, int(capacity)+1)
		again, told := formattest.DecodeAll(t, formattest.Encoding(t, libcaer.CompressedName).NewDecoder(), h, data, 8*len(data)+1)
		require.Equal(t, again, in)
		require.Equal(t, told, damage)
	})
}
