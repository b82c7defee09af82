package es_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/es"
	"github.com/saccade-dev/saccade/events/formattest"
)

const (
	headDVS    = "Event Stream\x02\x00\x00\x01\x40\x01\xf0\x00" // 320x240
	headATIS   = "Event Stream\x02\x00\x00\x02\x30\x01\xf0\x00" // 304x240
	headColour = "Event Stream\x02\x00\x00\x04\x40\x01\xf0\x00"
)

// Bytes made by hand from the layout in the package comment.
const golden = headDVS +
	"\x01\x00\x00\xef\x00" + // step 0, ON, x 0, y 239 from the bottom
	"\x14\x3f\x01\x00\x00" + // step 10, OFF, x 319, y 0 from the bottom
	"\xff\x03\x02\x00\x03\x00" + // step 127 + 1, ON
	"\xfe\xfe\xfe\xfe\xfe" + // resets
	"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfc\x02\x00\x04\x00" + // step 11 * 127 + 126, OFF
	"\xff" // an overflow, and no event behind it

var goldenEvents = []events.Event{
	{T: 0, X: 0, Y: 0, P: events.On},
	{T: 10, X: 319, Y: 239, P: events.Off},
	{T: 138, X: 2, Y: 236, P: events.On},
	{T: 138 + 11*127 + 126, X: 2, Y: 235, P: events.Off},
}

const goldenATIS = headATIS +
	"\x16\x05\x00\xee\x00" + // step 5, ON, x 5, y 1 from the top
	"\xf9\x06\x00\xed\x00" + // step 62, a threshold crossing
	"\xfc\xfd\xff\x04\x2f\x01\x00\x00" // a reset, steps 63 and 189 + 1, OFF

var goldenATISEvents = []events.Event{{T: 5, X: 5, Y: 1, P: events.On}, {T: 5 + 62 + 4*63 + 1, X: 303, Y: 239}}

const goldenColour = headColour +
	"\x00\x00\x00\xef\x00\x9a\x9b\xa3" + // step 0, y 0 from the top
	"\xff\xff\xfd\x01\x01\x00\x00\xff\xfe\xff" + // step 2 * 254 + 253
	"\xfe"

var goldenColourEvents = []events.Event{{}, {T: 761, X: 257, Y: 239}}

// Wherever a file ends, the events before are there, and the error says where the
// unfinished one begins.
func TestTruncatedAtEveryByte(t *testing.T) {
	starts := []int{20, 25, 31, 52, 53} // of events, behind the overflows before them
	for n := 20; n < len(golden); n++ {
		in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, es.Name, strings.NewReader(golden[:n]), events.Geometry{}), 3)
		require.Empty(t, damage)
		require.Equal(t, goldenEvents[:len(in)], append([]events.Event{}, in...))
		var fe *events.FormatError
		if !errors.As(end, &fe) {
			require.ErrorIs(t, end, io.EOF)
			continue
		}
		require.True(t, fe.Fatal)
		require.Equal(t, "an event of 5 bytes", fe.Want)
		require.Contains(t, append(starts, 26, 47), int(fe.Offset))
		require.Less(t, n-int(fe.Offset), 5)
	}
	_, _, end := formattest.ReadAll(t, formattest.NewReader(t, es.Name, strings.NewReader(golden[:24]), events.Geometry{}), 3)
	require.EqualError(t, end, "es at byte 20: expected an event of 5 bytes, found the end of the file after 4")
}

func TestSourceFails(t *testing.T) {
	cut := errors.New("the line was cut")
	src := io.MultiReader(strings.NewReader(golden[:33]), iotest.ErrReader(cut))
	in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, es.Name, src, events.Geometry{}), 10)
	require.Equal(t, goldenEvents[:2], in)
	require.Empty(t, damage)
	require.Equal(t, cut, end)
	_, err := formattest.Format(t, es.Name).NewReader(iotest.ErrReader(cut), events.Geometry{})
	require.ErrorIs(t, err, cut)
}

// Events off the sensor are damage, each reported where it stands; those around
// them are all there, at their times.
func TestReadOutsideGeometry(t *testing.T) {
	content := headDVS +
		"\x02\x40\x01\x00\x00" + // x 320
		"\x04\x00\x00\xf0\x00" + // y 240 from the bottom
		"\x07\x01\x00\xef\x00" +
		"\x02\xfe\xfe\xfe\xfe" + // an event of resets
		"\x03\x01\x00\xef\x00"
	for _, capacity := range []int{1, 2, 10} {
		in, damage, end := formattest.ReadAll(t, formattest.NewReader(t, es.Name, strings.NewReader(content), events.Geometry{}), capacity)
		require.ErrorIs(t, end, io.EOF)
		require.Equal(t, []events.Event{{T: 6, X: 1, P: events.On}, {T: 8, X: 1, P: events.On}}, in)
		require.Len(t, damage, 3)
		require.EqualError(t, damage[0], "es at byte 20: expected an event within 320x240 pixels, found x 320, y 0 from the bottom")
		require.EqualError(t, damage[1], "es at byte 25: expected an event within 320x240 pixels, found x 0, y 240 from the bottom")
		require.EqualError(t, damage[2], "es at byte 35: expected an event within 320x240 pixels, found x 65278, y 65278 from the bottom")
	}
	in, damage, _ := formattest.ReadAll(t, formattest.NewReader(t, es.Name, strings.NewReader(goldenATIS), events.Geometry{Width: 6, Height: 240}), 5)
	require.Equal(t, goldenATISEvents[:1], in)
	require.Len(t, damage, 2, "a threshold crossing has a pixel too")
}

// A geometry that is given takes the place of the file's, for the turn too.
func TestGivenGeometry(t *testing.T) {
	r := formattest.NewReader(t, es.Name, strings.NewReader(golden[:25]), events.Geometry{Width: 640, Height: 241})
	in, _, _ := formattest.ReadAll(t, r, 5)
	require.Equal(t, []events.Event{{X: 0, Y: 1, P: events.On}}, in)
	require.Equal(t, events.Header{Format: "es", Geometry: events.Geometry{Width: 640, Height: 241}}, r.Header())
	require.Equal(t, events.Geometry{Width: 320, Height: 240}, formattest.NewReader(t, es.Name, strings.NewReader(golden), events.Geometry{}).Header().Geometry)
	for _, g := range []events.Geometry{{Width: 4097, Height: 1}, {Width: 34}, {Width: -1, Height: 34}} {
		_, err := formattest.Format(t, es.Name).NewReader(strings.NewReader(golden), g)
		require.ErrorContains(t, err, "expected sides from 1 to 4096", "%+v", g)
	}
}

func TestHeadersRefused(t *testing.T) {
	for content, says := range map[string]string{
		"":                                  `es at byte 0: expected a header of 20 bytes, found the end of the file`,
		"Event":                             `es at byte 5: expected a header of 20 bytes, found the end of the file`,
		"Event Strear\x02\x00\x00\x01":      `es at byte 0: expected "Event Stream", found "Event Strear"`,
		"Event Stream\x02\x00\x00":          `es at byte 15: expected a header of 20 bytes`,
		"Event Stream\x01\x00\x00\x01\x00":  `es at byte 12: expected version 2, found version 1.0.0`,
		"Event Stream\x02\x00\x00\x00\x00":  `es at byte 15: expected a stream of DVS, ATIS or colour events (type 1, 2 or 4), found generic events (type 0)`,
		"Event Stream\x02\x00\x00\x03\x00":  `found display events (type 3)`,
		"Event Stream\x02\x00\x00\x05\x00":  `found type 5`,
		"Event Stream\x02\x00\x00\x01\x20":  `es at byte 17: expected a header of 20 bytes`,
		headDVS[:16] + "\x00\x00\x01\x00":   `es at byte 16: expected a width and a height from 1 to 4096, found 0x1`,
		headDVS[:16] + "\x01\x00\x01\x10":   `es at byte 16: expected a width and a height from 1 to 4096, found 1x4097`,
		headATIS[:16] + "\xff\xff\xff\xff_": `found 65535x65535`,
	} {
		_, err := formattest.Format(t, es.Name).NewReader(strings.NewReader(content), events.Geometry{})
		require.ErrorContains(t, err, says, "%q", content)
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.True(t, fe.Fatal)
	}
	_, err := formattest.Format(t, es.Name).NewReader(strings.NewReader(headDVS[:16]+"\x00\x00\x00\x00"), events.Geometry{Width: 5, Height: 5})
	require.NoError(t, err, "a given geometry mends it")
}

func TestDetect(t *testing.T) {
	require.NoError(t, formattest.Format(t, es.Name).Detect([]byte(golden), int64(len(golden))))
	for _, head := range []string{"", "Event Strea", "% evt 3.0\n"} {
		require.ErrorContains(t, formattest.Format(t, es.Name).Detect([]byte(head), -1), `it does not begin with "Event Stream"`)
	}
}

// slow decodes as the specification has it, byte by byte, and shares nothing with
// the package. It stops at an event off the sensor or cut off.
func slow(content []byte) (out []events.Event, ended bool) {
	width, height := int(content[16])|int(content[17])<<8, int(content[18])|int(content[19])<<8
	t := int64(0)
	for b := content[20:]; len(b) > 0; {
		size := 5
		switch kind, first := content[15], int64(b[0]); {
		case kind == 2 && first >= 0xfc:
			t += 63 * (first - 0xfc)
			b = b[1:]
			continue
		case kind != 2 && first >= 0xfe:
			t += (first - 0xfe) * map[byte]int64{1: 127, 4: 254}[kind]
			b = b[1:]
			continue
		case kind == 4:
			size = 8
			t += first
		default:
			t += first >> kind
		}
		if len(b) < size {
			return out, false
		}
		x, y := int(b[1])|int(b[2])<<8, int(b[3])|int(b[4])<<8
		if x >= width || y >= height {
			return out, false
		}
		e := events.Event{T: t, X: uint16(x), Y: uint16(height - 1 - y)}
		switch content[15] {
		case 1:
			e.P = events.Polarity(b[0] & 1)
		case 2:
			e.P = events.Polarity(b[0] >> 1 & 1)
		}
		if content[15] != 2 || b[0]&1 == 0 {
			out = append(out, e)
		}
		b = b[size:]
	}
	return out, true
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{golden, goldenATIS, goldenColour, golden[:24], headDVS + strings.Repeat("\xff", 100), headATIS + strings.Repeat("\xfe\x00", 50), ""} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8) {
		require.NotPanics(t, func() { _ = formattest.Format(t, es.Name).Detect(data, -1) })
		c := formattest.Sound(t, formattest.Opener(t, es.Name, events.Geometry{}), data, int(capacity)+1)
		if c == nil {
			return
		}
		if fe := c.Cut(); fe != nil {
			require.Less(t, int64(len(data))-fe.Offset, int64(8), "only an unfinished event is lost")
		}
		last := int64(0)
		for _, e := range c.Events {
			require.GreaterOrEqual(t, e.T, last)
			last = e.T
		}
		want, whole := slow(data)
		require.GreaterOrEqual(t, len(c.Events), len(want))
		require.True(t, slices.Equal(want, c.Events[:len(want)]), "%v, but %v", want, c.Events)
		require.Equal(t, whole, len(c.Damage) == 0 && c.Cut() == nil)
	})
}

// The contract, on files of the three kinds.
func TestReader(t *testing.T) {
	vga, atis := events.Geometry{Width: 320, Height: 240}, events.Geometry{Width: 304, Height: 240}
	for name, c := range map[string]struct {
		content  string
		geometry events.Geometry
		want     []events.Event
		ends     []int
		skipped  map[string]int64
	}{
		"DVS":    {golden, vga, goldenEvents, []int{25, 30, 36, 57}, map[string]int64{"reset": 5}},
		"ATIS":   {goldenATIS, atis, goldenATISEvents, []int{25, 38}, map[string]int64{"reset": 1, "threshold crossing": 1}},
		"colour": {goldenColour, vga, goldenColourEvents, []int{28, 38}, map[string]int64{"reset": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			formattest.Reader(t, formattest.Sample{
				Format: es.Name, Data: []byte(c.content), Header: events.Header{Format: "es", Geometry: c.geometry},
				Events: c.want, Ends: c.ends, Skipped: c.skipped, Head: 20, Clean: func(n int) bool {
					_, whole := slow([]byte(c.content[:n]))
					return whole
				},
			})
		})
	}
}

func TestReadDoesNotAllocate(t *testing.T) {
	r := formattest.NewReader(t, es.Name, formattest.Endless([]byte(headDVS), []byte(golden[20:])), events.Geometry{})
	require.Zero(t, formattest.Allocations(t, r, 100))
}
