package evt2_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt2"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Words made by hand from the layout in the package comment.
var golden = words(
	0x10000000, // an event without a time
	0x8fffffff, // the last high part of a turn
	0x1fc02803, // 63 us: x 5, y 3, ON
	0x0005100b, // 0 us: x 162, y 11, OFF
	0x0042d016, // 1 us: x 90, y 22, OFF
	0xa0c01f01, // a trigger of channel 31, 3 us, rising
	0xe0000001, 0xf0000002, 0xf0000003,
	0x20000000, 0x99999999, // of no type
	0x80000000, // the next turn
	0x10000001, // x 0, y 1, ON
	0x03e80000, // x 1280: off the sensor
	0x80000001,
	0x100002d0, // y 720: off the sensor
	0x03ffd000, // 15 us: x 2042: off the sensor
	0x100ffacf, // x 511, y 719, ON
	0xa0000000, // channel 0, falling
)

const turn = 1 << 34

var goldenEvents = []events.Event{
	{T: turn - 1, X: 5, Y: 3, P: events.On},
	{T: turn - 64, X: 162, Y: 11, P: events.Off},
	{T: turn - 63, X: 90, Y: 22, P: events.Off},
	{T: turn, X: 0, Y: 1, P: events.On},
	{T: turn + 64, X: 511, Y: 719, P: events.On},
}

func TestReadGolden(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 40} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "one byte": iotest.OneByteReader,
			"halves": iotest.HalfReader, "data with the end": iotest.DataErrReader,
		} {
			r := formattest.NewReader(t, evt2.Name, wrap(bytes.NewReader(raw(hd, golden))), events.Geometry{})
			var triggers []events.Trigger
			formattest.Triggers(t, r, &triggers)
			got, damage, end := formattest.ReadAll(t, r, capacity)
			require.Equal(t, goldenEvents, got, name)
			require.ErrorIs(t, end, io.EOF)
			require.Equal(t, []events.Trigger{{T: turn - 61, ID: 31, Rising: true, After: 3}, {T: turn + 64, After: 5}}, triggers)
			require.Equal(t, map[string]int64{
				"event without a time or place": 1, "external trigger": 2, "other": 1, "continuation": 2, "reserved": 2,
			}, r.Skipped())
			require.Len(t, damage, 3)
			require.EqualError(t, damage[0], "evt2 at byte 88: expected an event within 1280x720 pixels, found x 1280, y 0")
		}
	}
}

// The words that a writer makes of events.
func TestWriteGolden(t *testing.T) {
	in := []events.Event{{T: 1 << 20, X: 5, Y: 3, P: events.On}, {T: 1<<20 + 63, X: 90, Y: 22}, {T: 1<<20 + 64, X: 2047, Y: 2047}}
	var b bytes.Buffer
	w, err := formattest.Format(t, evt2.Name).NewWriter(&b, events.Header{Geometry: events.Geometry{Width: 2048, Height: 2048}})
	require.NoError(t, err)
	require.NoError(t, w.Write(in[:1]))
	require.NoError(t, formattest.TriggerWriter(t, w).WriteTrigger(events.Trigger{T: 1<<20 + 3, ID: 31, Rising: true}))
	require.NoError(t, w.Write(in[1:]))
	require.NoError(t, w.Close())
	const head = "% camera_integrator_name Prophesee\n% evt 2.0\n% format EVT2;height=2048;width=2048\n% geometry 2048x2048\n" +
		"% plugin_integrator_name Prophesee\n% plugin_name hal_plugin_prophesee\n% end\n"
	require.Equal(t, head, b.String()[:len(head)])
	require.Equal(t, words(0x80004000, 0x10002803, 0xa0c01f01, 0x0fc2d016, 0x80004001, 0x003fffff), b.Bytes()[len(head):])
	got, _, _ := formattest.ReadAll(t, formattest.NewReader(t, evt2.Name, &b, events.Geometry{}), 100)
	require.Equal(t, in, got)
}

// The contract, on the same words.
func TestReader(t *testing.T) {
	head := len(raw(hd, nil))
	want := &reference{geometry: hd, skipped: map[string]int64{}}
	var ends []int
	for n := 0; n < len(golden); n += 4 {
		want.read(golden[n : n+4])
		for len(ends) < len(want.out) {
			ends = append(ends, head+n+4)
		}
	}
	_, damage, _ := formattest.ReadAll(t, formattest.NewReader(t, evt2.Name, bytes.NewReader(raw(hd, golden)), events.Geometry{}), 100)
	require.Len(t, damage, want.damaged)
	formattest.Reader(t, formattest.Sample{
		Format: evt2.Name, Data: raw(hd, golden), Header: events.Header{Format: evt2.Name, Geometry: hd}, Events: goldenEvents,
		Ends: ends, Skipped: want.skipped, Damage: formattest.Says(damage), Head: head, Clean: func(n int) bool { return (n-head)%4 == 0 },
	})
}
