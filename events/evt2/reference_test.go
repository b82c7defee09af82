package evt2_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt2"
	"github.com/saccade-dev/saccade/events/formattest"
)

// reference reads words as the specification has them, one at a time and without
// any haste.
type reference struct {
	geometry    events.Geometry
	turns, high int64
	timed       bool
	out         []events.Event
	damaged     int
	triggers    []events.Trigger
	skipped     map[string]int64
}

func (r *reference) read(data []byte) {
	for ; len(data) >= 4; data = data[4:] {
		w := int64(binary.LittleEndian.Uint32(data))
		kind, t := w>>28, r.turns<<34+r.high<<6+w>>22&63
		x, y := int(w>>11&2047), int(w&2047)
		switch {
		case kind <= 1 && !r.timed:
			r.skipped["event without a time or place"]++
		case kind <= 1 && (x >= r.geometry.Width || y >= r.geometry.Height):
			r.damaged++
		case kind <= 1:
			r.out = append(r.out, events.Event{T: t, X: uint16(x), Y: uint16(y), P: events.Polarity(kind)})
		case kind == 8:
			if v := w & (1<<28 - 1); r.timed && r.high-v >= 1<<27 {
				r.turns++
			}
			r.high, r.timed = w&(1<<28-1), true
		case kind == 0xa:
			r.skipped["external trigger"]++
			if r.timed {
				r.triggers = append(r.triggers, events.Trigger{T: t, ID: uint8(w >> 8 & 31), Rising: w&1 == 1, After: int64(len(r.out))})
			}
		case kind == 0xe:
			r.skipped["other"]++
		case kind == 0xf:
			r.skipped["continuation"]++
		default:
			r.skipped["reserved"]++
		}
	}
}

// words builds test data.
func words(w ...uint32) []byte {
	var b []byte
	for _, v := range w {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return b
}

func raw(g events.Geometry, data []byte) []byte {
	return append(fmt.Appendf(nil, "%% evt 2.0\n%% geometry %dx%d\n%% end\n", g.Width, g.Height), data...)
}

// The decoder and the specification agree on any words.
func FuzzReader(f *testing.F) {
	f.Add(golden, uint8(3), uint16(1280), uint16(720))
	f.Add(append(bytes.Repeat(golden, 20), 1, 2, 3), uint8(255), uint16(2048), uint16(4096))
	f.Add(golden[4:], uint8(0), uint16(5), uint16(5))
	f.Add([]byte{}, uint8(9), uint16(0), uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		g := events.Geometry{Width: int(width), Height: int(height)}
		if !g.Valid() {
			g = hd
		}
		want := &reference{geometry: g, skipped: map[string]int64{}}
		want.read(data)
		file := raw(g, data)
		c := formattest.Sound(t, formattest.Opener(t, evt2.Name, events.Geometry{}), file, int(capacity)+1)
		require.NotNil(t, c, "the header is sound")
		require.Equal(t, want.out, c.Events)
		require.Len(t, c.Damage, want.damaged)
		require.Equal(t, want.skipped, c.Skipped)
		if tail := len(data) % 4; tail == 0 {
			require.Equal(t, io.EOF, c.End)
		} else {
			require.NotNil(t, c.Cut())
			require.Equal(t, int64(len(file)-tail), c.Cut().Offset)
		}
		for _, fe := range c.Damage {
			require.Zero(t, (fe.Offset-int64(len(raw(g, nil))))%4, "damage begins with a word")
		}
		r := formattest.NewReader(t, evt2.Name, bytes.NewReader(file), events.Geometry{})
		var triggers []events.Trigger
		formattest.Triggers(t, r, &triggers)
		_, _, end := formattest.ReadAll(t, r, int(capacity)+1)
		require.Equal(t, c.End, end)
		require.Equal(t, want.triggers, triggers)
	})
}
