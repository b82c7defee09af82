package evt21_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/evt21"
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

func (r *reference) read(list []uint64) {
	for _, w := range list {
		kind, t := w>>60, r.turns<<34+r.high<<6+int64(w>>54&63)
		x, y := int(w>>43&2047), int(w>>32&2047)
		outside := false
		switch kind {
		case 0, 1:
			for i := range 32 {
				switch {
				case w>>i&1 == 0:
				case !r.timed:
					r.skipped["event without a time or place"]++
				case x+i >= r.geometry.Width || y >= r.geometry.Height:
					outside = true
				default:
					r.out = append(r.out, events.Event{T: t, X: uint16(x + i), Y: uint16(y), P: events.Polarity(kind)})
				}
			}
		case 8:
			v := int64(w >> 32 & (1<<28 - 1))
			if r.timed && r.high-v >= 1<<27 {
				r.turns++
			}
			r.high, r.timed = v, true
		case 0xa:
			r.skipped["external trigger"]++
			if r.timed {
				r.triggers = append(r.triggers, events.Trigger{T: t, ID: uint8(w >> 40 & 31), Rising: w>>32&1 == 1, After: int64(len(r.out))})
			}
		case 0xe:
			r.skipped["other"]++
		case 0xf:
			r.skipped["continuation"]++
		default:
			r.skipped["reserved"]++
		}
		if outside {
			r.damaged++
		}
	}
}

var hd = events.Geometry{Width: 1280, Height: 720}

// words builds test data, low byte first or high half first.
func words(legacy bool, list []uint64) []byte {
	var b []byte
	for _, w := range list {
		if legacy {
			w = bits.RotateLeft64(w, 32)
		}
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b
}

func raw(g events.Geometry, endianness string, data []byte) []byte {
	return append(fmt.Appendf(nil, "%% evt 2.1\n%% format EVT21;height=%d;width=%d;endianness=%s\n%% end\n", g.Height, g.Width, endianness), data...)
}

// list builds a list of hexadecimal words.
func list(words []uint64) []byte {
	var b []byte
	for _, w := range words {
		b = fmt.Appendf(b, "%016X\n", w)
	}
	return b
}

// The decoder and the specification agree on any words, in a file of either order
// of bytes and in a list.
func FuzzReader(f *testing.F) {
	f.Add(words(false, golden), uint8(3), uint16(1280), uint16(720))
	f.Add(append(bytes.Repeat(words(false, golden), 20), 1, 2, 3), uint8(255), uint16(2048), uint16(4096))
	f.Add(words(false, golden[1:]), uint8(0), uint16(33), uint16(33))
	f.Add([]byte{}, uint8(9), uint16(0), uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, capacity uint8, width, height uint16) {
		g := events.Geometry{Width: int(width), Height: int(height)}
		if !g.Valid() {
			g = hd
		}
		var all []uint64
		for b := data; len(b) >= 8; b = b[8:] {
			all = append(all, binary.LittleEndian.Uint64(b))
		}
		want := &reference{geometry: events.Geometry{Width: min(g.Width, 2048), Height: min(g.Height, 2048)}, skipped: map[string]int64{}}
		want.read(all)
		tail := data[len(data)/8*8:]
		for name, b := range map[string][]byte{
			"little": raw(g, "little", append(words(false, all), tail...)),
			"legacy": raw(g, "legacy", append(words(true, all), tail...)),
			"list":   list(all),
		} {
			if name == "list" && len(all) == 0 {
				continue // an empty file is none
			}
			c := formattest.Sound(t, formattest.Opener(t, evt21.Name, g), b, int(capacity)+1)
			require.NotNil(t, c, "the header is sound")
			require.Equal(t, want.out, c.Events, name)
			require.Len(t, c.Damage, want.damaged, name)
			require.Equal(t, want.skipped, c.Skipped, name)
			if name == "list" || len(tail) == 0 {
				require.Equal(t, io.EOF, c.End, name)
			} else {
				require.NotNil(t, c.Cut(), name)
				require.Equal(t, int64(len(b)-len(tail)), c.Cut().Offset)
			}
			r := formattest.NewReader(t, evt21.Name, bytes.NewReader(b), g)
			var triggers []events.Trigger
			formattest.Triggers(t, r, &triggers)
			_, _, end := formattest.ReadAll(t, r, int(capacity)+1)
			require.Equal(t, c.End, end)
			require.Equal(t, want.triggers, triggers, name)
		}
	})
}

// Any text is a list, an error at a byte, or no list at all.
func FuzzList(f *testing.F) {
	f.Add(list(golden), uint8(3))
	f.Add([]byte("8000000000000000\r\n\r\n  \n000001DFA6C84E45"), uint8(0))
	f.Add([]byte("8000000000000000\nwhat\n000001DFA6C84E45\n"), uint8(0))
	f.Fuzz(func(t *testing.T, text []byte, capacity uint8) {
		if formattest.Format(t, evt21.Name).Detect(text[:min(len(text), events.DetectBytes)], -1) != nil || bytes.HasPrefix(text, []byte("% ")) {
			return
		}
		c := formattest.Sound(t, formattest.Opener(t, evt21.Name, events.Geometry{}), text, int(capacity)+1)
		require.NotNil(t, c, "what is known can be read")
		require.Equal(t, io.EOF, c.End)
		for _, fe := range c.Damage {
			require.True(t, fe.Offset == 0 || text[fe.Offset-1] == '\n', "damage begins with a line")
		}
	})
}
