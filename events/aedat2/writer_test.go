package aedat2_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat2"
	"github.com/saccade-dev/saccade/events/formattest"
)

// What is written is read again, with its geometry.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := events.Geometry{Width: rapid.IntRange(1, 640).Draw(t, "width"), Height: rapid.IntRange(1, 480).Draw(t, "height")}
		known := g
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			g = events.Geometry{Width: 128, Height: 128}
			known = g
		case 1:
			known, g = events.Geometry{}, events.Geometry{Width: 640, Height: 480}
		}
		n := rapid.IntRange(0, 40).Draw(t, "events")
		at := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(-1<<50, 1<<50), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64 - 1<<40, 1<<32 - 5})).Draw(t, "start")
		first := at
		in := make([]events.Event, 0, n)
		for range n {
			in = append(in, events.Event{
				T: at, X: uint16(rapid.IntRange(0, g.Width-1).Draw(t, "x")), Y: uint16(rapid.IntRange(0, g.Height-1).Draw(t, "y")),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			})
			at += rapid.OneOf(rapid.Int64Range(0, 2000), rapid.Int64Range(0, 1<<31-1)).Draw(t, "step")
			if at > first+30 && rapid.IntRange(0, 9).Draw(t, "back") == 0 {
				at -= 30
			}
		}
		split := rapid.IntRange(0, n).Draw(t, "split")
		b := formattest.Write(t, aedat2.Name, known, in[:split], in[split:])
		require.NoError(t, formattest.Format(t, aedat2.Name).Detect(b, int64(len(b))))
		r := formattest.NewReader(t, aedat2.Name, bytes.NewReader(b), events.Geometry{})
		require.Equal(t, known, r.Header().Geometry)
		out, damage, end := formattest.ReadAll(t, r, rapid.IntRange(1, 50).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
	})
}

func TestWriteGolden(t *testing.T) {
	const start = "#!AER-DAT2.0\r\n# This is a raw AE data file - do not edit\r\n" +
		"# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event\r\n# Timestamps tick is 1 us\r\n"
	in := []events.Event{{T: 1, X: 3, Y: 4, P: events.On}, {T: 1 << 31, X: 127, Y: 127}}
	require.Equal(t, string(file(start+"# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n#End Of ASCII Header\r\n",
		dvs(1, 3, 4, 1), dvs(1<<31, 127, 127, 0))), string(formattest.Write(t, aedat2.Name, events.Geometry{Width: 128, Height: 128}, in)))
	require.Equal(t, string(file(start+"# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n# Sensor size: 240x128 pixels\r\n#End Of ASCII Header\r\n",
		davis(1, 3, 4, 1), davis(1<<31, 127, 127, 0))), string(formattest.Write(t, aedat2.Name, events.Geometry{Width: 240, Height: 128}, in)))
	require.Equal(t, string(file(start+"# AEChip: eu.seebetter.ini.chips.davis.Davis640\r\n# Sensor size: unknown\r\n# Time origin: 4294967296 us\r\n#End Of ASCII Header\r\n",
		davis(5, 3, 4, 0))), string(formattest.Write(t, aedat2.Name, events.Geometry{}, []events.Event{{T: 1<<32 + 5, X: 3, Y: 4}})))
	require.Equal(t, start+"# AEChip: eu.seebetter.ini.chips.davis.Davis346red\r\n#End Of ASCII Header\r\n",
		string(formattest.Write(t, aedat2.Name, events.Geometry{Width: 346, Height: 260})), "a recording with no events")
}

func TestWriterRefuses(t *testing.T) {
	for _, g := range []events.Geometry{{Width: 641, Height: 1}, {Width: 1, Height: 481}} {
		_, err := formattest.Format(t, aedat2.Name).NewWriter(io.Discard, events.Header{Geometry: g})
		require.ErrorContains(t, err, "aedat2 holds 640x480 pixels at the most")
	}
	_, err := formattest.Format(t, aedat2.Name).NewWriter(io.Discard, events.Header{Geometry: events.Geometry{Width: -1, Height: 1}})
	require.ErrorContains(t, err, "expected sides from 1 to 4096")
	for says, in := range map[string][]events.Event{
		"event 1: x 240, y 3: expected an event within 240x180 pixels": {{}, {X: 240, Y: 3}},
		"event 0: x 0, y 180": {{Y: 180}},
		"event 1: t 4294967296 us: aedat2 cannot hold it behind 5 us":              {{T: 5}, {T: 1 << 32}},
		"event 1: t 4294967295 us: aedat2 cannot hold it behind 4294967301 us":     {{T: 1<<32 + 5}, {T: 1<<32 - 1}},
		"event 2: t 6442450950 us: aedat2 cannot hold it behind 4294967297 us: it": {{T: 1<<32 - 1}, {T: 1<<32 + 1}, {T: 1<<32 + 1<<31 + 6}},
	} {
		w, err := formattest.Format(t, aedat2.Name).NewWriter(io.Discard, events.Header{Geometry: events.Geometry{Width: 240, Height: 180}})
		require.NoError(t, err)
		require.ErrorContains(t, w.Write(in), says)
	}
}

func TestWriter(t *testing.T) {
	in := []events.Event{{T: 1, X: 3, Y: 4, P: events.On}, {T: 1 << 31, X: 127, Y: 127}, {T: 1<<32 - 1}, {T: 1<<32 + 7, X: 5, Y: 6}}
	formattest.Writer(t, aedat2.Name, events.Geometry{Width: 346, Height: 260}, in)
	formattest.Writer(t, aedat2.Name, events.Geometry{Width: 128, Height: 128}, in)
}
