package aedat4

import (
	"encoding/binary"
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// decode takes events of the packet into the room of p.
func (r *reader) decode(p *events.Packet) error {
	b := r.elements
	out := p.Events[len(p.Events):][:min(p.Room(), len(b)/eventBytes)]
	width, height := uint32(r.limit.Width), uint32(r.limit.Height)
	for i := range out {
		e := (*[eventBytes]byte)(b[i*eventBytes:])
		// x, y, polarity and padding at once; a coordinate below 0 is one beyond any side.
		w := binary.LittleEndian.Uint64(e[xOffset:])
		x, y := uint32(uint16(w)), uint32(uint16(w>>16))
		if x >= width || y >= height {
			p.Events = p.Events[:len(p.Events)+i]
			err := r.outside(i, int16(x), int16(y))
			r.advance(i + 1)
			return err
		}
		on := events.Off
		if uint8(w>>32) != 0 {
			on = events.On
		}
		out[i] = events.Event{T: int64(binary.LittleEndian.Uint64(e[:])), X: uint16(x), Y: uint16(y), P: on}
	}
	p.Events = p.Events[:len(p.Events)+len(out)]
	r.advance(len(out))
	return nil
}

func (r *reader) advance(n int) {
	r.elements = r.elements[n*eventBytes:]
	r.at = r.within(r.at, n*eventBytes)
	r.done += n
}

func (r *reader) outside(i int, x, y int16) error {
	fe := damaged(r.within(r.at, i*eventBytes), fmt.Sprintf("an event within %dx%d pixels", r.limit.Width, r.limit.Height), fmt.Sprintf("x %d, y %d", x, y))
	if r.header.compression != None {
		fe.Got += fmt.Sprintf(" as event %d of the packet that begins there", r.done+i)
	}
	fe.Fatal = false
	return fe
}
