package libcaer

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
)

// Name is the encoding's name in a message's header.
const Name = "libcaer"

const (
	wordBytes = 8
	valid     = 1
	onShift   = 1
	yShift    = 2
	xShift    = 17
	sideMask  = 1<<15 - 1
	timeShift = 32

	// turn is what the 31 bits of a time count to, 35 minutes and 47 seconds.
	turn = 1 << 31
	half = turn / 2
)

func init() {
	events.RegisterEncoding(&events.Encoding{
		Name:        Name,
		Description: "64 bits an event: libcaer's polarity events, as ROS carries them",
		NewDecoder:  func() events.Decoder { return new(decoder) },
		NewEncoder:  func() events.Encoder { return new(encoder) },
	})
	events.RegisterEncoding(&events.Encoding{
		Name:        CompressedName,
		Description: "libcaer's polarity events in 16-bit words and vectors, as ROS carries them",
		NewDecoder:  func() events.Decoder { return new(compressed) },
	})
}

// decoder remembers how often time has run over within a message of which it has
// been given room for a part only. It remembers nothing from message to message, and
// knows the rest of a message by its length and time base: whoever gives a message up
// half-way calls Reset.
type decoder struct {
	rest int   // bytes of that message which are still to come
	base int64 // its time base in ns
	over int64 // us that have run over so far
	last int64 // the last event's time without them
}

func (d *decoder) Reset() { *d = decoder{} }

func (d *decoder) Decode(h events.MessageHeader, data []byte, p *events.Packet) (int, error) {
	if d.rest != len(data) || d.base != h.TimeBase {
		*d = decoder{base: h.TimeBase}
	}
	n, err := d.decode(h, data, p)
	d.rest = len(data) - n
	if d.rest == 0 {
		d.Reset()
	}
	return n, err
}

func (d *decoder) decode(h events.MessageHeader, data []byte, p *events.Packet) (int, error) {
	base := floorMicros(h.TimeBase)
	// Written into the packet's room, whose length is settled before the loop.
	out := p.Events[len(p.Events):][:min(p.Room(), len(data)/wordBytes)]
	over, last := d.over, d.last
	n := 0
	for i := range out {
		w := binary.LittleEndian.Uint64(data[n:])
		n += wordBytes
		x, y := uint16(w>>xShift&sideMask), uint16(w>>yShift&sideMask)
		low := int64(w >> timeShift)
		if low >= turn || !h.Geometry.Contains(x, y) {
			p.Events = p.Events[:len(p.Events)+i]
			d.over, d.last = over, last
			return n, damage(int64(n-wordBytes), h.Geometry, x, y, low)
		}
		if low < last-half {
			over += turn
		}
		last = low
		out[i] = events.Event{T: base + over + low, X: x, Y: y, P: events.Polarity(w >> onShift & 1)}
	}
	p.Events = p.Events[:len(p.Events)+len(out)]
	d.over, d.last = over, last
	if rest := len(data) - n; rest > 0 && rest < wordBytes {
		return len(data), &events.FormatError{
			Format: Name, Offset: int64(n), Fatal: true,
			Want: fmt.Sprintf("an event of %d bytes", wordBytes),
			Got:  fmt.Sprintf("the end of the message after %d", rest),
		}
	}
	return n, nil
}

func damage(offset int64, g events.Geometry, x, y uint16, low int64) error {
	if low >= turn {
		return &events.FormatError{
			Format: Name, Offset: offset, Want: "a time of 31 bits", Got: fmt.Sprintf("%d us", int32(low)),
		}
	}
	return &events.FormatError{
		Format: Name, Offset: offset,
		Want: fmt.Sprintf("an event within %dx%d pixels", g.Width, g.Height),
		Got:  fmt.Sprintf("x %d, y %d", x, y),
	}
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

// maxT is the latest time whose time base, in nanoseconds, fits in 64 bits.
const maxT = math.MaxInt64 / 1000

func (encoder) TimeBase(t int64) int64 { return t * 1000 }

// Encode ends a message where time falls and where it would run over: the next
// message has a time base of its own.
func (encoder) Encode(h events.MessageHeader, dst []byte, in []events.Event) ([]byte, int, error) {
	base := floorMicros(h.TimeBase)
	var last int64
	for i, e := range in {
		if e.T > maxT || e.T < -maxT {
			return dst, i, fmt.Errorf("event %d: t %d us: %s holds times within %d us of zero", i, e.T, Name, int64(maxT))
		}
		if e.X > sideMask || e.Y > sideMask {
			return dst, i, fmt.Errorf("event %d: x %d, y %d: %s holds x and y to %d", i, e.X, e.Y, Name, sideMask)
		}
		low := e.T - base
		if low < last || low >= turn {
			return dst, i, nil
		}
		last = low
		dst = binary.LittleEndian.AppendUint64(dst,
			valid|uint64(e.P&1)<<onShift|uint64(e.Y)<<yShift|uint64(e.X)<<xShift|uint64(low)<<timeShift)
	}
	return dst, len(in), nil
}
