package dat_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/dat"
)

const head2 = "% Data file containing CD events.\n% Version 2\n% Date 2020-09-14 14:18:29\n% Height 480\n% Width 640\n\x0c\x08"

// Records made by hand from the layout in the package comment.
var golden = append([]byte(head2),
	0x06, 0, 0, 0, 0x06, 0x80, 0x04, 0x10, // 6 us, x 6, y 18, ON: the first event of an N-CARS file
	0xff, 0xff, 0xff, 0xff, 0x7f, 0xc2, 0x77, 0x00, // 2^32 - 1 us, x 639, y 479, OFF
	0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00, 0xf0, // 2^31 us, x 0, y 0, ON and the bits above it
	0x01, 0, 0, 0, 0x01, 0x40, 0x00, 0xe0, // 1 us, x 1, y 1, OFF and the bits above it
)

var goldenEvents = []events.Event{
	{T: 6, X: 6, Y: 18, P: events.On},
	{T: 1<<32 - 1, X: 639, Y: 479, P: events.Off},
	{T: 1 << 31, X: 0, Y: 0, P: events.On},
	{T: 1, X: 1, Y: 1, P: events.Off},
}

const head1 = "% Version 1\n\x00\x08"

var golden1 = []byte(
	"\x05\x00\x00\x00\x2f\xdf\x03\x00" + // 5 us, x 303, y 239, ON
		"\x00\x00\x00\x80\x01\x02\x00\x00",
) // 2^31 us, x 1, y 1, OFF

var golden1Events = []events.Event{{T: 5, X: 303, Y: 239, P: events.On}, {T: 1 << 31, X: 1, Y: 1}}

func format(t require.TestingT) *events.Format {
	f, err := events.FormatByName(dat.Name)
	require.NoError(t, err)
	return f
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
			require.Equal(t, err, r.Read(p), "the end stays the end")
			require.Empty(t, p.Events)
			return out, damage, err
		default:
			require.NotEmpty(t, p.Events, "a packet without an event and without an error")
		}
	}
}

func read(t require.TestingT, src io.Reader, g events.Geometry, capacity int) ([]events.Event, []*events.FormatError, error) {
	r, err := format(t).NewReader(src, g)
	require.NoError(t, err)
	return readAll(t, r, capacity)
}

func TestReadGolden(t *testing.T) {
	for _, capacity := range []int{1, 2, 3, 4, 5, 100} {
		in, damage, end := read(t, bytes.NewReader(golden), events.Geometry{}, capacity)
		require.Equal(t, goldenEvents, in)
		require.Empty(t, damage)
		require.ErrorIs(t, end, io.EOF)
		in, damage, _ = read(t, bytes.NewReader(append([]byte(head1), golden1...)), events.Geometry{}, capacity)
		require.Equal(t, golden1Events, in)
		require.Empty(t, damage)
	}
}

// A header without a version: the records tell, however the source cuts them.
func TestGuessedVersion(t *testing.T) {
	const head = "% Data file containing CD events.\n\x00\x08"
	in, _, _ := read(t, iotest.OneByteReader(bytes.NewReader(append([]byte(head), golden1...))), events.Geometry{}, 7)
	require.Equal(t, golden1Events, in)
	late := append(append([]byte(head), 9, 0, 0, 0, 1, 0, 0, 0), golden[len(head2):]...)
	for _, src := range []io.Reader{bytes.NewReader(late), iotest.OneByteReader(bytes.NewReader(late))} {
		in, _, _ = read(t, src, events.Geometry{}, 1)
		require.Equal(t, append([]events.Event{{T: 9, X: 1}}, goldenEvents...), in)
	}
	in, _, end := read(t, bytes.NewReader([]byte(head)), events.Geometry{}, 1)
	require.Empty(t, in)
	require.ErrorIs(t, end, io.EOF)
}

func TestReadAtEveryBoundary(t *testing.T) {
	cut := errors.New("the line was cut")
	truncated := &events.FormatError{
		Format: dat.Name, Offset: int64(len(golden) - 8), Fatal: true,
		Want: "an event of 8 bytes", Got: "the end of the file after 5",
	}
	short := golden[:len(golden)-3]
	for name, c := range map[string]struct {
		source func() io.Reader
		events int
		end    error
	}{
		"one byte":            {func() io.Reader { return iotest.OneByteReader(bytes.NewReader(golden)) }, 4, io.EOF},
		"halves":              {func() io.Reader { return iotest.HalfReader(bytes.NewReader(golden)) }, 4, io.EOF},
		"data with the end":   {func() io.Reader { return iotest.DataErrReader(bytes.NewReader(golden)) }, 4, io.EOF},
		"an error behind":     {func() io.Reader { return io.MultiReader(bytes.NewReader(golden), iotest.ErrReader(cut)) }, 4, cut},
		"an error in between": {func() io.Reader { return io.MultiReader(bytes.NewReader(short), iotest.ErrReader(cut)) }, 3, cut},
		"cut off":             {func() io.Reader { return bytes.NewReader(short) }, 3, truncated},
		"cut off, one byte":   {func() io.Reader { return iotest.OneByteReader(bytes.NewReader(short)) }, 3, truncated},
	} {
		t.Run(name, func(t *testing.T) {
			for _, capacity := range []int{1, 2, 4, 50} {
				in, damage, end := read(t, c.source(), events.Geometry{}, capacity)
				require.Equal(t, goldenEvents[:c.events], in)
				require.Empty(t, damage)
				require.Equal(t, c.end, end)
			}
		})
	}
}

// Events off the sensor are damage, each reported where it stands; those around
// them are all there.
func TestReadOutsideGeometry(t *testing.T) {
	for _, capacity := range []int{1, 2, 10} {
		in, damage, end := read(t, bytes.NewReader(golden), events.Geometry{Width: 6, Height: 480}, capacity)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, goldenEvents[2:], in)
		require.Len(t, damage, 2)
		require.EqualError(t, damage[0], "dat at byte 100: expected an event within 6x480 pixels, found x 6, y 18")
		require.EqualError(t, damage[1], "dat at byte 108: expected an event within 6x480 pixels, found x 639, y 479")

		in, damage, _ = read(t, bytes.NewReader(append([]byte(head1), golden1...)), events.Geometry{Width: 304, Height: 239}, capacity)
		require.Equal(t, golden1Events[1:], in)
		require.Len(t, damage, 1)
	}
	// Without a geometry, no more than any sensor has.
	const head = "% Version 2\n\x00\x08"
	in, damage, _ := read(t, bytes.NewReader([]byte(head+"\x01\x00\x00\x00\xff\x0f\x00\x00"+"\x01\x00\x00\x00\x00\x10\x00\x00"+"\x01\x00\x00\x00\x00\x00\x00\x04")), events.Geometry{}, 5)
	require.Equal(t, []events.Event{{T: 1, X: 4095}}, in)
	require.Len(t, damage, 2)
	require.ErrorContains(t, damage[0], "expected an event within 4096x4096 pixels, found x 4096, y 0")
	require.ErrorContains(t, damage[1], "x 0, y 4096")
}

func TestHeaderGeometry(t *testing.T) {
	r, err := format(t).NewReader(bytes.NewReader(golden), events.Geometry{})
	require.NoError(t, err)
	require.Equal(t, events.Header{Format: "dat", Geometry: events.Geometry{Width: 640, Height: 480}}, r.Header())
	require.Empty(t, r.Skipped())
	given := events.Geometry{Width: 1280, Height: 720}
	r, err = format(t).NewReader(bytes.NewReader(golden), given)
	require.NoError(t, err)
	require.Equal(t, given, r.Header().Geometry, "what is given counts")
	r, err = format(t).NewReader(bytes.NewReader([]byte("% Width 640\n\x00\x08")), events.Geometry{})
	require.NoError(t, err)
	require.Equal(t, events.Geometry{}, r.Header().Geometry, "half of one is none")
	for _, g := range []events.Geometry{{Width: 4097, Height: 1}, {Width: 34}, {Width: -1, Height: 34}} {
		_, err := format(t).NewReader(bytes.NewReader(golden), g)
		require.ErrorContains(t, err, "expected sides from 1 to 4096", "%+v", g)
	}
}

func TestReadDoesNotAllocate(t *testing.T) {
	src := &endless{head: []byte(head2), data: golden[len(head2):]}
	r, err := format(t).NewReader(src, events.Geometry{})
	require.NoError(t, err)
	p := events.NewPacket(100)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if err := r.Read(p); err != nil || len(p.Events) != 100 {
			t.Error(err)
		}
	}))
}

// endless gives a head, and then its data again and again.
type endless struct {
	head, data []byte
	at         int
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.head) > 0 {
		n := copy(p, e.head)
		e.head = e.head[n:]
		return n, nil
	}
	for i := range p {
		p[i] = e.data[e.at]
		e.at = (e.at + 1) % len(e.data)
	}
	return len(p), nil
}
