package nmnist

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
)

// decoder reads messages; every message stands for itself, so that a lost one
// takes nothing else with it.
type decoder struct{}

func (*decoder) Reset() {}

func (*decoder) Decode(h events.MessageHeader, data []byte, p *events.Packet) (int, error) {
	base := floorMicros(h.TimeBase)
	n := 0
	for ; p.Room() > 0 && len(data)-n >= eventBytes; n += eventBytes {
		b := data[n : n+eventBytes]
		x, y, w := b[0], b[1], word(b)
		if y == overflowRow || !h.Geometry.Contains(uint16(x), uint16(y)) {
			return n + eventBytes, outside(int64(n), h.Geometry, x, y)
		}
		p.Events = append(p.Events, events.Event{
			T: base + int64(w&timeMax), X: uint16(x), Y: uint16(y), P: events.Polarity(w >> timeBits),
		})
	}
	if rest := len(data) - n; rest > 0 && rest < eventBytes {
		return len(data), &events.FormatError{
			Format: Name, Offset: int64(n), Fatal: true,
			Want: fmt.Sprintf("an event of %d bytes", eventBytes),
			Got:  fmt.Sprintf("the end of the message after %d", rest),
		}
	}
	return n, nil
}

// floorMicros rounds nanoseconds down to microseconds, below zero as well.
func floorMicros(ns int64) int64 {
	us := ns / 1000
	if ns%1000 < 0 {
		us--
	}
	return us
}

type encoder struct{}

// maxBase is the latest time whose time base, in nanoseconds, fits in 64 bits.
const maxBase = math.MaxInt64 / 1000

func (encoder) TimeBase(t int64) int64 { return t * 1000 }

func (encoder) Encode(h events.MessageHeader, dst []byte, in []events.Event) ([]byte, int, error) {
	base := floorMicros(h.TimeBase)
	for i, e := range in {
		if e.T > maxBase || e.T < -maxBase {
			return dst, i, fmt.Errorf("event %d: t %d us: expected a time within %d us of zero", i, e.T, int64(maxBase))
		}
		if e.X > maxX || e.Y > maxY {
			return dst, i, fmt.Errorf("event %d: x %d, y %d: %s holds x to %d and y to %d", i, e.X, e.Y, Name, maxX, maxY)
		}
		if e.T < base || e.T-base > timeMax {
			return dst, i, nil
		}
		dst = put(dst, byte(e.X), byte(e.Y), uint32(e.P&1)<<timeBits|uint32(e.T-base))
	}
	return dst, len(in), nil
}
