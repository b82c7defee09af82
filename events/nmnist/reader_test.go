package nmnist_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// Bytes made by hand from the layout in the package comment.
var golden = []byte{
	3, 4, 0x00, 0x00, 0x01, // x 3, y 4, OFF, 1 us
	33, 0, 0x80, 0x01, 0x00, // x 33, y 0, ON, 256 us
	0, 33, 0x81, 0x02, 0x03, // x 0, y 33, ON, 2^16 + 515 us
	1, 1, 0x7f, 0xff, 0xff, // x 1, y 1, OFF, 2^23 - 1 us
	7, 240, 0xff, 0xff, 0xff, // time has run over
	2, 5, 0xff, 0xff, 0xfe, // x 2, y 5, ON, 2^23 - 2 us and 2^13
	0, 240, 0x00, 0x00, 0x00, // twice
	0, 240, 0x00, 0x00, 0x00,
	2, 6, 0x00, 0x00, 0x09, // x 2, y 6, OFF, 9 us and 3 * 2^13
}

var goldenEvents = []events.Event{
	{T: 1, X: 3, Y: 4, P: events.Off},
	{T: 256, X: 33, Y: 0, P: events.On},
	{T: 65536 + 515, X: 0, Y: 33, P: events.On},
	{T: 8388607, X: 1, Y: 1, P: events.Off},
	{T: 8388606 + 8192, X: 2, Y: 5, P: events.On},
	{T: 9 + 3*8192, X: 2, Y: 6, P: events.Off},
}

// Events off the sensor are damage, each reported where it stands; those around
// them are all there.
func TestReadOutsideGeometry(t *testing.T) {
	r := formattest.NewReader(t, nmnist.Name, bytes.NewReader(golden), events.Geometry{Width: 33, Height: 6})
	in, damage, end := formattest.ReadAll(t, r, 4)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []events.Event{goldenEvents[0], goldenEvents[3], goldenEvents[4]}, in)
	require.Equal(t, []string{
		"nmnist at byte 5: expected an event within 33x6 pixels, found x 33, y 0",
		"nmnist at byte 10: expected an event within 33x6 pixels, found x 0, y 33",
		"nmnist at byte 40: expected an event within 33x6 pixels, found x 2, y 6",
	}, formattest.Says(damage))
	require.Equal(t, events.Geometry{Width: 33, Height: 6}, r.Header().Geometry)
}

func TestHeaderGeometry(t *testing.T) {
	own := events.Geometry{Width: 34, Height: 34}
	r := formattest.NewReader(t, nmnist.Name, bytes.NewReader([]byte{33, 33, 0, 0, 0, 34, 0, 0, 0, 1, 1, 1, 0, 0, 2}), events.Geometry{})
	p := events.NewPacket(1)
	require.Equal(t, events.Header{Format: "nmnist"}, r.Header(), "nothing is known yet")
	require.NoError(t, r.Read(p))
	require.Equal(t, own, r.Header().Geometry, "as far as is known")
	require.NoError(t, r.Read(p))
	require.Equal(t, events.Geometry{}, r.Header().Geometry, "an event contradicts")
	require.NoError(t, r.Read(p))
	require.Equal(t, events.Geometry{}, r.Header().Geometry, "and that is not forgotten")

	r = formattest.NewReader(t, nmnist.Name, bytes.NewReader([]byte{0, 34, 0, 0, 0}), events.Geometry{})
	require.NoError(t, r.Read(p))
	require.Equal(t, events.Geometry{}, r.Header().Geometry)

	// What is given counts, whatever the events are like.
	r = formattest.NewReader(t, nmnist.Name, bytes.NewReader(golden), events.Geometry{Width: 240, Height: 180})
	require.NoError(t, r.Read(p))
	require.Equal(t, events.Geometry{Width: 240, Height: 180}, r.Header().Geometry)

	// Time overflow marks are no events.
	r = formattest.NewReader(t, nmnist.Name, bytes.NewReader([]byte{200, 240, 0, 0, 0, 1, 1, 0, 0, 0}), events.Geometry{})
	require.NoError(t, r.Read(p))
	require.Equal(t, own, r.Header().Geometry)
}

// The contract, marks of time that has run over included.
func TestReader(t *testing.T) {
	formattest.Reader(t, formattest.Sample{
		Format: nmnist.Name, Data: golden, Header: events.Header{Format: "nmnist", Geometry: window},
		Events: goldenEvents, Ends: []int{5, 10, 15, 20, 30, 45}, Clean: func(n int) bool { return n%5 == 0 }, Skipped: map[string]int64{"time overflow": 3},
	})
	_, _, end := formattest.ReadAll(t, formattest.NewReader(t, nmnist.Name, bytes.NewReader(golden[:42]), events.Geometry{}), 4)
	require.Equal(t, &events.FormatError{
		Format: nmnist.Name, Offset: 40, Fatal: true,
		Want: "an event of 5 bytes", Got: "the end of the file after 2",
	}, end)
}

func TestReadDoesNotAllocate(t *testing.T) {
	r := formattest.NewReader(t, nmnist.Name, formattest.Endless(nil, golden[:20]), events.Geometry{})
	require.Zero(t, formattest.Allocations(t, r, 100))
}
