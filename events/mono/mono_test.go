package mono_test

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/mono"
)

// Bytes made by hand from the layout in the package comment, low byte first:
// nanoseconds in four, x in two, y and polarity in two.
var golden = []byte{
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // 0 ns, x 0, y 0, OFF
	0xe7, 0x03, 0x00, 0x00, 0x02, 0x01, 0x04, 0x03, // 999 ns, x 258, y 772, OFF
	0xe8, 0x03, 0x00, 0x00, 0xff, 0x04, 0xcf, 0x82, // 1000 ns, x 1279, y 719, ON
	0xff, 0xff, 0xff, 0xff, 0x01, 0x00, 0x00, 0x80, // 2^32 - 1 ns, x 1, y 0, ON
}

var goldenEvents = []events.Event{
	{T: 0, X: 0, Y: 0, P: events.Off},
	{T: 0, X: 258, Y: 772, P: events.Off},
	{T: 1, X: 1279, Y: 719, P: events.On},
	{T: 4294967, X: 1, Y: 0, P: events.On},
}

var wide = events.Geometry{Width: 1280, Height: 800}

func TestGolden(t *testing.T) {
	for _, capacity := range []int{1, 3, 100} {
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, mono.Name).NewDecoder(), events.MessageHeader{Geometry: wide}, golden, capacity)
		require.Equal(t, goldenEvents, in)
		require.Empty(t, damage)
	}
	whole := []events.Event{goldenEvents[0], {T: 1, X: 258, Y: 772}, {T: 4294967, X: 1279, Y: 719, P: events.On}}
	b, n, err := formattest.Encoding(t, mono.Name).NewEncoder().Encode(events.MessageHeader{Geometry: wide}, []byte("before"), whole)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, append([]byte("before"),
		0, 0, 0, 0, 0, 0, 0, 0,
		0xe8, 0x03, 0, 0, 0x02, 0x01, 0x04, 0x03,
		0xd8, 0xfe, 0xff, 0xff, 0xff, 0x04, 0xcf, 0x82, // 4294967000 = 0xfffffed8
	), b)
}

// A message's last event is its base of zero and every other is at its distance.
func TestTimeBase(t *testing.T) {
	for _, c := range []struct{ base, want int64 }{
		{0, 4294967},
		{1, 4294967},
		{704, 4294967},
		{705, 4294968},
		{1000, 4294968},
		{-1, 4294967},
		{-295, 4294967},
		{-296, 4294966},
		{-1000, 4294966},
		{-5_000_000_000, -705033},
		{math.MinInt64, -9223372032559809},
		{math.MaxInt64 - math.MaxUint32, 9223372036854775},
	} {
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, mono.Name).NewDecoder(), events.MessageHeader{Geometry: wide, TimeBase: c.base}, golden[24:], 1)
		require.Empty(t, damage)
		require.Equal(t, c.want, in[0].T, "base %d ns", c.base)
	}
	in, damage := formattest.DecodeAll(t, formattest.Encoding(t, mono.Name).NewDecoder(), events.MessageHeader{Geometry: wide, TimeBase: math.MaxInt64 - math.MaxUint32 + 1}, golden, 10)
	require.Empty(t, in)
	require.Len(t, damage, 1)
	require.EqualError(t, &damage[0], "mono at byte 0: expected a time base that leaves room for a message, found 9223372032559808513 ns")
	require.True(t, damage[0].Fatal)
}

// Nanoseconds are floored to microseconds, below zero as well.
func TestFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.OneOf(rapid.Int64Range(-5_000, 5_000), rapid.Int64Range(math.MinInt64, math.MaxInt64-math.MaxUint32)).Draw(t, "base")
		ns := rapid.Uint32().Draw(t, "ns")
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, mono.Name).NewDecoder(), events.MessageHeader{Geometry: wide, TimeBase: base}, binary.LittleEndian.AppendUint64(nil, uint64(ns)), 1)
		require.Empty(t, damage)
		sum := new(big.Int).Add(big.NewInt(base), big.NewInt(int64(ns)))
		floor := new(big.Int).Div(sum, big.NewInt(1000)) // Euclid's: the floor, for a divisor above zero
		require.Equal(t, floor.Int64(), in[0].T)
	})
}

func TestRoundTrip(t *testing.T) {
	const maxT = math.MaxInt64 / 1000
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.OneOf(rapid.Int64Range(-10_000_000, 10_000_000), rapid.Int64Range(-maxT, maxT-1<<40)).Draw(t, "start")
		n := rapid.IntRange(0, 40).Draw(t, "events")
		in := make([]events.Event, 0, n)
		for range n {
			at += rapid.OneOf(rapid.Int64Range(-100, 1000), rapid.Int64Range(0, 10_000_000), rapid.SampledFrom([]int64{4294967, 4294968})).Draw(t, "step")
			at = max(at, -maxT)
			in = append(in, events.Event{
				T: at, X: rapid.Uint16Range(0, 4095).Draw(t, "x"), Y: rapid.Uint16Range(0, 4095).Draw(t, "y"),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			})
		}
		e := formattest.Encoding(t, mono.Name).NewEncoder()
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
			if h.TimeBase > math.MaxInt64-math.MaxUint32 {
				return // beyond what a decoder takes: the year 2262
			}
			got, damage := formattest.DecodeAll(t, formattest.Encoding(t, mono.Name).NewDecoder(), h, data, capacity)
			require.Empty(t, damage)
			out = append(out, got...)
			rest = rest[n:]
		}
		require.Equal(t, in, out)
	})
}

// An event off the sensor is damage, reported where it stands; those around it
// are all there.
func TestOutside(t *testing.T) {
	h := events.MessageHeader{Geometry: events.Geometry{Width: 1279, Height: 772}}
	for _, capacity := range []int{1, 2, 10} {
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, mono.Name).NewDecoder(), h, golden, capacity)
		require.Equal(t, []events.Event{goldenEvents[0], goldenEvents[3]}, in)
		require.Len(t, damage, 2)
		require.EqualError(t, &damage[0], "mono at byte 8: expected an event within 1279x772 pixels, found x 258, y 772")
		require.EqualError(t, &damage[1], "mono at byte 16: expected an event within 1279x772 pixels, found x 1279, y 719")
		require.False(t, damage[0].Fatal)
	}
}

func TestTrailingBytes(t *testing.T) {
	for rest := 1; rest < 8; rest++ {
		p := events.NewPacket(10)
		n, err := formattest.Encoding(t, mono.Name).NewDecoder().Decode(events.MessageHeader{Geometry: wide}, golden[:16+rest], p)
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.Equal(t, events.FormatError{
			Format: "mono", Offset: 16, Fatal: true,
			Want: "an event of 8 bytes", Got: "the end of the message after " + string(rune('0'+rest)),
		}, *fe)
		require.Equal(t, 16+rest, n, "the whole message is done with")
		require.Equal(t, goldenEvents[:2], p.Events)
	}
}

func TestEncodeRefuses(t *testing.T) {
	e := formattest.Encoding(t, mono.Name).NewEncoder()
	for says, bad := range map[string]events.Event{
		"event 1: y 32768: mono holds y to 32767":                                  {Y: 32768},
		"event 1: t 9223372036854776 us: mono holds times within 9223372036854775": {T: 9223372036854776},
		"event 1: t -9223372036854775808 us":                                       {T: math.MinInt64},
	} {
		b, n, err := e.Encode(events.MessageHeader{Geometry: wide}, nil, []events.Event{{X: 1}, bad, {X: 2}})
		require.ErrorContains(t, err, says)
		require.Equal(t, 1, n)
		require.Len(t, b, 8, "the events before it are there")
	}
	// Out of the message's reach is the next message's.
	for _, later := range []int64{-1, 4294969, 9223372036854775, -9223372036854775} {
		for _, base := range []int64{0, 999} {
			_, n, err := e.Encode(events.MessageHeader{Geometry: wide, TimeBase: base}, nil, []events.Event{{T: 1}, {T: later}})
			require.NoError(t, err)
			require.Equal(t, 1, n)
		}
	}
	_, n, err := e.Encode(events.MessageHeader{TimeBase: math.MinInt64}, nil, []events.Event{{T: 9223372036854775}})
	require.NoError(t, err)
	require.Zero(t, n, "nor does the distance wrap")
}

func TestNoAllocation(t *testing.T) {
	d, e := formattest.Encoding(t, mono.Name).NewDecoder(), formattest.Encoding(t, mono.Name).NewEncoder()
	h := events.MessageHeader{Geometry: wide}
	p := events.NewPacket(100)
	dst := make([]byte, 0, 1024)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		p.Reset()
		n, err := d.Decode(h, golden, p)
		b, m, err2 := e.Encode(h, dst, goldenEvents)
		if err = errors.Join(err, err2); err != nil || n != 32 || m != 4 || len(b) != 32 {
			t.Error(n, m, err)
		}
	}))
}

func FuzzDecode(f *testing.F) {
	f.Add(golden, int64(0), uint16(1280), uint16(800), uint8(2))
	f.Add(golden[:19], int64(-1), uint16(1279), uint16(772), uint8(0))
	f.Add([]byte{}, int64(math.MaxInt64), uint16(1), uint16(1), uint8(255))
	f.Add(golden, int64(math.MinInt64), uint16(0), uint16(0), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, base int64, width, height uint16, capacity uint8) {
		h := events.MessageHeader{Geometry: events.Geometry{Width: int(width), Height: int(height)}, TimeBase: base}
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, mono.Name).NewDecoder(), h, data, int(capacity)+1)
		if base > math.MaxInt64-math.MaxUint32 {
			require.Empty(t, in)
			require.Len(t, damage, 1)
			return
		}
		require.Equal(t, (len(data)+7)/8, len(in)+len(damage), "every eight bytes are accounted for")
		for _, e := range in {
			require.True(t, h.Geometry.Contains(e.X, e.Y))
			require.LessOrEqual(t, e.P, events.On)
		}
	})
}

func benchmarkEvents() []events.Event {
	in := make([]events.Event, events.DefaultPacketEvents)
	for i := range in {
		in[i] = events.Event{T: int64(i), X: uint16(i % 1280), Y: uint16(i % 719), P: events.Polarity(i & 1)}
	}
	return in
}

func BenchmarkDecode(b *testing.B) {
	h := events.MessageHeader{Geometry: wide}
	data, _, err := formattest.Encoding(b, mono.Name).NewEncoder().Encode(h, nil, benchmarkEvents())
	require.NoError(b, err)
	formattest.BenchDecode(b, formattest.Encoding(b, mono.Name).NewDecoder(), h, data)
}

func BenchmarkEncode(b *testing.B) {
	formattest.BenchEncode(b, formattest.Encoding(b, mono.Name).NewEncoder(), events.MessageHeader{Geometry: wide}, benchmarkEvents())
}

func BenchmarkCopy(b *testing.B) {
	in := benchmarkEvents()
	formattest.BenchCopy(b, make([]byte, 8*len(in)), len(in))
}
