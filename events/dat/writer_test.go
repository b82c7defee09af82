package dat_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/dat"
	"github.com/saccade-dev/saccade/events/formattest"
)

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h events.Header
		bounds := events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
		if rapid.Bool().Draw(t, "geometry") {
			h.Geometry = events.Geometry{Width: rapid.IntRange(1, 4096).Draw(t, "w"), Height: rapid.IntRange(1, 4096).Draw(t, "h")}
			bounds = h.Geometry
		}
		in := rapid.SliceOf(rapid.Custom(func(t *rapid.T) events.Event {
			return events.Event{
				T: rapid.Int64Range(0, 1<<32-1).Draw(t, "t"),
				X: uint16(rapid.IntRange(0, bounds.Width-1).Draw(t, "x")), Y: uint16(rapid.IntRange(0, bounds.Height-1).Draw(t, "y")),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			}
		})).Draw(t, "events")
		split := rapid.IntRange(0, len(in)).Draw(t, "split")
		content := formattest.Write(t, dat.Name, h.Geometry, in[:split], in[split:])
		require.NoError(t, formattest.Format(t, dat.Name).Detect(content[:min(len(content), events.DetectBytes)], int64(len(content))))
		r, err := formattest.Format(t, dat.Name).NewReader(bytes.NewReader(content), events.Geometry{})
		require.NoError(t, err)
		require.Equal(t, h.Geometry, r.Header().Geometry)
		out, damage, end := formattest.ReadAll(t, r, rapid.IntRange(1, 50).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
	})
}

func TestWriteGolden(t *testing.T) {
	content := formattest.Write(t, dat.Name, events.Geometry{Width: 640, Height: 480}, goldenEvents[:1], goldenEvents[1:])
	want := []byte("% Data file containing CD events.\n% Version 2\n% Height 480\n% Width 640\n\x0c\x08")
	want = append(want, golden[len(head2):]...)
	for _, i := range []int{9, 1} { // the bits above p mean nothing and are not written
		want[len(want)-i] &= 0x1f
	}
	require.Equal(t, want, content)
	require.Equal(t, "% Data file containing CD events.\n% Version 2\n\x0c\x08", string(formattest.Write(t, dat.Name, events.Geometry{})))
}

// More than a buffer.
func TestWriteLong(t *testing.T) {
	in := make([]events.Event, 30_001)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i % 640), Y: uint16(i % 480), P: events.Polarity(i % 2)}
	}
	out, damage, end := read(t, bytes.NewReader(formattest.Write(t, dat.Name, events.Geometry{}, in[:12_345], in[12_345:])), events.Geometry{}, events.DefaultPacketEvents)
	require.ErrorIs(t, end, io.EOF)
	require.Empty(t, damage)
	require.Equal(t, in, out)
}

func TestWriterRefuses(t *testing.T) {
	for _, g := range []events.Geometry{{Width: 4097, Height: 1}, {Width: 1}, {Width: 5, Height: -1}} {
		_, err := formattest.Format(t, dat.Name).NewWriter(io.Discard, events.Header{Geometry: g})
		require.ErrorContains(t, err, "expected sides from 1 to 4096")
	}
	for says, bad := range map[string]events.Event{
		"event 1: x 34, y 0: expected an event within 34x34 pixels": {X: 34},
		"event 1: x 0, y 34: expected an event within 34x34 pixels": {Y: 34},
		"event 1: t -1 us: dat holds times from 0 to 4294967295 us": {T: -1},
		"event 1: t 4294967296 us: dat holds times from 0 to":       {T: 1 << 32},
	} {
		w, err := formattest.Format(t, dat.Name).NewWriter(io.Discard, events.Header{Geometry: events.Geometry{Width: 34, Height: 34}})
		require.NoError(t, err)
		require.ErrorContains(t, w.Write([]events.Event{{}, bad}), says)
		require.NoError(t, w.Write([]events.Event{{T: 5}}), "it can be gone on with")
		require.NoError(t, w.Close())
	}
}

func TestWriter(t *testing.T) {
	formattest.Writer(t, dat.Name, events.Geometry{Width: 640, Height: 480}, goldenEvents)
	formattest.Writer(t, dat.Name, events.Geometry{}, goldenEvents)
}
