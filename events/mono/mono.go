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
	n := 0
	for ; p.Room() > 0 && len(data)-n >= wordBytes; n += wordBytes {
		w := binary.LittleEndian.Uint64(data[n:])
		e := events.Event{
			T: us + int64((w&math.MaxUint32+uint64(rest))/1000),
			X: uint16(w >> xShift), Y: uint16(w >> yShift & yMask), P: events.Polarity(w >> onShift),
		}
		if !h.Geometry.Contains(e.X, e.Y) {
			return n + wordBytes, &events.FormatError{
				Format: Name, Offset: int64(n),
				Want: fmt.Sprintf("an event within %dx%d pixels", h.Geometry.Width, h.Geometry.Height),
				Got:  fmt.Sprintf("x %d, y %d", e.X, e.Y),
			}
		}
		p.Events = append(p.Events, e)
	}
	if rest := len(data) - n; rest > 0 && rest < wordBytes {
		return len(data), &events.FormatError{
			Format: Name, Offset: int64(n), Fatal: true,
			Want: fmt.Sprintf("an event of %d bytes", wordBytes),
			Got:  fmt.Sprintf("the end of the message after %d", rest),
		}
	}
	return n, nil
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
