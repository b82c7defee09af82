package mono

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
)

// Name is the encoding's name in a message's header.
const Name = "mono"

const (
	wordBytes = 8
	xShift    = 32
	yShift    = 48
	onShift   = 63
	yMask     = 1<<(onShift-yShift) - 1
)

func init() {
	events.RegisterEncoding(&events.Encoding{
		Name:        Name,
		Description: "64 bits an event: nanoseconds, x, y, polarity",
		NewDecoder:  func() events.Decoder { return new(decoder) },
		NewEncoder:  func() events.Encoder { return new(encoder) },
	})
}

type decoder struct{}

func (*decoder) Reset() {}

func (*decoder) Decode(h events.MessageHeader, data []byte, p *events.Packet) (int, error) {
	if h.TimeBase > math.MaxInt64-math.MaxUint32 {
		return len(data), &events.FormatError{
			Format: Name, Fatal: true,
			Want: "a time base that leaves room for a message", Got: fmt.Sprintf("%d ns", h.TimeBase),
		}
	}
	// t = floor((base + ns)/1000), with the base's part done once so that the
	// division an event is of 64 bits without sign.
	us, rest := h.TimeBase/1000, h.TimeBase%1000
	if rest < 0 {
		us, rest = us-1, rest+1000
	}
	// Written into the packet's room, whose length is settled before the loop.
	out := p.Events[len(p.Events):][:min(p.Room(), len(data)/wordBytes)]
	n := 0
	for i := range out {
		w := binary.LittleEndian.Uint64(data[n:])
		x, y := uint16(w>>xShift), uint16(w>>yShift&yMask)
		if !h.Geometry.Contains(x, y) {
			p.Events = p.Events[:len(p.Events)+i]
			return n + wordBytes, outside(int64(n), h.Geometry, x, y)
		}
		out[i] = events.Event{
			T: us + int64((w&math.MaxUint32+uint64(rest))/1000), X: x, Y: y, P: events.Polarity(w >> onShift),
		}
		n += wordBytes
	}
	p.Events = p.Events[:len(p.Events)+len(out)]
	if rest := len(data) - n; rest > 0 && rest < wordBytes {
		return len(data), &events.FormatError{
			Format: Name, Offset: int64(n), Fatal: true,
			Want: fmt.Sprintf("an event of %d bytes", wordBytes),
			Got:  fmt.Sprintf("the end of the message after %d", rest),
		}
	}
	return n, nil
}

func outside(offset int64, g events.Geometry, x, y uint16) error {
	return &events.FormatError{
		Format: Name, Offset: offset,
		Want: fmt.Sprintf("an event within %dx%d pixels", g.Width, g.Height),
		Got:  fmt.Sprintf("x %d, y %d", x, y),
	}
}

type encoder struct{}

func (encoder) TimeBase(t int64) int64 { return t * 1000 }

func (encoder) Encode(h events.MessageHeader, dst []byte, in []events.Event) ([]byte, int, error) {
	const maxT = math.MaxInt64 / 1000
	for i, e := range in {
		if e.Y > yMask {
			return dst, i, fmt.Errorf("event %d: y %d: %s holds y to %d", i, e.Y, Name, yMask)
		}
		if e.T > maxT || e.T < -maxT {
			return dst, i, fmt.Errorf("event %d: t %d us: %s holds times within %d us of zero", i, e.T, Name, int64(maxT))
		}
		ns := e.T*1000 - h.TimeBase
		if ns < 0 || ns > math.MaxUint32 {
			return dst, i, nil
		}
		dst = binary.LittleEndian.AppendUint64(dst,
			uint64(ns)|uint64(e.X)<<xShift|uint64(e.Y)<<yShift|uint64(e.P&1)<<onShift)
	}
	return dst, len(in), nil
}
