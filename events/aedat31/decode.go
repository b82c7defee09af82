package aedat31

import (
	"encoding/binary"
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// decode takes polarity events into the room of p and tells how many bytes it took. Runs
// of sound events go through a tight loop, what interrupts them is looked at alone.
func (r *reader) decode(b []byte, p *events.Packet) (n int, err error) {
	for err == nil && len(b)-n >= eventBytes && p.Room() > 0 {
		n += r.run(b[n:], p) * eventBytes
		if len(b)-n < eventBytes || p.Room() == 0 {
			break
		}
		w := binary.LittleEndian.Uint64(b[n:])
		if w&validMark == 0 {
			r.invalid++
		} else {
			err = r.damage(n, w)
		}
		n += eventBytes
	}
	return n, err
}

// run decodes events up to the first that is not valid or not sound. It gives their number.
func (r *reader) run(b []byte, p *events.Packet) int {
	const sign = 1 << 63
	out := p.Events[len(p.Events):][:min(p.Room(), len(b)/eventBytes)]
	width, height := uint32(r.limit.Width), uint32(r.limit.Height)
	over := r.over
	k := 0
	for ; k < len(out); k++ {
		w := binary.LittleEndian.Uint64(b[k*eventBytes:])
		x, y := uint32(w)>>xShift, uint32(w)>>yShift&sideMask
		if w&(sign|validMark) != validMark || x >= width || y >= height {
			break
		}
		out[k] = events.Event{T: over + int64(w>>timeShift), X: uint16(x), Y: uint16(y), P: events.Polarity(w >> onShift & 1)}
	}
	p.Events = p.Events[:len(p.Events)+k]
	return k
}

// damage says what is wrong with a valid event.
func (r *reader) damage(at int, w uint64) error {
	fe := &events.FormatError{
		Format: Name, Offset: r.offset + int64(at),
		Want: fmt.Sprintf("an event within %dx%d pixels", r.limit.Width, r.limit.Height),
		Got:  fmt.Sprintf("x %d, y %d", w>>xShift&sideMask, w>>yShift&sideMask),
	}
	if low := int32(w >> timeShift); low < 0 {
		fe.Want, fe.Got = "a time of 31 bits", fmt.Sprintf("%d us", low)
	}
	return fe
}
