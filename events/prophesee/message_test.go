package prophesee_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// What is encoded is decoded again, in turns of the clock before and behind zero,
// and when time goes back into the turn before.
func TestMessageRoundTrip(t *testing.T) {
	for _, c := range codecs {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				first := c.turn * rapid.Int64Range(-3, 3).Draw(t, "turn")
				in := drawEvents(t, c, first+rapid.Int64Range(0, c.turn-1).Draw(t, "start"))
				if first != 0 && len(in) > 0 && rapid.Bool().Draw(t, "goes back a turn") {
					last := in[len(in)-1]
					last.T -= c.turn
					in = append(in, last)
				}
				e, d := formattest.Encoding(t, c.name).NewEncoder(), formattest.Encoding(t, c.name).NewDecoder()
				capacity := rapid.IntRange(1, 70).Draw(t, "capacity")
				var out []events.Event
				for rest := in; len(rest) > 0; {
					h := events.MessageHeader{Geometry: wide, TimeBase: e.TimeBase(rest[0].T)}
					n := min(len(rest), rapid.IntRange(1, 60).Draw(t, "a message"))
					data, n, err := e.Encode(h, []byte("before"), rest[:n])
					require.NoError(t, err)
					require.Positive(t, n, "a message takes its first event")
					require.Equal(t, "before", string(data[:6]))
					got, damage := formattest.DecodeAll(t, d, h, data[6:], capacity)
					require.Empty(t, damage)
					require.Equal(t, rest[:n], got)
					out = append(out, got...)
					rest = rest[n:]
				}
				require.Equal(t, in, append([]events.Event(nil), out...))
			})
		})
	}
}

// A message stands for itself: each alone, decoded afresh, gives its events.
func TestMessagesStandForThemselves(t *testing.T) {
	for _, c := range codecs {
		rapid.Check(t, func(t *rapid.T) {
			in := drawEvents(t, c, c.turn*rapid.Int64Range(-3, 3).Draw(t, "turn"))
			e := formattest.Encoding(t, c.name).NewEncoder()
			for rest := in; len(rest) > 0; {
				h := events.MessageHeader{Geometry: wide, TimeBase: e.TimeBase(rest[0].T)}
				data, n, err := e.Encode(h, nil, rest)
				require.NoError(t, err)
				got, damage := formattest.DecodeAll(t, formattest.Encoding(t, c.name).NewDecoder(), h, data, 100)
				require.Empty(t, damage)
				require.Equal(t, rest[:n], got)
				rest = rest[n:]
			}
		})
	}
}

// The words of a camera, cut anywhere into messages, are one stream; where
// messages are lost, what is delivered is what was sent, and nothing else.
func TestLostMessages(t *testing.T) {
	for _, c := range codecs {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				at := rapid.Int64Range(0, c.turn-1).Draw(t, "start")
				var in []events.Event
				for range rapid.IntRange(20, 150).Draw(t, "events") {
					// Below 15/16 of a turn altogether, and forward: the most that can be told.
					at += rapid.OneOf(rapid.Int64Range(0, 20), rapid.Int64Range(0, c.turn/200)).Draw(t, "step")
					in = append(in, events.Event{
						T: at, X: rapid.Uint16Range(0, 2047).Draw(t, "x"), Y: rapid.Uint16Range(0, 2047).Draw(t, "y"),
						P: events.Polarity(rapid.IntRange(0, 1).Draw(t, "p")),
					})
				}
				rest := words(t, formattest.Write(t, c.name, wide, in))
				d := formattest.Encoding(t, c.name).NewDecoder()
				h := events.MessageHeader{Geometry: wide}
				forget := rapid.Bool().Draw(t, "resets instead")
				from, lost := 0, false
				for len(rest) > 0 {
					n := min(len(rest), c.word*rapid.IntRange(1, 30).Draw(t, "words"))
					message := rest[:n]
					rest = rest[n:]
					// Nobody can tell the turn of a stream whose beginning is lost.
					if (forget || from > 0) && rapid.IntRange(0, 3).Draw(t, "lost") == 0 {
						lost = true
						if forget {
							d.Reset()
						} else {
							decoder(t, d).Lost()
						}
						continue
					}
					got, damage := formattest.DecodeAll(t, d, h, message, 50)
					require.Empty(t, damage)
					for _, e := range got {
						i := from
						for ; i < len(in); i++ {
							w := in[i]
							if forget {
								w.T, e.T = w.T%c.turn, e.T%c.turn // turns are counted afresh
							}
							if w == e {
								break
							}
						}
						require.Less(t, i, len(in), "%+v was never sent there", e)
						if !lost && !forget {
							require.Equal(t, from, i, "none is missing")
						}
						from = i + 1
					}
				}
				if !lost {
					require.Equal(t, len(in), from)
				}
			})
		})
	}
}

// After a gap nothing is delivered before the words that its time and place hang on.
func TestResynchronise(t *testing.T) {
	c := codecs[1]
	d := formattest.Encoding(t, c.name).NewDecoder()
	h := events.MessageHeader{Geometry: wide}
	message := func(w ...uint16) []events.Event {
		var b []byte
		for _, v := range w {
			b = append(b, byte(v), byte(v>>8))
		}
		got, damage := formattest.DecodeAll(t, d, h, b, 10)
		require.Empty(t, damage)
		return got
	}
	require.Empty(t, message(0x2001, 0x0001, 0x2001, 0x6001, 0x2001), "no high part of time")
	require.Empty(t, message(0x8fff, 0x2001), "no low part behind it")
	require.Equal(t, []events.Event{{T: 0xfff002, X: 1, Y: 1}}, message(0x6002, 0x2001))
	require.Empty(t, message(0x4001), "no vector base")
	require.Equal(t, []events.Event{{T: 1<<24 + 5, X: 3, Y: 1}}, message(0x3003, 0x8000, 0x6005, 0x4001))
	decoder(t, d).Lost()
	require.Empty(t, message(0x6006, 0x2001, 0x8101, 0x6007, 0x2001, 0x4001), "no row")
	require.Equal(t, []events.Event{{T: 1<<24 + 0x101007, X: 1, Y: 9}}, message(0x0009, 0x4001, 0x2001), "still no vector base")
	require.Equal(t, map[string]int64{"event without a time or place": 9}, decoder(t, d).Skipped())
	decoder(t, d).Lost()
	require.Equal(t, []events.Event{{T: 2<<24 + 1, X: 1, Y: 9}}, message(0x8000, 0x6001, 0x0009, 0x2001), "the turn has been missed")
	d.Reset()
	require.Equal(t, []events.Event{{T: 1, X: 1, Y: 9}}, message(0x8000, 0x6001, 0x0009, 0x2001), "turns are counted afresh")
	// A time base that is no turn is not ours: it is left undefined.
	h.TimeBase = 1_700_000_000_000_000_001
	require.Equal(t, []events.Event{{T: 1, X: 1, Y: 9}}, message(0x2001))
	h.TimeBase = 5 << 24 * 1000
	require.Equal(t, []events.Event{{T: 5<<24 + 1<<12, X: 1, Y: 9}}, message(0x8001, 0x2001))
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range codecs {
		d, p := formattest.Encoding(t, c.name).NewDecoder(), events.NewPacket(10)
		n, err := d.Decode(events.MessageHeader{}, make([]byte, 8), p)
		require.Equal(t, 8, n)
		require.EqualError(t, err, c.name+" at byte 0: expected the sensor's geometry in the message's header, found 0x0")
		n, err = d.Decode(events.MessageHeader{Geometry: wide}, make([]byte, c.word+1), p)
		require.Equal(t, c.word+1, n, "the whole message is done with")
		var fe *events.FormatError
		require.ErrorAs(t, err, &fe)
		require.True(t, fe.Fatal)
		require.Equal(t, int64(c.word), fe.Offset)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, c := range codecs {
		e := formattest.Encoding(t, c.name).NewEncoder()
		h := events.MessageHeader{Geometry: wide}
		for says, bad := range map[string]events.Event{
			"event 1: x 2048, y 0: " + c.name + " holds both to 2047": {X: 2048},
			"event 1: t 9223372036854776 us: expected a time within":  {T: 9223372036854776},
			"event 1: t -9223372036854775808 us":                      {T: math.MinInt64},
		} {
			_, n, err := e.Encode(h, nil, []events.Event{{X: 1}, bad, {X: 2}})
			require.ErrorContains(t, err, says)
			require.Equal(t, 1, n)
		}
		for _, later := range []int64{-1, c.turn, 9223372036854775} {
			_, n, err := e.Encode(h, nil, []events.Event{{T: 1}, {T: later}})
			require.NoError(t, err)
			require.Equal(t, 1, n, "out of the message's reach is the next one's")
		}
		_, n, err := e.Encode(events.MessageHeader{TimeBase: 5}, nil, []events.Event{{}})
		require.ErrorContains(t, err, "time base 5 ns: "+c.name+" holds whole turns of its clock")
		require.Zero(t, n)
	}
}

func TestMessagesDoNotAllocate(t *testing.T) {
	for _, c := range codecs {
		in := make([]events.Event, 100)
		for i := range in {
			in[i] = events.Event{T: int64(i / 50), X: uint16(i)}
		}
		d, e := formattest.Encoding(t, c.name).NewDecoder(), formattest.Encoding(t, c.name).NewEncoder()
		h := events.MessageHeader{Geometry: wide}
		p := events.NewPacket(200)
		dst := make([]byte, 0, 4096)
		require.Zero(t, testing.AllocsPerRun(100, func() {
			p.Reset()
			b, n, err := e.Encode(h, dst, in)
			if err != nil || n != len(in) {
				t.Error(n, err)
			}
			if _, err := d.Decode(h, b, p); err != nil || len(p.Events) != len(in) {
				t.Error(len(p.Events), err)
			}
		}))
	}
}

// Whatever the bytes, a decoder goes on, and delivers events of the sensor alone.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{1, 0x80, 2, 0x60, 3, 0, 4, 0x28, 5, 0x38, 0xff, 0x4f}, int64(0), uint16(1280), uint16(720), uint8(2), uint8(1))
	f.Add([]byte{1, 0, 0, 0x80, 5, 0x18, 0xc0, 0x1f, 9}, int64(5<<34*1000), uint16(640), uint16(480), uint8(0), uint8(0))
	f.Add([]byte{}, int64(math.MaxInt64), uint16(1), uint16(1), uint8(255), uint8(2))
	f.Add([]byte{0, 0, 0, 0, 1, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 5, 0x18, 0xc0, 0x1f}, int64(math.MinInt64), uint16(4096), uint16(4096), uint8(3), uint8(3))
	names := []string{"evt2", "evt3", "evt21", "evt21-legacy"}
	f.Fuzz(func(t *testing.T, data []byte, base int64, width, height uint16, capacity, which uint8) {
		e, err := events.EncodingByName(names[int(which)%len(names)])
		require.NoError(t, err)
		h := events.MessageHeader{Geometry: events.Geometry{Width: int(width), Height: int(height)}, TimeBase: base}
		d := e.NewDecoder()
		whole, damage := formattest.DecodeAll(t, d, h, data, int(capacity)+1)
		for _, e := range whole {
			require.True(t, h.Geometry.Contains(e.X, e.Y))
			require.LessOrEqual(t, e.P, events.On)
		}
		d.Reset()
		again, damage2 := formattest.DecodeAll(t, d, h, data, 5)
		require.Equal(t, whole, again, "the same whatever the packets, and after Reset")
		require.Equal(t, damage, damage2)
	})
}

// decoder is the decoder of this family behind the contract.
func decoder(t require.TestingT, d events.Decoder) *prophesee.Decoder {
	out, ok := d.(*prophesee.Decoder)
	require.True(t, ok)
	return out
}
