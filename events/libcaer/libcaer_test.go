package libcaer_test

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/libcaer"
)

// Bytes made by hand from the layout in the package comment. The first two are the
// first of a recording of a DVXplorer.
var golden = []byte{
	0x77, 0x05, 0xd2, 0x01, 0x9c, 0xd6, 0xf0, 0x7f, // valid, ON, y 349, x 233
	0x21, 0x05, 0xbe, 0x01, 0x9f, 0xd6, 0xf0, 0x7f, // OFF, y 328, x 223
	0x03, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x7f, // ON, x 0, y 0, the last microsecond
	0x00, 0x00, 0xfe, 0x04, 0x02, 0x00, 0x00, 0x00, // not valid, OFF, x 639, 2 us after it ran over
	0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, // a microsecond back
}

var goldenEvents = []events.Event{
	{T: 0x7ff0d69c, X: 233, Y: 349, P: events.On},
	{T: 0x7ff0d69f, X: 223, Y: 328},
	{T: 1<<31 - 1, P: events.On},
	{T: 1<<31 + 2, X: 639},
	{T: 1<<31 + 1},
}

var vga = events.Geometry{Width: 640, Height: 480}

func TestGolden(t *testing.T) {
	d := formattest.Encoding(t, libcaer.Name).NewDecoder()
	for _, capacity := range []int{1, 2, 3, 4, 5, 100} {
		in, damage := formattest.DecodeAll(t, d, events.MessageHeader{Geometry: vga}, golden, capacity)
		require.Equal(t, goldenEvents, in, "what ran over is known within a message, and not behind it")
		require.Empty(t, damage)
	}
	b, n, err := formattest.Encoding(t, libcaer.Name).NewEncoder().Encode(events.MessageHeader{Geometry: vga}, []byte("before"), goldenEvents)
	require.NoError(t, err)
	require.Equal(t, 3, n, "the next message's time base is later")
	require.Equal(t, append([]byte("before"), golden[:24]...), b)
}

// A message that is given up on leaves nothing behind.
func TestReset(t *testing.T) {
	h := events.MessageHeader{Geometry: vga}
	d := formattest.Encoding(t, libcaer.Name).NewDecoder()
	p := events.NewPacket(4)
	n, err := d.Decode(h, golden, p)
	require.NoError(t, err)
	require.Equal(t, 32, n)
	d.Reset()
	in, _ := formattest.DecodeAll(t, d, h, golden[32:], 4)
	require.Equal(t, []events.Event{{T: 1}}, in)
	// Nor does it without Reset, where another message follows.
	p.Reset()
	_, err = d.Decode(h, golden, p)
	require.NoError(t, err)
	in, _ = formattest.DecodeAll(t, d, events.MessageHeader{Geometry: vga, TimeBase: -1}, golden[32:], 4)
	require.Equal(t, []events.Event{{T: 0}}, in)
}

func TestRoundTrip(t *testing.T) {
	const maxT = math.MaxInt64 / 1000
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.OneOf(rapid.Int64Range(-10_000_000, 10_000_000), rapid.Int64Range(-maxT, maxT-1<<40)).Draw(t, "start")
		n := rapid.IntRange(0, 40).Draw(t, "events")
		in := make([]events.Event, 0, n)
		for range n {
			at += rapid.OneOf(rapid.Int64Range(-100, 1000), rapid.Int64Range(0, 1<<32), rapid.SampledFrom([]int64{1<<31 - 1, 1 << 31})).Draw(t, "step")
			at = max(at, -maxT)
			in = append(in, events.Event{
				T: at, X: rapid.Uint16Range(0, 4095).Draw(t, "x"), Y: rapid.Uint16Range(0, 4095).Draw(t, "y"),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			})
		}
		e, d := formattest.Encoding(t, libcaer.Name).NewEncoder(), formattest.Encoding(t, libcaer.Name).NewDecoder()
		capacity := rapid.IntRange(1, 50).Draw(t, "capacity")
		out := make([]events.Event, 0, n)
		for rest := in; len(rest) > 0; {
			h := events.MessageHeader{
				Geometry: events.Geometry{Width: events.MaxSide, Height: events.MaxSide},
				TimeBase: e.TimeBase(rest[0].T),
			}
			data, n, err := e.Encode(h, nil, rest)
			require.NoError(t, err)
			require.Positive(t, n, "a message takes its first event")
			require.Len(t, data, 8*n)
			got, damage := formattest.DecodeAll(t, d, h, data, capacity)
			require.Empty(t, damage)
			out = append(out, got...)
			rest = rest[n:]
		}
		require.Equal(t, in, out)
	})
}

// Damage is reported where it stands; the events around it are all there.
func TestDamage(t *testing.T) {
	data := append([]byte{}, golden[:24]...)
	data = append(data, 1, 0, 0, 0, 0, 0, 0, 0x80)
	h := events.MessageHeader{Geometry: events.Geometry{Width: 640, Height: 349}}
	for _, capacity := range []int{1, 2, 10} {
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, libcaer.Name).NewDecoder(), h, data, capacity)
		require.Equal(t, goldenEvents[1:3], in)
		require.Len(t, damage, 2)
		require.EqualError(t, &damage[0], "libcaer at byte 0: expected an event within 640x349 pixels, found x 233, y 349")
		require.EqualError(t, &damage[1], "libcaer at byte 24: expected a time of 31 bits, found -2147483648 us")
		require.False(t, damage[0].Fatal || damage[1].Fatal)
	}
	for rest := 1; rest < 8; rest++ {
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, libcaer.Name).NewDecoder(), events.MessageHeader{Geometry: vga}, golden[:16+rest], 5)
		require.Equal(t, goldenEvents[:2], in)
		require.Equal(t, []events.FormatError{{
			Format: "libcaer", Offset: 16, Fatal: true,
			Want: "an event of 8 bytes", Got: "the end of the message after " + string(rune('0'+rest)),
		}}, damage)
	}
}

func TestEncodeRefuses(t *testing.T) {
	e := formattest.Encoding(t, libcaer.Name).NewEncoder()
	for says, bad := range map[string]events.Event{
		"event 1: x 0, y 32768: libcaer holds x and y to 32767":                       {Y: 32768},
		"event 1: x 32768, y 0":                                                       {X: 32768},
		"event 1: t 9223372036854776 us: libcaer holds times within 9223372036854775": {T: 9223372036854776},
		"event 1: t -9223372036854775808 us":                                          {T: math.MinInt64},
	} {
		b, n, err := e.Encode(events.MessageHeader{Geometry: vga}, nil, []events.Event{{X: 1}, bad, {X: 2}})
		require.ErrorContains(t, err, says)
		require.Equal(t, 1, n)
		require.Len(t, b, 8, "the events before it are there")
	}
	for _, base := range []int64{0, 999, -1} {
		_, n, err := e.Encode(events.MessageHeader{TimeBase: base}, nil, []events.Event{{T: 1}, {T: 1 << 31}})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
}

func TestNoAllocation(t *testing.T) {
	d, e := formattest.Encoding(t, libcaer.Name).NewDecoder(), formattest.Encoding(t, libcaer.Name).NewEncoder()
	h := events.MessageHeader{Geometry: vga}
	p := events.NewPacket(100)
	dst := make([]byte, 0, 1024)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		p.Reset()
		n, err := d.Decode(h, golden, p)
		b, m, err2 := e.Encode(h, dst, goldenEvents[:3])
		if err = errors.Join(err, err2); err != nil || n != 40 || m != 3 || len(b) != 24 {
			t.Error(n, m, err)
		}
	}))
}

func FuzzDecode(f *testing.F) {
	f.Add(golden, int64(0), uint16(640), uint16(480), uint8(2))
	f.Add(golden[:19], int64(-1), uint16(223), uint16(349), uint8(0))
	f.Add([]byte{}, int64(math.MaxInt64), uint16(1), uint16(1), uint8(255))
	f.Add(golden, int64(math.MinInt64), uint16(0), uint16(0), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, base int64, width, height uint16, capacity uint8) {
		h := events.MessageHeader{Geometry: events.Geometry{Width: int(width), Height: int(height)}, TimeBase: base}
		d := formattest.Encoding(t, libcaer.Name).NewDecoder()
		in, damage := formattest.DecodeAll(t, d, h, data, int(capacity)+1)
		require.Equal(t, (len(data)+7)/8, len(in)+len(damage), "every eight bytes are accounted for")
		for _, e := range in {
			require.True(t, h.Geometry.Contains(e.X, e.Y))
			require.LessOrEqual(t, e.P, events.On)
		}
		again, _ := formattest.DecodeAll(t, d, h, data, len(data)+1)
		require.Equal(t, in, again, "in one call or in many")
	})
}

func BenchmarkDecode(b *testing.B) {
	h := events.MessageHeader{Geometry: vga}
	data := make([]byte, 0, 8*events.DefaultPacketEvents)
	for i := range uint64(events.DefaultPacketEvents) {
		data = binary.LittleEndian.AppendUint64(data, i<<32|(i%640)<<17|(i%480)<<2|i&1<<1|1)
	}
	formattest.BenchDecode(b, formattest.Encoding(b, libcaer.Name).NewDecoder(), h, data)
}

func BenchmarkEncode(b *testing.B) {
	h := events.MessageHeader{Geometry: vga}
	in := make([]events.Event, events.DefaultPacketEvents)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i % 640), Y: uint16(i % 480), P: events.Polarity(i & 1)}
	}
	formattest.BenchEncode(b, formattest.Encoding(b, libcaer.Name).NewEncoder(), h, in)
}
