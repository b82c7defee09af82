package evt3_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
)

// reference reads words as the specification has them, one at a time and without
// any haste.
type reference struct {
	geometry         events.Geometry
	turns, high, low int64
	timed            bool
	y, x, on         int // y and x are -1 while they are unknown
	out              []events.Event
	damaged          int // words with events off the sensor
	triggers         []events.Trigger
	skipped          map[string]int64
}

func (r *reference) read(data []byte) {
	for ; len(data) >= 2; data = data[2:] {
		w := int(binary.LittleEndian.Uint16(data))
		v := w & 0xfff
		switch w >> 12 {
		case 0:
			r.y = v & 0x7ff
		case 2:
			r.events(1, 1, v&0x7ff, v>>11)
		case 3:
			r.x, r.on = v&0x7ff, v>>11
		case 4:
			r.events(v, 12, r.x, r.on)
			r.advance(12)
		case 5:
			r.events(v&0xff, 8, r.x, r.on)
			r.advance(8)
		case 6:
			r.low = int64(v)
		case 8:
			if r.timed && r.high-int64(v) >= 2048 {
				r.turns++
			}
			if !r.timed || r.high != int64(v) {
				r.low = 0
			}
			r.high, r.timed = int64(v), true
		case 0xa:
			r.skipped["external trigger"]++
			if r.timed {
				r.triggers = append(r.triggers, events.Trigger{T: r.time(), ID: uint8(v >> 8), Rising: v&1 == 1, After: int64(len(r.out))})
			}
		case 0xe:
			r.skipped["other"]++
		case 7, 0xf:
			r.skipped["continuation"]++
		default:
			if w == 0x9999 {
				r.skipped["padding"]++
			} else {
				r.skipped["reserved"]++
			}
		}
	}
}

func (r *reference) advance(n int) {
	if r.x >= 0 {
		r.x += n
	}
}

func (r *reference) time() int64 { return r.turns<<24 + r.high<<12 + r.low }

func (r *reference) events(valid, n, x, on int) {
	outside := false
	for i := range n {
		switch {
		case valid>>i&1 == 0:
		case !r.timed || r.y < 0 || x < 0:
			r.skipped["event without a time or place"]++
		case x+i >= r.geometry.Width || r.y >= r.geometry.Height:
			outside = true
		default:
			r.out = append(r.out, events.Event{T: r.time(), X: uint16(x + i), Y: uint16(r.y), P: events.Polarity(on)})
		}
	}
	if outside {
		r.damaged++
	}
}

// words builds test data.
func words(w ...uint16) []byte {
	var b []byte
	for _, v := range w {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	return b
}

func raw(g events.Geometry, data []byte) []byte {
	return append(fmt.Appendf(nil, "%% evt 3.0\n%% geometry %dx%d\n%% end\n", g.Width, g.Height), data...)
}

// The decoder and the specification agree on any words.
func FuzzReader(f *testing.F) {
	f.Add(words(0x8001, 0x6002, 0x0003, 0x2804, 0x3805, 0x4fff, 0x4001, 0x50ff, 0x2006), uint8(3), uint16(1280), uint16(720))
	f.Add(words(0x2001, 0x8fff, 0x0001, 0x2001, 0x8000, 0x4001, 0x9999, 0xa301, 0xe000, 0xf001, 0x7002), uint8(0), uint16(640), uint16(480))
	f.Add(words(0x8000, 0x0001, 0x37ff, 0x4fff, 0x4fff, 0x50ff, 0x4fff, 0x50ff), uint8(5), uint16(2048), uint16(2048))
	f.Add(append(bytes.Repeat(words(0x8001, 0x0002, 0x3003, 0x4fff, 0x4f0f, 0x50a5), 30), 7), uint8(200), uint16(32), uint16(4096))
	pairs := words(0x8001, 0x0002, 0x2003, 0x0004, 0x2805, 0x0006, 0x2507, 0x6008, 0x0009, 0x2d0a, 0x02cf, 0x200c, 0x02d0, 0x200d, 0x000e, 0x2fff)
	f.Add(bytes.Repeat(pairs, 8), uint8(150), uint16(1280), uint16(720))
	f.Add(append(words(0x2001), bytes.Repeat(pairs, 8)...), uint8(77), uint16(1281), uint16(719))
	f.Add([]byte{}, uint8(9), uint16(1), uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		g := events.Geometry{Width: int(width), Height: int(height)}
		if !g.Valid() {
			g = hd
		}
		want := &reference{geometry: events.Geometry{Width: min(g.Width, 2048), Height: min(g.Height, 2048)}, y: -1, x: -1, skipped: map[string]int64{}}
		want.read(data)
		file := raw(g, data)
		c := formattest.Sound(t, formattest.Opener(t, evt3.Name, events.Geometry{}), file, int(capacity)+1)
		require.NotNil(t, c, "the header is sound")
		require.Equal(t, want.out, c.Events)
		require.Len(t, c.Damage, want.damaged)
		require.Equal(t, want.skipped, c.Skipped)
		require.Equal(t, g, c.Header.Geometry)
		if tail := len(data) % 2; tail == 0 {
			require.Equal(t, io.EOF, c.End)
		} else {
			require.NotNil(t, c.Cut())
			require.Equal(t, int64(len(file)-tail), c.Cut().Offset)
		}
		for _, fe := range c.Damage {
			require.Zero(t, (fe.Offset-int64(len(raw(g, nil))))%2, "damage begins with a word")
		}
		r := formattest.NewReader(t, evt3.Name, bytes.NewReader(file), events.Geometry{})
		var triggers []events.Trigger
		formattest.Triggers(t, r, &triggers)
		_, _, end := formattest.ReadAll(t, r, int(capacity)+1)
		require.Equal(t, c.End, end)
		require.Equal(t, want.triggers, triggers)
	})
}
