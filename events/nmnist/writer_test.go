package nmnist_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// What is written is read again, marks for time that has run over included.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.OneOf(
			rapid.Int64Range(0, 200),
			rapid.Int64Range(0, 10_000_000),
			rapid.SampledFrom([]int64{0, 8191, 8192, 8193, 1<<23 - 1, 1 << 23, 1<<23 + 1, 1<<28 - 1}),
		)
		n := rapid.IntRange(0, 40).Draw(t, "events")
		in := make([]events.Event, 0, n)
		at := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, 200_000_000)).Draw(t, "start")
		for range n {
			in = append(in, events.Event{
				T: at,
				X: rapid.Uint16Range(0, 255).Draw(t, "x"), Y: rapid.Uint16Range(0, 239).Draw(t, "y"),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			})
			at += step.Draw(t, "step")
			if at > 30 && rapid.IntRange(0, 9).Draw(t, "back") == 0 {
				at -= 30 // out of order, as cameras may send them
			}
		}
		var b bytes.Buffer
		w, err := formattest.Format(t, nmnist.Name).NewWriter(&b, events.Header{})
		require.NoError(t, err)
		split := rapid.IntRange(0, n).Draw(t, "split")
		require.NoError(t, w.Write(in[:split]))
		require.NoError(t, w.Write(in[split:]))
		require.NoError(t, w.Close())

		out, damage, end := formattest.ReadAll(t, formattest.NewReader(t, nmnist.Name, &b, events.Geometry{}), rapid.IntRange(1, 50).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
	})
}

// The first five events have the marks that a writer sets; the last has more.
func TestWriteGolden(t *testing.T) {
	var b bytes.Buffer
	w, err := formattest.Format(t, nmnist.Name).NewWriter(&b, events.Header{Geometry: events.Geometry{Width: 256, Height: 240}})
	require.NoError(t, err)
	require.NoError(t, w.Write(goldenEvents[:5]))
	require.NoError(t, w.Close())
	want := bytes.Clone(golden[:30])
	want[20], want[22] = 0, 0x7f // x and polarity of a mark mean nothing
	require.Equal(t, want, b.Bytes())
}

// No more marks than it takes.
func TestWriteMarks(t *testing.T) {
	for at, marks := range map[int64]int{1<<23 - 1: 0, 1 << 23: 1, 1<<23 - 1 + 8192: 1, 1<<23 + 8192: 2, 1<<23 - 1 + 10*8192: 10} {
		var b bytes.Buffer
		w, err := formattest.Format(t, nmnist.Name).NewWriter(&b, events.Header{})
		require.NoError(t, err)
		require.NoError(t, w.Write([]events.Event{{T: at}}))
		require.NoError(t, w.Close())
		require.Equal(t, 5*(marks+1), b.Len(), "%d us", at)
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, g := range []events.Geometry{{Width: 257, Height: 1}, {Width: 1, Height: 241}} {
		_, err := formattest.Format(t, nmnist.Name).NewWriter(io.Discard, events.Header{Geometry: g})
		require.ErrorContains(t, err, "nmnist holds 256x240 pixels at the most")
	}
	for name, c := range map[string]struct {
		in   []events.Event
		says string
	}{
		"x":         {[]events.Event{{}, {X: 256}}, "event 1: x 256, y 0: nmnist holds x to 255 and y to 239"},
		"y":         {[]events.Event{{Y: 240}}, "event 0: x 0, y 240"},
		"below 0":   {[]events.Event{{T: -1}}, "event 0: t -1 us: nmnist cannot go back behind 0 us"},
		"gap":       {[]events.Event{{}, {T: 1 << 40}}, "event 1: t 1099511627776 us: nmnist cannot hold a gap of more than 268 s"},
		"far back":  {[]events.Event{{T: 20_000_000}, {T: 1}}, "event 1: t 1 us: nmnist cannot go back behind"},
		"end of it": {[]events.Event{{T: 1<<63 - 1}}, "cannot hold a gap"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := formattest.Format(t, nmnist.Name).NewWriter(io.Discard, events.Header{})
			require.NoError(t, err)
			require.ErrorContains(t, w.Write(c.in), c.says)
			require.NoError(t, w.Write([]events.Event{{T: 20_000_000}}), "it can be gone on with")
		})
	}
}

func TestWriter(t *testing.T) {
	formattest.Writer(t, nmnist.Name, events.Geometry{}, goldenEvents)
	formattest.Writer(t, nmnist.Name, window, goldenEvents)
}
