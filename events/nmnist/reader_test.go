package nmnist_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// Bytes made by hand from the layout in the package comment.
var golden = []byte{
	3, 4, 0x00, 0x00, 0x01, // x 3, y 4, OFF, 1 us
	33, 0, 0x80, 0x01, 0x00, // x 33, y 0, ON, 256 us
	0, 33, 0x81, 0x02, 0x03, // x 0, y 33, ON, 2^16 + 515 us
	1, 1, 0x7f, 0xff, 0xff, // x 1, y 1, OFF, 2^23 - 1 us
	7, 240, 0xff, 0xff, 0xff, // time has run over
	2, 5, 0xff, 0xff, 0xfe, // x 2, y 5, ON, 2^23 - 2 us and 2^13
	0, 240, 0x00, 0x00, 0x00, // twice
	0, 240, 0x00, 0x00, 0x00,
	2, 6, 0x00, 0x00, 0x09, // x 2, y 6, OFF, 9 us and 3 * 2^13
}

var goldenEvents = []events.Event{
	{T: 1, X: 3, Y: 4, P: events.Off},
	{T: 256, X: 33, Y: 0, P: events.On},
	{T: 65536 + 515, X: 0, Y: 33, P: events.On},
	{T: 8388607, X: 1, Y: 1, P: events.Off},
	{T: 8388606 + 8192, X: 2, Y: 5, P: events.On},
	{T: 9 + 3*8192, X: 2, Y: 6, P: events.Off},
}

func format(t require.TestingT) *events.Format {
	f, err := events.FormatByName(nmnist.Name)
	require.NoError(t, err)
	return f
}

func newReader(t require.TestingT, r io.Reader, g events.Geometry) events.Reader {
	reader, err := format(t).NewReader(r, g)
	require.NoError(t, err)
	return reader
}

// readAll reads to the end and collects the errors on the way that can be read on behind.
func readAll(t require.TestingT, r events.Reader, capacity int) (out []events.Event, damage []*events.FormatError, end error) {
	p := events.NewPacket(capacity)
	for {
		err := r.Read(p)
		require.LessOrEqual(t, len(p.Events), capacity)
		require.Equal(t, capacity, cap(p.Events), "the packet's own memory")
		out = append(out, p.Events...)
		var fe *events.FormatError
		switch {
		case errors.As(err, &fe) && !fe.Fatal:
			damage = append(damage, fe)
		case err != nil:
			if errors.Is(err, io.EOF) {
				require.Empty(t, p.Events, "io.EOF comes alone")
			}
			p.Reset()
			require.Equal(t, err, r.Read(p), "the end stays the end")
			require.Empty(t, p.Events)
			return out, damage, err
		default:
			require.NotEmpty(t, p.Events, "a packet without an event and without an error")
		}
	}
}

func TestReadGolden(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 100} {
		r := newReader(t, bytes.NewReader(golden), events.Geometry{})
		in, damage, end := readAll(t, r, capacity)
		require.Equal(t, goldenEvents, in)
		require.Empty(t, damage)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, map[string]int64{"time overflow": 3}, r.Skipped())
	}
}

// The reader does the same wherever its source cuts what it gives.
func TestReadAtEveryBoundary(t *testing.T) {
	cut := errors.New("the line was cut")
	truncated := &events.FormatError{
		Format: nmnist.Name, Offset: 40, Fatal: true,
		Want: "an event of 5 bytes", Got: "the end of the file after 2",
	}
	for name, c := range map[string]struct {
		source func() io.Reader
		events int
		end    error
	}{
		"one byte":              {func() io.Reader { return iotest.OneByteReader(bytes.NewReader(golden)) }, 6, io.EOF},
		"halves":                {func() io.Reader { return iotest.HalfReader(bytes.NewReader(golden)) }, 6, io.EOF},
		"data with the end":     {func() io.Reader { return iotest.DataErrReader(bytes.NewReader(golden)) }, 6, io.EOF},
		"both":                  {func() io.Reader { return iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(golden))) }, 6, io.EOF},
		"nothing":               {func() io.Reader { return bytes.NewReader(nil) }, 0, io.EOF},
		"an error at once":      {func() io.Reader { return iotest.ErrReader(cut) }, 0, cut},
		"an error behind":       {func() io.Reader { return io.MultiReader(bytes.NewReader(golden), iotest.ErrReader(cut)) }, 6, cut},
		"an error in an event":  {func() io.Reader { return io.MultiReader(bytes.NewReader(golden[:13]), iotest.ErrReader(cut)) }, 2, cut},
		"an error with data":    {func() io.Reader { return &dataAndError{golden[:13], cut} }, 2, cut},
		"cut off":               {func() io.Reader { return bytes.NewReader(golden[:42]) }, 5, truncated},
		"cut off, one byte":     {func() io.Reader { return iotest.OneByteReader(bytes.NewReader(golden[:42])) }, 5, truncated},
		"cut off, with the end": {func() io.Reader { return iotest.DataErrReader(bytes.NewReader(golden[:42])) }, 5, truncated},
		"unexpected end below":  {func() io.Reader { return &dataAndError{golden[:13], io.ErrUnexpectedEOF} }, 2, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			for _, capacity := range []int{1, 2, 4, 50} {
				in, damage, end := readAll(t, newReader(t, c.source(), events.Geometry{}), capacity)
				require.Equal(t, goldenEvents[:c.events], append([]events.Event{}, in...))
				require.Empty(t, damage)
				require.Equal(t, c.end, end)
			}
		})
	}
}

// dataAndError gives its data and the error in one call.
type dataAndError struct {
	data []byte
	err  error
}

func (d *dataAndError) Read(p []byte) (int, error) {
	n := copy(p, d.data)
	d.data = d.data[n:]
	return n, d.err
}

func TestTruncatedAtEveryByte(t *testing.T) {
	for n := range golden {
		in, _, end := readAll(t, newReader(t, bytes.NewReader(golden[:n]), events.Geometry{}), 3)
		if n%5 == 0 {
			require.ErrorIs(t, end, io.EOF)
			continue
		}
		var fe *events.FormatError
		require.ErrorAs(t, end, &fe, "%d bytes", n)
		require.Equal(t, int64(n-n%5), fe.Offset)
		require.True(t, fe.Fatal)
		require.Equal(t, goldenEvents[:len(in)], append([]events.Event{}, in...))
	}
}

// Events off the sensor are damage, each reported where it stands; those around
// them are all there.
func TestReadOutsideGeometry(t *testing.T) {
	r := newReader(t, bytes.NewReader(golden), events.Geometry{Width: 33, Height: 6})
	in, damage, end := readAll(t, r, 4)
	require.ErrorIs(t, end, io.EOF)
	require.Equal(t, []events.Event{goldenEvents[0], goldenEvents[3], goldenEvents[4]}, in)
	text := make([]string, 0, len(damage))
	for _, fe := range damage {
		text = append(text, fe.Error())
	}
	require.Equal(t, []string{
		"nmnist at byte 5: expected an event within 33x6 pixels, found x 33, y 0",
		"nmnist at byte 10: expected an event within 33x6 pixels, found x 0, y 33",
		"nmnist at byte 40: expected an event within 33x6 pixels, found x 2, y 6",
	}, text)
	require.Equal(t, events.Geometry{Width: 33, Height: 6}, r.Header().Geometry)
}

func TestHeaderGeometry(t *testing.T) {
	own := events.Geometry{Width: 34, Height: 34}
	r := newReader(t, bytes.NewReader([]byte{33, 33, 0, 0, 0, 34, 0, 0, 0, 1, 1, 1, 0, 0, 2}), events.Geometry{})
	p := events.NewPacket(1)
	require.Equal(t, events.Header{Format: "nmnist"}, r.Header(), "nothing is known yet")
	require.NoError(t, r.Read(p))
	require.Equal(t, own, r.Header().Geometry, "as far as is known")
	require.NoError(t, r.Read(p))
	require.Equal(t, events.Geometry{}, r.Header().Geometry, "an event contradicts")
	require.NoError(t, r.Read(p))
	require.Equal(t, events.Geometry{}, r.Header().Geometry, "and that is not forgotten")

	r = newReader(t, bytes.NewReader([]byte{0, 34, 0, 0, 0}), events.Geometry{})
	require.NoError(t, r.Read(p))
	require.Equal(t, events.Geometry{}, r.Header().Geometry)

	// What is given counts, whatever the events are like.
	r = newReader(t, bytes.NewReader(golden), events.Geometry{Width: 240, Height: 180})
	require.NoError(t, r.Read(p))
	require.Equal(t, events.Geometry{Width: 240, Height: 180}, r.Header().Geometry)

	// Time overflow marks are no events.
	r = newReader(t, bytes.NewReader([]byte{200, 240, 0, 0, 0, 1, 1, 0, 0, 0}), events.Geometry{})
	require.NoError(t, r.Read(p))
	require.Equal(t, own, r.Header().Geometry)
}

func TestReaderRefusesGeometry(t *testing.T) {
	for _, g := range []events.Geometry{{Width: 4097, Height: 1}, {Width: 1, Height: 4097}, {Width: 34}, {Height: 34}, {Width: -1, Height: 34}} {
		_, err := format(t).NewReader(bytes.NewReader(golden), g)
		require.ErrorContains(t, err, "expected sides from 1 to 4096", "%+v", g)
	}
}

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
		w, err := format(t).NewWriter(&b, events.Header{})
		require.NoError(t, err)
		split := rapid.IntRange(0, n).Draw(t, "split")
		require.NoError(t, w.Write(in[:split]))
		require.NoError(t, w.Write(in[split:]))
		require.NoError(t, w.Close())

		out, damage, end := readAll(t, newReader(t, &b, events.Geometry{}), rapid.IntRange(1, 50).Draw(t, "capacity"))
		require.ErrorIs(t, end, io.EOF)
		require.Empty(t, damage)
		require.Equal(t, in, append([]events.Event{}, out...))
	})
}

// The first five events have the marks that a writer sets; the last has more.
func TestWriteGolden(t *testing.T) {
	var b bytes.Buffer
	w, err := format(t).NewWriter(&b, events.Header{Geometry: events.Geometry{Width: 256, Height: 240}})
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
		w, err := format(t).NewWriter(&b, events.Header{})
		require.NoError(t, err)
		require.NoError(t, w.Write([]events.Event{{T: at}}))
		require.NoError(t, w.Close())
		require.Equal(t, 5*(marks+1), b.Len(), "%d us", at)
	}
}

func TestWriterRefuses(t *testing.T) {
	for _, g := range []events.Geometry{{Width: 257, Height: 1}, {Width: 1, Height: 241}} {
		_, err := format(t).NewWriter(io.Discard, events.Header{Geometry: g})
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
			w, err := format(t).NewWriter(io.Discard, events.Header{})
			require.NoError(t, err)
			require.ErrorContains(t, w.Write(c.in), c.says)
			require.NoError(t, w.Write([]events.Event{{T: 20_000_000}}), "it can be gone on with")
		})
	}
}

func TestWriterPassesErrorsOn(t *testing.T) {
	full := errors.New("the disk is full")
	in := make([]events.Event, 20_000)
	w, err := format(t).NewWriter(failingWriter{full}, events.Header{})
	require.NoError(t, err)
	require.ErrorIs(t, w.Write(in), full)
	w, err = format(t).NewWriter(failingWriter{full}, events.Header{})
	require.NoError(t, err)
	require.NoError(t, w.Write(in[:1]), "buffered")
	require.ErrorIs(t, w.Close(), full)
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestReadDoesNotAllocate(t *testing.T) {
	r := newReader(t, &endless{data: golden[:20]}, events.Geometry{})
	p := events.NewPacket(100)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if err := r.Read(p); err != nil || len(p.Events) != 100 {
			t.Error(err)
		}
	}))
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

func FuzzReader(f *testing.F) {
	f.Add(golden, uint8(3), uint16(0), uint16(0))
	f.Add(golden[:42], uint8(1), uint16(33), uint16(6))
	f.Add([]byte{}, uint8(1), uint16(34), uint16(34))
	f.Add(bytes.Repeat([]byte{240}, 52), uint8(200), uint16(4096), uint16(4096))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		g := events.Geometry{Width: int(width), Height: int(height)}
		if !g.Valid() {
			g = events.Geometry{}
		}
		r := newReader(t, bytes.NewReader(data), g)
		in, damage, end := readAll(t, r, int(capacity)+1)
		if rest := len(data) % 5; rest != 0 {
			var fe *events.FormatError
			require.ErrorAs(t, end, &fe)
			require.Equal(t, int64(len(data)-rest), fe.Offset)
		} else {
			require.ErrorIs(t, end, io.EOF)
		}
		require.Equal(t, int64(len(data)/5), int64(len(in)+len(damage))+r.Skipped()["time overflow"], "every event is accounted for")
		if !g.Known() {
			require.Empty(t, damage)
		}
		for _, e := range in {
			require.True(t, !g.Known() || g.Contains(e.X, e.Y))
			require.LessOrEqual(t, e.P, events.On)
		}
		// Wherever the source cuts what it gives, the same.
		again, _, _ := readAll(t, newReader(t, iotest.OneByteReader(bytes.NewReader(data)), g), 3)
		require.Equal(t, in, again)
	})
}

func FuzzDetect(f *testing.F) {
	f.Add(golden, int64(len(golden)))
	f.Add([]byte{}, int64(0))
	f.Add([]byte("some text, and more of it"), int64(-1))
	f.Add(bytes.Repeat([]byte{1, 240, 0, 0, 0}, 819), int64(1<<40))
	f.Fuzz(func(t *testing.T, head []byte, size int64) {
		head = head[:min(len(head), events.DetectBytes)]
		before := bytes.Clone(head)
		err := format(t).Detect(head, size)
		require.Equal(t, before, head)
		if err == nil {
			require.GreaterOrEqual(t, len(head), 5)
			_, _, end := readAll(t, newReader(t, bytes.NewReader(head), events.Geometry{}), 100)
			var fe *events.FormatError
			require.True(t, errors.Is(end, io.EOF) || errors.As(end, &fe))
		}
	})
}

// Times behind a mark may stand lower than those before it.
func TestDetectKnowsTimeOverflows(t *testing.T) {
	b := make([]byte, 0, 40*11*5)
	for mark := range 40 {
		for i := range 10 {
			b = append(b, byte(i), byte(mark), 0, byte(i*800>>8), byte(i*800))
		}
		b = append(b, 0, 240, 0, 0, 0)
	}
	require.NoError(t, format(t).Detect(b, int64(len(b))))
	for i := range b {
		if b[i] == 240 {
			b[i] = 239 // no marks any more: time runs back
		}
	}
	require.ErrorContains(t, format(t).Detect(b, int64(len(b))), "time runs backwards in")
}

func BenchmarkRead(b *testing.B) {
	data := make([]byte, 1<<20/5*5)
	if _, err := (&endless{data: golden[:20]}).Read(data); err != nil {
		b.Fatal(err)
	}
	src := bytes.NewReader(data)
	p := events.NewPacket(events.DefaultPacketEvents)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		src.Reset(data)
		r := newReader(b, src, events.Geometry{Width: 34, Height: 34})
		for {
			if err := r.Read(p); err != nil {
				break
			}
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(data)/5)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkWrite(b *testing.B) {
	in := make([]events.Event, events.DefaultPacketEvents)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i % 34), Y: uint16(i / 34 % 34), P: events.Polarity(i & 1)}
	}
	w, err := format(b).NewWriter(io.Discard, events.Header{})
	require.NoError(b, err)
	b.ReportAllocs()
	b.SetBytes(int64(5 * len(in)))
	for b.Loop() {
		if err := w.Write(in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
}
