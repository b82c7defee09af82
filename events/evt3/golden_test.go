package evt3_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Words made by hand from the layout in the package comment.
var golden = words(
	0x2005,         // an event without a time
	0x8fff, 0x6ffe, // 0xfffffe us
	0x4001,         // a vector without a base or row
	0x0802,         // row 2, of the other camera
	0x2805, 0x2004, // x 5 ON, x 4 OFF
	0x3806, 0x4801, 0x5081, // base 6 ON: 6, 17; and from 18 on: 18, 25
	0x4002,         // from 26 on: 27
	0x9999, 0xa305, // padding, a trigger of channel 3, rising
	0xe123, 0xf456, 0x7007, // an extension in three words
	0x1000, // of no type
	0x6fff, 0x2001,
	0x8000,         // the next turn
	0x2002,         // its first microsecond
	0x6001, 0x2fff, // x 2047: off the sensor
	0x0001, 0x37fe, 0x4003, // both off the sensor
	0x2003,
	0xaa00, // channel 10, falling
)

const turn = 1 << 24

var goldenEvents = []events.Event{
	{T: 0xfffffe, X: 5, Y: 2, P: events.On},
	{T: 0xfffffe, X: 4, Y: 2, P: events.Off},
	{T: 0xfffffe, X: 6, Y: 2, P: events.On},
	{T: 0xfffffe, X: 17, Y: 2, P: events.On},
	{T: 0xfffffe, X: 18, Y: 2, P: events.On},
	{T: 0xfffffe, X: 25, Y: 2, P: events.On},
	{T: 0xfffffe, X: 27, Y: 2, P: events.On},
	{T: 0xffffff, X: 1, Y: 2, P: events.Off},
	{T: turn, X: 2, Y: 2, P: events.Off},
	{T: turn + 1, X: 3, Y: 1, P: events.Off},
}

var goldenTriggers = []events.Trigger{
	{T: 0xfffffe, ID: 3, Rising: true, After: 7},
	{T: turn + 1, ID: 10, After: 10},
}

func TestReadGolden(t *testing.T) {
	head := len(raw(hd, nil))
	for _, capacity := range []int{1, 2, 3, 40, 100} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "one byte": iotest.OneByteReader,
			"halves": iotest.HalfReader, "data with the end": iotest.DataErrReader,
		} {
			r := formattest.NewReader(t, evt3.Name, wrap(bytes.NewReader(raw(hd, golden))), events.Geometry{})
			var triggers []events.Trigger
			formattest.Triggers(t, r, &triggers)
			got, damage, end := formattest.ReadAll(t, r, capacity)
			require.Equal(t, goldenEvents, got, name)
			require.ErrorIs(t, end, io.EOF)
			require.Equal(t, goldenTriggers, triggers)
			require.Equal(t, map[string]int64{
				"event without a time or place": 2, "padding": 1, "external trigger": 2, "other": 1, "continuation": 2, "reserved": 1,
			}, r.Skipped())
			require.Len(t, damage, 2)
			require.EqualError(t, damage[0], "evt3 at byte 80: expected an event within 1280x720 pixels, found x 2047, y 2")
			require.Equal(t, int64(head+22*2), damage[0].Offset)
			require.EqualError(t, damage[1], "evt3 at byte 86: expected an event within 1280x720 pixels, found 2 in row y 1, the first at x 2046")
		}
	}
}

// An unfinished vector has lost nothing that can be told; an unfinished word is
// damage.
func TestTruncated(t *testing.T) {
	whole, _, _ := formattest.ReadAll(t, formattest.NewReader(t, evt3.Name, bytes.NewReader(raw(hd, golden)), events.Geometry{}), 100)
	for n := range golden {
		got, _, end := formattest.ReadAll(t, formattest.NewReader(t, evt3.Name, bytes.NewReader(raw(hd, golden[:n])), events.Geometry{}), 3)
		require.Equal(t, whole[:len(got)], append([]events.Event{}, got...))
		if n%2 == 0 {
			require.ErrorIs(t, end, io.EOF)
			continue
		}
		var fe *events.FormatError
		require.ErrorAs(t, end, &fe)
		require.Equal(t, &events.FormatError{
			Format: "evt3", Offset: int64(len(raw(hd, nil)) + n - 1), Fatal: true,
			Want: "a word of 2 bytes", Got: "the end of the file after 1",
		}, fe)
	}
}

// The words that a writer makes of events.
func TestWriteGolden(t *testing.T) {
	var in []events.Event
	for _, x := range []uint16{10, 11, 12, 40, 41, 42, 43, 44, 45, 46} {
		in = append(in, events.Event{T: 4097, X: x, Y: 3, P: events.On})
	}
	in = append(in, events.Event{T: 4098, X: 46, Y: 3}, events.Event{T: 4098, X: 45, Y: 3}, events.Event{T: 8192, X: 45, Y: 4})
	var b bytes.Buffer
	w, err := formattest.Format(t, evt3.Name).NewWriter(&b, events.Header{Geometry: hd})
	require.NoError(t, err)
	require.NoError(t, w.Write(in[:10]))
	require.NoError(t, formattest.TriggerWriter(t, w).WriteTrigger(events.Trigger{T: 4097, ID: 15, Rising: true}))
	require.NoError(t, w.Write(in[10:]))
	require.ErrorContains(t, formattest.TriggerWriter(t, w).WriteTrigger(events.Trigger{T: 8192, ID: 16}), "channel 16: evt3 holds channels to 15")
	require.NoError(t, w.Close())
	const head = "% camera_integrator_name Prophesee\n% evt 3.0\n% format EVT3;height=720;width=1280\n% geometry 1280x720\n" +
		"% plugin_integrator_name Prophesee\n% plugin_name hal_plugin_prophesee\n% end\n"
	require.Equal(t, head, b.String()[:len(head)])
	require.Equal(t, words(
		0x8001, 0x6001, 0x0003,
		0x380a, 0x4007, 0x4000, 0x50c0, // 10 to 12, 40, 41
		0x401f, 0x4000, 0x5000, // 42 to 46, from 42 on: the base is there
		0xaf01,
		0x6002, 0x202e, 0x202d, // downwards: no vector
		0x8002, 0x6000, 0x0004, 0x202d,
	), b.Bytes()[len(head):])
	got, _, _ := formattest.ReadAll(t, formattest.NewReader(t, evt3.Name, &b, events.Geometry{}), 100)
	require.Equal(t, in, got)
}

// The contract, on the same words.
func TestReader(t *testing.T) {
	head := len(raw(hd, nil))
	want := &reference{geometry: hd, y: -1, x: -1, skipped: map[string]int64{}}
	var ends []int
	for n := 0; n < len(golden); n += 2 {
		want.read(golden[n : n+2])
		for len(ends) < len(want.out) {
			ends = append(ends, head+n+2)
		}
	}
	_, damage, _ := formattest.ReadAll(t, formattest.NewReader(t, evt3.Name, bytes.NewReader(raw(hd, golden)), events.Geometry{}), 100)
	require.Len(t, damage, want.damaged)
	formattest.Reader(t, formattest.Sample{
		Format: evt3.Name, Data: raw(hd, golden), Header: events.Header{Format: evt3.Name, Geometry: hd}, Events: goldenEvents,
		Ends: ends, Skipped: want.skipped, Damage: formattest.Says(damage), Head: head, Clean: func(n int) bool { return (n-head)%2 == 0 },
	})
}
