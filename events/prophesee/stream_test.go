package prophesee_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
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

func (c codec) format(t require.TestingT) *events.Format {
	f, err := events.FormatByName(c.name)
	require.NoError(t, err)
	return f
}

func (c codec) encoding(t require.TestingT) *events.Encoding {
	e, err := events.EncodingByName(c.name)
	require.NoError(t, err)
	return e
}

// file writes events, in two calls.
func (c codec) file(t require.TestingT, g events.Geometry, in []events.Event, split int) []byte {
	var b bytes.Buffer
	w, err := c.format(t).NewWriter(&b, events.Header{Geometry: g})
	require.NoError(t, err)
	require.NoError(t, w.Write(in[:split]))
	require.NoError(t, w.Write(in[split:]))
	require.NoError(t, w.Close())
	return b.Bytes()
}

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

func readAll(t require.TestingT, r events.Reader, capacity int) (out []events.Event, damage []*events.FormatError) {
	p := events.NewPacket(capacity)
	for {
		err := r.Read(p)
		out = append(out, p.Events...)
		var fe *events.FormatError
		switch {
		case errors.Is(err, io.EOF):
			return out, damage
		case err != nil:
			require.ErrorAs(t, err, &fe)
			damage = append(damage, fe)
			if fe.Fatal {
				return out, damage
			}
		}
	}
}

// What is written is read again, whatever the steps of time.
func TestFileRoundTrip(t *testing.T) {
	for _, c := range codecs {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				in := drawEvents(t, c, rapid.OneOf(rapid.Int64Range(0, 5_000), rapid.Int64Range(0, 5*c.turn)).Draw(t, "start"))
				g := rapid.SampledFrom([]events.Geometry{{}, wide}).Draw(t, "geometry")
				b := c.file(t, g, in, rapid.IntRange(0, len(in)).Draw(t, "split"))
				require.NoError(t, c.format(t).Detect(b[:min(len(b), events.DetectBytes)], int64(len(b))))
				r, err := c.format(t).NewReader(bytes.NewReader(b), events.Geometry{})
				require.NoError(t, err)
				out, damage := readAll(t, r, rapid.IntRange(1, 70).Draw(t, "capacity"))
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
			w, err := c.format(t).NewWriter(&b, events.Header{})
			require.NoError(t, err)
			var want []prophesee.Trigger
			for i, e := range in {
				require.NoError(t, w.Write(in[i:i+1]))
				if rapid.IntRange(0, 5).Draw(t, "trigger") == 0 {
					g := prophesee.Trigger{T: e.T, ID: rapid.Uint8Range(0, 15).Draw(t, "id"), Rising: rapid.Bool().Draw(t, "rising"), After: int64(i + 1)}
					require.NoError(t, triggers(t, w).WriteTrigger(g))
					want = append(want, g)
				}
			}
			require.NoError(t, w.Close())
			r, err := c.format(t).NewReader(&b, events.Geometry{})
			require.NoError(t, err)
			var got []prophesee.Trigger
			collect(t, r, &got)
			out, damage := readAll(t, r, rapid.IntRange(1, 70).Draw(t, "capacity"))
			require.Empty(t, damage)
			require.Equal(t, in, out)
			require.Equal(t, want, got)
		})
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, c := range codecs {
		for _, g := range []events.Geometry{{Width: 2049, Height: 1}, {Width: 1, Height: 2049}, {Width: 5}, {Width: -1, Height: 1}} {
			_, err := c.format(t).NewWriter(io.Discard, events.Header{Geometry: g})
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
				w, err := c.format(t).NewWriter(&b, events.Header{})
				require.NoError(t, err)
				require.ErrorContains(t, w.Write(x.in), x.says)
				require.NoError(t, w.Write([]events.Event{{T: c.turn, X: 7}}), "it can be gone on with")
				require.NoError(t, w.Close())
				r, err := c.format(t).NewReader(&b, events.Geometry{})
				require.NoError(t, err)
				out, damage := readAll(t, r, 10)
				require.Empty(t, damage)
				require.Equal(t, append(append([]events.Event{}, x.in[:len(x.in)-1]...), events.Event{T: c.turn, X: 7}), out)
			})
		}
	}
}

func TestWriterPassesErrorsOn(t *testing.T) {
	full := errors.New("the disk is full")
	for _, c := range codecs {
		w, err := c.format(t).NewWriter(failingWriter{full}, events.Header{})
		require.NoError(t, err, "buffered")
		require.ErrorIs(t, w.Write(make([]events.Event, 50_000)), full)
		w, err = c.format(t).NewWriter(failingWriter{full}, events.Header{})
		require.NoError(t, err)
		require.NoError(t, w.Write(make([]events.Event, 1)))
		require.ErrorIs(t, w.Close(), full)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// A source that fails gives what it had, and then its error for good.
func TestReaderPassesErrorsOn(t *testing.T) {
	cut := errors.New("the line was cut")
	for _, c := range codecs {
		in := []events.Event{{T: 1, X: 2, Y: 3}, {T: 2, X: 3, Y: 4}}
		b := c.file(t, wide, in, 1)
		r, err := c.format(t).NewReader(io.MultiReader(bytes.NewReader(b), failingReader{cut}), events.Geometry{})
		require.NoError(t, err)
		p := events.NewPacket(10)
		require.ErrorIs(t, r.Read(p), cut)
		require.Equal(t, in, p.Events)
		require.ErrorIs(t, r.Read(p), cut)
		require.Empty(t, p.Events)
		r, err = c.format(t).NewReader(failingReader{cut}, events.Geometry{})
		require.NoError(t, err, "there is no header, and that is all that is known")
		require.ErrorIs(t, r.Read(p), cut)
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func TestReadDoesNotAllocate(t *testing.T) {
	for _, c := range codecs {
		in := make([]events.Event, 4000)
		for i := range in {
			in[i] = events.Event{T: int64(i), X: uint16(i % 64), Y: uint16(i / 64)}
		}
		b := c.file(t, wide, in, 0)
		head := b[:len(b)-len(words(t, b))]
		r, err := c.format(t).NewReader(io.MultiReader(bytes.NewReader(head), &endless{data: words(t, b)}), events.Geometry{})
		require.NoError(t, err)
		p := events.NewPacket(100)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if err := r.Read(p); err != nil || len(p.Events) != 100 {
				t.Error(err)
			}
		}))
	}
}

// endless gives its data again and again.
type endless struct {
	data []byte
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e.data[e.at]
		e.at = (e.at + 1) % len(e.data)
	}
	return len(p), nil
}

// collect has a reader's triggers appended to a list.
func collect(t require.TestingT, r events.Reader, to *[]prophesee.Trigger) {
	source, ok := r.(prophesee.TriggerSource)
	require.True(t, ok)
	source.OnTrigger(func(g prophesee.Trigger) { *to = append(*to, g) })
}

// triggers is a writer that has a place for triggers.
func triggers(t require.TestingT, w events.Writer) prophesee.TriggerWriter {
	out, ok := w.(prophesee.TriggerWriter)
	require.True(t, ok)
	return out
}
