package prophesee_test

import (
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// codec is one encoding of those that are written as well.
type codec struct {
	name string
	turn int64 // of its clock in microseconds
	low  int64 // of the low part of time
	word int   // bytes
}

var codecs = []codec{{"evt2", 1 << 34, 1 << 6, 4}, {"evt3", 1 << 24, 1 << 12, 2}}

// words are a file without its header.
func words(t require.TestingT, file []byte) []byte {
	h, _, err := prophesee.ParseHeader(file, true)
	require.NoError(t, err)
	return file[h.Bytes:]
}

var wide = events.Geometry{Width: 2048, Height: 2048}

// drawEvents makes events as cameras send them: runs of neighbours in a row, and
// single ones, at times that step by little or much, and back where the clock allows.
func drawEvents(t *rapid.T, c codec, start int64) []events.Event {
	step := rapid.OneOf(rapid.Int64Range(0, 2), rapid.Int64Range(0, 10_000), rapid.SampledFrom([]int64{63, 64, 4095, 4096, c.turn / 2, c.turn - 1, c.turn, 2*c.turn + 5}))
	n := rapid.IntRange(0, 12).Draw(t, "runs")
	var in []events.Event
	at := start
	for range n {
		at += step.Draw(t, "step")
		e := events.Event{
			T: at, X: rapid.Uint16Range(0, 2047).Draw(t, "x"), Y: rapid.Uint16Range(0, 2047).Draw(t, "y"),
			P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
		}
		if back := rapid.Int64Range(0, 200).Draw(t, "back"); at%c.turn >= back && rapid.IntRange(0, 4).Draw(t, "goes back") == 0 {
			e.T -= back
		}
		in = append(in, e)
		for range rapid.IntRange(0, 40).Draw(t, "neighbours") {
			e.X += rapid.Uint16Range(1, 3).Draw(t, "gap")
			if e.X <= 2047 {
				in = append(in, e)
			}
		}
	}
	return in
}

// What is written is read again, whatever the steps of time.
func TestFileRoundTrip(t *testing.T) {
	for _, c := range codecs {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				in := drawEvents(t, c, rapid.OneOf(rapid.Int64Range(0, 5_000), rapid.Int64Range(0, 5*c.turn)).Draw(t, "start"))
				g := rapid.SampledFrom([]events.Geometry{{}, wide}).Draw(t, "geometry")
				split := rapid.IntRange(0, len(in)).Draw(t, "split")
				b := formattest.Write(t, c.name, g, in[:split], in[split:])
				require.NoError(t, formattest.Format(t, c.name).Detect(b[:min(len(b), events.DetectBytes)], int64(len(b))))
				r, err := formattest.Format(t, c.name).NewReader(bytes.NewReader(b), events.Geometry{})
				require.NoError(t, err)
				out, damage := read(t, r, rapid.IntRange(1, 70).Draw(t, "capacity"))
				require.Empty(t, damage)
				require.Equal(t, in, out)
				if g.Known() {
					require.Equal(t, g, r.Header().Geometry)
				}
				require.Empty(t, r.Skipped())
			})
		})
	}
}

// Triggers keep their place among the events.
func TestTriggerRoundTrip(t *testing.T) {
	for _, c := range codecs {
		rapid.Check(t, func(t *rapid.T) {
			in := drawEvents(t, c, rapid.Int64Range(0, 3*c.turn).Draw(t, "start"))
			var b bytes.Buffer
			w, err := formattest.Format(t, c.name).NewWriter(&b, events.Header{})
			require.NoError(t, err)
			var want []events.Trigger
			for i, e := range in {
				require.NoError(t, w.Write(in[i:i+1]))
				if rapid.IntRange(0, 5).Draw(t, "trigger") == 0 {
					g := events.Trigger{T: e.T, ID: rapid.Uint8Range(0, 15).Draw(t, "id"), Rising: rapid.Bool().Draw(t, "rising"), After: int64(i + 1)}
					require.NoError(t, formattest.TriggerWriter(t, w).WriteTrigger(g))
					want = append(want, g)
				}
			}
			require.NoError(t, w.Close())
			r, err := formattest.Format(t, c.name).NewReader(&b, events.Geometry{})
			require.NoError(t, err)
			var got []events.Trigger
			formattest.Triggers(t, r, &got)
			out, damage := read(t, r, rapid.IntRange(1, 70).Draw(t, "capacity"))
			require.Empty(t, damage)
			require.Equal(t, in, out)
			require.Equal(t, want, got)
		})
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, c := range codecs {
		for _, g := range []events.Geometry{{Width: 2049, Height: 1}, {Width: 1, Height: 2049}, {Width: 5}, {Width: -1, Height: 1}} {
			_, err := formattest.Format(t, c.name).NewWriter(io.Discard, events.Header{Geometry: g})
			require.ErrorContains(t, err, "holds 1x1 to 2048x2048 pixels", "%+v", g)
		}
		for name, x := range map[string]struct {
			in   []events.Event
			says string
		}{
			"x":              {[]events.Event{{}, {X: 2048}}, "event 1: x 2048, y 0: " + c.name + " holds both to 2047"},
			"y":              {[]events.Event{{Y: 2048}}, "event 0: x 0, y 2048"},
			"below 0":        {[]events.Event{{T: -1}}, "event 0: t -1 us: " + c.name + " holds no times below 0"},
			"back by a turn": {[]events.Event{{T: c.turn}, {T: c.turn - 1}}, "cannot go back from"},
			"back by half":   {[]events.Event{{T: c.turn - 1}, {T: c.turn/2 - c.low}}, "event 1: t "},
			"far":            {[]events.Event{{T: math.MaxInt64}}, "cannot hold a gap of more than"},
		} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				var b bytes.Buffer
				w, err := formattest.Format(t, c.name).NewWriter(&b, events.Header{})
				require.NoError(t, err)
				require.ErrorContains(t, w.Write(x.in), x.says)
				require.NoError(t, w.Write([]events.Event{{T: c.turn, X: 7}}), "it can be gone on with")
				require.NoError(t, w.Close())
				r, err := formattest.Format(t, c.name).NewReader(&b, events.Geometry{})
				require.NoError(t, err)
				out, damage := read(t, r, 10)
				require.Empty(t, damage)
				require.Equal(t, append(append([]events.Event{}, x.in[:len(x.in)-1]...), events.Event{T: c.turn, X: 7}), out)
			})
		}
	}
}

// read reads to an end that is one.
func read(t require.TestingT, r events.Reader, capacity int) (in []events.Event, damage []*events.FormatError) {
	in, damage, end := formattest.ReadAll(t, r, capacity)
	require.Equal(t, io.EOF, end)
	return in, damage
}

// The contract, on what our own writers make; the encodings have words made by hand.
func TestReader(t *testing.T) {
	for _, c := range codecs {
		t.Run(c.name, func(t *testing.T) {
			g := events.Geometry{Width: 640, Height: 480}
			in := []events.Event{{T: 5, X: 2, Y: 3, P: events.On}, {T: 6, X: 639, Y: 479}, {T: c.turn + 1, X: 7, Y: 8}}
			b := formattest.Write(t, c.name, g, in)
			head := len(b) - len(words(t, b))
			// Each event's own word is the last of those that writing it adds.
			var ends []int
			for i := range in {
				ends = append(ends, len(formattest.Write(t, c.name, g, in[:i+1])))
			}
			formattest.Reader(t, formattest.Sample{
				Format: c.name, Data: b, Header: events.Header{Format: c.name, Geometry: g}, Events: in, Ends: ends,
				Head: head, Clean: func(n int) bool { return (n-head)%c.word == 0 },
			})
		})
	}
}

func TestWriter(t *testing.T) {
	for _, c := range codecs {
		in := []events.Event{{T: 1, X: 2, Y: 3}, {T: 2, X: 3, Y: 4, P: events.On}, {T: 2, X: 4, Y: 4, P: events.On}, {T: 3 * c.turn, X: 5, Y: 6}}
		formattest.Writer(t, c.name, wide, in)
		formattest.Writer(t, c.name, events.Geometry{}, in)
	}
}

func TestReadDoesNotAllocate(t *testing.T) {
	for _, c := range codecs {
		in := make([]events.Event, 4000)
		for i := range in {
			in[i] = events.Event{T: int64(i), X: uint16(i % 64), Y: uint16(i / 64)}
		}
		b := formattest.Write(t, c.name, wide, in)
		head := b[:len(b)-len(words(t, b))]
		r := formattest.NewReader(t, c.name, formattest.Endless(head, words(t, b)), events.Geometry{})
		require.Zero(t, formattest.Allocations(t, r, 100))
	}
}
