package text_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/text"
)

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{text.Name, text.NameCSV}).Draw(t, "format")
		at := rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(-1<<62, 1<<62)).Draw(t, "start")
		step := rapid.OneOf(rapid.Int64Range(0, 200), rapid.Int64Range(-50, 10_000_000))
		in := rapid.SliceOf(rapid.Custom(func(t *rapid.T) events.Event {
			at += step.Draw(t, "step")
			return events.Event{
				T: at, X: rapid.Uint16Range(0, 4095).Draw(t, "x"), Y: rapid.Uint16Range(0, 4095).Draw(t, "y"),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			}
		})).Draw(t, "events")
		split := rapid.IntRange(0, len(in)).Draw(t, "split")
		content := formattest.Write(t, name, vga, in[:split], in[split:])
		f, err := events.FormatByName(name)
		require.NoError(t, err)
		if len(in) > 0 || name == text.NameCSV {
			require.NoError(t, f.Detect(content[:min(len(content), events.DetectBytes)], int64(len(content))))
		}
		r, err := f.NewReader(bytes.NewReader(content), events.Geometry{})
		require.NoError(t, err)
		require.Equal(t, name, r.Header().Format)
		out, damage, end := formattest.ReadAll(t, r, rapid.IntRange(1, 50).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
	})
}

func TestWriteGolden(t *testing.T) {
	in := []events.Event{{T: 3811, X: 96, Y: 133}, {T: 1_000_000, X: 0, Y: 7, P: events.On}, {T: -1}, {T: math.MaxInt64}, {T: math.MinInt64, X: 4095}}
	require.Equal(t, "0.003811 96 133 0\n1.000000 0 7 1\n-0.000001 0 0 0\n9223372036854.775807 0 0 0\n-9223372036854.775808 4095 0 0\n",
		string(formattest.Write(t, text.Name, vga, in[:2], in[2:])))
	require.Equal(t, "t,x,y,p\n3811,96,133,0\n1000000,0,7,1\n-1,0,0,0\n9223372036854775807,0,0,0\n-9223372036854775808,4095,0,0\n",
		string(formattest.Write(t, text.NameCSV, vga, in[:2], in[2:])))
}

func TestWriterRefuses(t *testing.T) {
	full := errors.New("the disk is full")
	f, err := events.FormatByName(text.Name)
	require.NoError(t, err)
	w, err := f.NewWriter(failingWriter{full}, events.Header{})
	require.NoError(t, err)
	require.ErrorContains(t, w.Write([]events.Event{{}, {X: 4096}}), "event 1: x 4096, y 0: expected an event within 4096x4096 pixels")
	require.ErrorContains(t, w.Write([]events.Event{{Y: 4096}}), "event 1: x 0, y 4096")
	require.ErrorIs(t, w.Write(make([]events.Event, 20_000)), full)
	require.ErrorIs(t, w.Close(), full, "nothing is written behind a hole")
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

var vga = events.Geometry{Width: 640, Height: 480}

func TestWriter(t *testing.T) {
	formattest.Writer(t, text.Name, events.Geometry{}, want)
	formattest.Writer(t, text.NameCSV, vga, want)
}
