package es_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/es"
	"github.com/saccade-dev/saccade/events/formattest"
)

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := events.Geometry{Width: rapid.IntRange(1, 4096).Draw(t, "w"), Height: rapid.IntRange(1, 4096).Draw(t, "h")}
		step := rapid.OneOf(rapid.Int64Range(0, 200), rapid.Int64Range(0, 200_000), rapid.SampledFrom([]int64{0, 126, 127, 128, 253, 254, 255}))
		at := int64(0)
		in := rapid.SliceOf(rapid.Custom(func(t *rapid.T) events.Event {
			at += step.Draw(t, "step")
			return events.Event{
				T: at, X: uint16(rapid.IntRange(0, g.Width-1).Draw(t, "x")), Y: uint16(rapid.IntRange(0, g.Height-1).Draw(t, "y")),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			}
		})).Draw(t, "events")
		split := rapid.IntRange(0, len(in)).Draw(t, "split")
		content := formattest.Write(t, es.Name, g, in[:split], in[split:])
		require.NoError(t, formattest.Format(t, es.Name).Detect(content, int64(len(content))))
		r := formattest.NewReader(t, es.Name, bytes.NewReader(content), events.Geometry{})
		require.Equal(t, g, r.Header().Geometry)
		out, damage, end := formattest.ReadAll(t, r, rapid.IntRange(1, 50).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
		require.Empty(t, r.Skipped())
		slowly, whole := slow(content)
		require.True(t, whole)
		require.Equal(t, in, append([]events.Event{}, slowly...))
	})
}

func TestWriteGolden(t *testing.T) {
	content := formattest.Write(t, es.Name, events.Geometry{Width: 320, Height: 240}, goldenEvents[:1], goldenEvents[1:])
	require.Equal(t, strings.ReplaceAll(golden[:len(golden)-1], "\xfe\xfe\xfe\xfe\xfe", ""), string(content))
}

// More than a buffer, with a gap that takes more than one as well.
func TestWriteLong(t *testing.T) {
	in := make([]events.Event, 30_001)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i % 640), Y: uint16(i % 480), P: events.Polarity(i % 2)}
		if i > 20_000 {
			in[i].T += 20_000_000
		}
	}
	content := formattest.Write(t, es.Name, events.Geometry{Width: 640, Height: 480}, in[:12_345], in[12_345:])
	out, damage, end := formattest.ReadAll(t, formattest.NewReader(t, es.Name, bytes.NewReader(content), events.Geometry{}), events.DefaultPacketEvents)
	require.ErrorIs(t, end, io.EOF)
	require.Empty(t, damage)
	require.Equal(t, in, out)
}

func TestWriterRefuses(t *testing.T) {
	_, err := formattest.Format(t, es.Name).NewWriter(io.Discard, events.Header{})
	require.ErrorContains(t, err, "expected a geometry, found none")
	for _, g := range []events.Geometry{{Width: 4097, Height: 1}, {Width: 1}, {Width: 5, Height: -1}} {
		_, err := formattest.Format(t, es.Name).NewWriter(io.Discard, events.Header{Geometry: g})
		require.ErrorContains(t, err, "expected sides from 1 to 4096")
	}
	for says, bad := range map[string]events.Event{
		"event 1: x 34, y 0: expected an event within 34x34 pixels":                                                     {X: 34, T: 9},
		"event 1: x 0, y 34: expected an event within 34x34 pixels":                                                     {Y: 34, T: 9},
		"event 1: t 4 us: es cannot go back behind 5 us":                                                                {T: 4},
		"event 1: t 1633953690975950 us: es writes no gap of more than 1065 s, and there are 1633953690 s from 5 us":    {T: 1633953690975950},
		"event 1: t 9223372036854775807 us: es writes no gap of more than 1065 s, and there are 9223372036854 s from 5": {T: 1<<63 - 1},
	} {
		w, err := formattest.Format(t, es.Name).NewWriter(io.Discard, events.Header{Geometry: events.Geometry{Width: 34, Height: 34}})
		require.NoError(t, err)
		require.ErrorContains(t, w.Write([]events.Event{{T: 5}, bad}), says)
		require.NoError(t, w.Write([]events.Event{{T: 5}}), "it can be gone on with")
		require.NoError(t, w.Close())
	}
}

func TestWriter(t *testing.T) {
	g := events.Geometry{Width: 320, Height: 240}
	formattest.Writer(t, es.Name, g, goldenEvents)
	// A gap is written in more than one call.
	open := func(w io.Writer) (events.Writer, error) {
		return formattest.Format(t, es.Name).NewWriter(w, events.Header{Geometry: g})
	}
	formattest.WriterErrors(t, open, []events.Event{{}, {T: 127 << 20}})
}
