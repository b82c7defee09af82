package aedat31_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat31"
	"github.com/saccade-dev/saccade/events/formattest"
)

// What is written is read again, with its geometry.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.OneOf(rapid.IntRange(1, events.MaxSide), rapid.SampledFrom([]int{128, 240, 180, 640, 480}))
		g := events.Geometry{Width: side.Draw(t, "width"), Height: side.Draw(t, "height")}
		n := rapid.IntRange(0, 40).Draw(t, "events")
		at := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, 1<<61), rapid.SampledFrom([]int64{1<<31 - 5, 1 << 32})).Draw(t, "start")
		in := make([]events.Event, 0, n)
		for range n {
			in = append(in, events.Event{
				T: at, X: uint16(rapid.IntRange(0, g.Width-1).Draw(t, "x")), Y: uint16(rapid.IntRange(0, g.Height-1).Draw(t, "y")),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			})
			at = max(0, at+rapid.OneOf(rapid.Int64Range(-30, 2000), rapid.Int64Range(-1<<33, 1<<33)).Draw(t, "step"))
		}
		if rapid.IntRange(0, 4).Draw(t, "kind") == 0 {
			g = events.Geometry{}
		}
		split := rapid.IntRange(0, n).Draw(t, "split")
		b := formattest.Write(t, aedat31.Name, g, in[:split], in[split:])
		require.NoError(t, formattest.Format(t, aedat31.Name).Detect(b, int64(len(b))))
		r := formattest.NewReader(t, aedat31.Name, bytes.NewReader(b), events.Geometry{})
		require.Equal(t, g, r.Header().Geometry)
		out, damage, end := formattest.ReadAll(t, r, rapid.IntRange(1, 50).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
	})
}

func TestWriteGolden(t *testing.T) {
	const start = "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: "
	in := []events.Event{{T: 1, X: 3, Y: 4, P: events.On}, {T: 1 << 31, X: 5, Y: 6}, {T: 1<<31 + 1, X: 7, Y: 8}}
	packets := string(bytes.Join([][]byte{polarity(0, event(1, 3, 4, 1)), polarity(1, event(0, 5, 6, 0), event(1, 7, 8, 0))}, nil))
	require.Equal(t, start+"DAVIS240C\r\n#Start-Time: 1970-01-01 00:00:00 (TZ+0000)\r\n#!END-HEADER\r\n"+packets,
		string(formattest.Write(t, aedat31.Name, events.Geometry{Width: 240, Height: 180}, in)))
	require.Equal(t, start+"File\r\n#Start-Time: 1970-01-01 00:00:00 (TZ+0000)\r\n#Sensor-Size: 34x35\r\n#!END-HEADER\r\n"+packets,
		string(formattest.Write(t, aedat31.Name, events.Geometry{Width: 34, Height: 35}, in)))
	require.Equal(t, start+"File\r\n#Start-Time: 1970-01-01 00:00:00 (TZ+0000)\r\n#!END-HEADER\r\n",
		string(formattest.Write(t, aedat31.Name, events.Geometry{})), "a recording with no events")
	// Packets are bounded.
	b := formattest.Write(t, aedat31.Name, events.Geometry{}, make([]events.Event, 5000))
	require.Len(t, b, len(start)+len("File\r\n#Start-Time: 1970-01-01 00:00:00 (TZ+0000)\r\n#!END-HEADER\r\n")+2*28+5000*8)
}

func TestWriterRefuses(t *testing.T) {
	_, err := formattest.Format(t, aedat31.Name).NewWriter(io.Discard, events.Header{Geometry: events.Geometry{Width: 5000, Height: 1}})
	require.ErrorContains(t, err, "expected sides from 1 to 4096")
	for says, in := range map[string][]events.Event{
		"event 1: x 240, y 3: expected an event within 240x180 pixels": {{}, {X: 240, Y: 3}},
		"event 0: x 0, y 180": {{Y: 180}},
		"event 0: t -1 us: aedat31 holds times from 0 to 4611686018427387903": {{T: -1}},
		"event 1: t 4611686018427387904 us":                                   {{T: 1<<62 - 1}, {T: 1 << 62}},
	} {
		w, err := formattest.Format(t, aedat31.Name).NewWriter(io.Discard, events.Header{Geometry: events.Geometry{Width: 240, Height: 180}})
		require.NoError(t, err)
		require.ErrorContains(t, w.Write(in), says)
	}
}

func TestWriter(t *testing.T) {
	in := []events.Event{{T: 1, X: 3, Y: 4, P: events.On}, {T: 1 << 31, X: 127, Y: 127}, {T: 1<<40 + 7, X: 5, Y: 6}}
	formattest.Writer(t, aedat31.Name, events.Geometry{Width: 346, Height: 260}, in)
	formattest.Writer(t, aedat31.Name, events.Geometry{}, in)
}
