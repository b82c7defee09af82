package dat_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/dat"
	"github.com/saccade-dev/saccade/events/formattest"
)

const head2 = "% Data file containing CD events.\n% Version 2\n% Date 2020-09-14 14:18:29\n% Height 480\n% Width 640\n\x0c\x08"

// Records made by hand from the layout in the package comment.
var golden = append([]byte(head2),
	0x06, 0, 0, 0, 0x06, 0x80, 0x04, 0x10, // 6 us, x 6, y 18, ON: the first event of an N-CARS file
	0xff, 0xff, 0xff, 0xff, 0x7f, 0xc2, 0x77, 0x00, // 2^32 - 1 us, x 639, y 479, OFF
	0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0xf0, // 2^31 us, x 0, y 0, ON and the bits above it
	0x01, 0, 0, 0, 0x01, 0x40, 0x00, 0xe0, // 1 us, x 1, y 1, OFF and the bits above it
)

var goldenEvents = []events.Event{
	{T: 6, X: 6, Y: 18, P: events.On},
	{T: 1<<32 - 1, X: 639, Y: 479, P: events.Off},
	{T: 1 << 31, X: 0, Y: 0, P: events.On},
	{T: 1, X: 1, Y: 1, P: events.Off},
}

const head1 = "% Version 1\n\x00\x08"

var golden1 = []byte(
	"\x05\x00\x00\x00\x2f\xdf\x03\x00" + // 5 us, x 303, y 239, ON
		"\x00\x00\x00\x80\x01\x02\x00\x00",
) // 2^31 us, x 1, y 1, OFF

var golden1Events = []events.Event{{T: 5, X: 303, Y: 239, P: events.On}, {T: 1 << 31, X: 1, Y: 1}}

func read(t require.TestingT, src io.Reader, g events.Geometry, capacity int) ([]events.Event, []*events.FormatError, error) {
	return formattest.ReadAll(t, formattest.NewReader(t, dat.Name, src, g), capacity)
}

// A header without a version: the records tell, however the source cuts them.
func TestGuessedVersion(t *testing.T) {
	const head = "% Data file containing CD events.\n\x00\x08"
	in, _, _ := read(t, iotest.OneByteReader(bytes.NewReader(append([]byte(head), golden1...))), events.Geometry{}, 7)
	require.Equal(t, golden1Events, in)
	late := append(append([]byte(head), 9, 0, 0, 0, 1, 0, 0, 0), golden[len(head2):]...)
	for _, src := range []io.Reader{bytes.NewReader(late), iotest.OneByteReader(bytes.NewReader(late))} {
		in, _, _ = read(t, src, events.Geometry{}, 1)
		require.Equal(t, append([]events.Event{{T: 9, X: 1}}, goldenEvents...), in)
	}
	in, _, end := read(t, bytes.NewReader([]byte(head)), events.Geometry{}, 1)
	require.Empty(t, in)
	require.ErrorIs(t, end, io.EOF)
}

// Events off the sensor are damage, each reported where it stands; those around
// them are all there.
func TestReadOutsideGeometry(t *testing.T) {
	for _, capacity := range []int{1, 2, 10} {
		in, damage, end := read(t, bytes.NewReader(golden), events.Geometry{Width: 6, Height: 480}, capacity)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, goldenEvents[2:], in)
		require.Len(t, damage, 2)
		require.EqualError(t, damage[0], "dat at byte 100: expected an event within 6x480 pixels, found x 6, y 18")
		require.EqualError(t, damage[1], "dat at byte 108: expected an event within 6x480 pixels, found x 639, y 479")

		in, damage, _ = read(t, bytes.NewReader(append([]byte(head1), golden1...)), events.Geometry{Width: 304, Height: 239}, capacity)
		require.Equal(t, golden1Events[1:], in)
		require.Len(t, damage, 1)
	}
	// Without a geometry, no more than any sensor has.
	const head = "% Version 2\n\x00\x08"
	in, damage, _ := read(t, bytes.NewReader([]byte(head+"\x01\x00\x00\x00\xff\x0f\x00\x00"+"\x01\x00\x00\x00\x00\x10\x00\x00"+"\x01\x00\x00\x00\x00\x00\x00\x04")), events.Geometry{}, 5)
	require.Equal(t, []events.Event{{T: 1, X: 4095}}, in)
	require.Len(t, damage, 2)
	require.ErrorContains(t, damage[0], "expected an event within 4096x4096 pixels, found x 4096, y 0")
	require.ErrorContains(t, damage[1], "x 0, y 4096")
}

func TestHeaderGeometry(t *testing.T) {
	r, err := formattest.Format(t, dat.Name).NewReader(bytes.NewReader(golden), events.Geometry{})
	require.NoError(t, err)
	require.Equal(t, events.Header{Format: "dat", Geometry: events.Geometry{Width: 640, Height: 480}}, r.Header())
	require.Empty(t, r.Skipped())
	given := events.Geometry{Width: 1280, Height: 720}
	r, err = formattest.Format(t, dat.Name).NewReader(bytes.NewReader(golden), given)
	require.NoError(t, err)
	require.Equal(t, given, r.Header().Geometry, "what is given counts")
	r, err = formattest.Format(t, dat.Name).NewReader(bytes.NewReader([]byte("% Width 640\n\x00\x08")), events.Geometry{})
	require.NoError(t, err)
	require.Equal(t, events.Geometry{}, r.Header().Geometry, "half of one is none")
	for _, g := range []events.Geometry{{Width: 4097, Height: 1}, {Width: 34}, {Width: -1, Height: 34}} {
		_, err := formattest.Format(t, dat.Name).NewReader(bytes.NewReader(golden), g)
		require.ErrorContains(t, err, "expected sides from 1 to 4096", "%+v", g)
	}
}

// The contract, on files of both versions.
func TestReader(t *testing.T) {
	vga := events.Header{Format: "dat", Geometry: events.Geometry{Width: 640, Height: 480}}
	from := len(head2)
	formattest.Reader(t, formattest.Sample{
		Format: dat.Name, Data: golden, Header: vga, Events: goldenEvents, Ends: []int{from + 8, from + 16, from + 24, from + 32},
		Head: from, Clean: func(n int) bool { return (n-from)%8 == 0 },
	})
	formattest.Reader(t, formattest.Sample{
		Format: dat.Name, Data: append([]byte(head1), golden1...), Header: events.Header{Format: "dat"}, Events: golden1Events,
		Ends: []int{len(head1) + 8, len(head1) + 16}, Head: len(head1), Clean: func(n int) bool { return (n-len(head1))%8 == 0 },
	})
	_, _, end := read(t, bytes.NewReader(golden[:len(golden)-3]), events.Geometry{}, 4)
	require.Equal(t, &events.FormatError{
		Format: dat.Name, Offset: int64(len(golden) - 8), Fatal: true,
		Want: "an event of 8 bytes", Got: "the end of the file after 5",
	}, end)
}

func TestReadDoesNotAllocate(t *testing.T) {
	r := formattest.NewReader(t, dat.Name, formattest.Endless([]byte(head2), golden[len(head2):]), events.Geometry{})
	require.Zero(t, formattest.Allocations(t, r, 100))
}
