package nmnist_test

import (
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

var window = events.Geometry{Width: 34, Height: 34}

// split encodes events into messages.
func split(t require.TestingT, e events.Encoder, in []events.Event) (messages [][]byte, bases []int64) {
	for len(in) > 0 {
		base := e.TimeBase(in[0].T)
		data, n, err := e.Encode(events.MessageHeader{Geometry: events.Geometry{Width: 256, Height: 256}, TimeBase: base}, nil, in)
		require.NoError(t, err)
		require.Positive(t, n, "a message takes its first event")
		messages, bases = append(messages, data), append(bases, base)
		in = in[n:]
	}
	return messages, bases
}

func TestMessageGolden(t *testing.T) {
	h := events.MessageHeader{Geometry: window, TimeBase: -1_500}
	in, damage := formattest.DecodeAll(t, formattest.Encoding(t, nmnist.Name).NewDecoder(), h, golden, 100)
	require.Equal(t, []events.Event{
		{T: -1, X: 3, Y: 4, P: events.Off}, // -1.5 us are floored to -2
		{T: 254, X: 33, Y: 0, P: events.On},
		{T: 66049, X: 0, Y: 33, P: events.On},
		{T: 8388605, X: 1, Y: 1, P: events.Off},
		{T: 8388604, X: 2, Y: 5, P: events.On},
		{T: 7, X: 2, Y: 6, P: events.Off},
	}, in)
	// Time does not run over in a message, as each has a base of its own.
	require.Len(t, damage, 3)
	require.EqualError(t, &damage[0], "nmnist at byte 20: expected an event within 34x34 pixels, found x 7, y 240")

	h.TimeBase = 0
	b, n, err := formattest.Encoding(t, nmnist.Name).NewEncoder().Encode(h, []byte("before"), goldenEvents[:4])
	require.NoError(t, err)
	require.Equal(t, 4, n)
	require.Equal(t, append([]byte("before"), golden[:20]...), b)
}

func TestMessageRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.OneOf(rapid.Int64Range(-1_000_000, 1_000_000), rapid.Int64Range(-math.MaxInt64/1000, math.MaxInt64/1000-1<<40)).Draw(t, "start")
		n := rapid.IntRange(0, 40).Draw(t, "events")
		in := make([]events.Event, 0, n)
		for range n {
			at += rapid.OneOf(rapid.Int64Range(-100, 1000), rapid.Int64Range(0, 20_000_000), rapid.SampledFrom([]int64{1<<23 - 1, 1 << 23})).Draw(t, "step")
			in = append(in, events.Event{
				T: max(at, -math.MaxInt64/1000), X: rapid.Uint16Range(0, 255).Draw(t, "x"), Y: rapid.Uint16Range(0, 239).Draw(t, "y"),
				P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
			})
		}
		messages, bases := split(t, formattest.Encoding(t, nmnist.Name).NewEncoder(), in)
		out := make([]events.Event, 0, n)
		d := formattest.Encoding(t, nmnist.Name).NewDecoder()
		capacity := rapid.IntRange(1, 50).Draw(t, "capacity")
		for i, data := range messages {
			h := events.MessageHeader{Geometry: events.Geometry{Width: 256, Height: 240}, TimeBase: bases[i]}
			got, damage := formattest.DecodeAll(t, d, h, data, capacity)
			require.Empty(t, damage)
			out = append(out, got...)
		}
		require.Equal(t, in, out)
	})
}

func TestEncodeRefuses(t *testing.T) {
	e := formattest.Encoding(t, nmnist.Name).NewEncoder()
	for says, bad := range map[string]events.Event{
		"event 1: x 256, y 0":                      {X: 256},
		"event 1: x 0, y 240":                      {Y: 240},
		"event 1: t 9223372036854775807 us":        {T: math.MaxInt64},
		"event 1: t -9223372036854775808 us":       {T: math.MinInt64},
		"expected a time within 9223372036854775 ": {T: 9223372036854776},
	} {
		b, n, err := e.Encode(events.MessageHeader{Geometry: window}, nil, []events.Event{{X: 1}, bad, {X: 2}})
		require.ErrorContains(t, err, says)
		require.Equal(t, 1, n)
		require.Len(t, b, 5, "the events before it are there")
	}
	// Out of the message's reach is the next message's.
	for _, later := range []int64{-1, 1 << 23} {
		b, n, err := e.Encode(events.MessageHeader{Geometry: window}, nil, []events.Event{{T: 1<<23 - 1}, {T: later}})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Len(t, b, 5)
	}
}

func TestDecodeCutOff(t *testing.T) {
	p := events.NewPacket(10)
	n, err := formattest.Encoding(t, nmnist.Name).NewDecoder().Decode(events.MessageHeader{Geometry: window}, golden[:12], p)
	require.EqualError(t, err, "nmnist at byte 10: expected an event of 5 bytes, found the end of the message after 2")
	require.Equal(t, 12, n)
	require.Len(t, p.Events, 2, "the events before it are there")
	var fe *events.FormatError
	require.True(t, errors.As(err, &fe) && fe.Fatal)
}

func FuzzDecode(f *testing.F) {
	f.Add(golden, int64(0), uint16(34), uint16(34), uint8(3))
	f.Add(golden[:12], int64(-1500), uint16(1), uint16(1), uint8(0))
	f.Add([]byte{}, int64(math.MaxInt64), uint16(4096), uint16(4096), uint8(255))
	f.Add([]byte{1, 2, 0xff, 0xff, 0xff}, int64(math.MinInt64), uint16(0), uint16(0), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, base int64, width, height uint16, capacity uint8) {
		h := events.MessageHeader{Geometry: events.Geometry{Width: int(width), Height: int(height)}, TimeBase: base}
		in, damage := formattest.DecodeAll(t, formattest.Encoding(t, nmnist.Name).NewDecoder(), h, data, int(capacity)+1)
		require.Equal(t, (len(data)+4)/5, len(in)+len(damage), "every five bytes are accounted for")
		floor := int64(math.Floor(float64(base) / 1000))
		for _, e := range in {
			require.True(t, h.Geometry.Contains(e.X, e.Y))
			require.LessOrEqual(t, e.P, events.On)
			if base > -1<<50 && base < 1<<50 {
				require.True(t, e.T >= floor && e.T < floor+1<<23)
			}
		}
	})
}
