package ros

import (
	"encoding/binary"
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

const (
	// arrayEvent is what an event of an EventArray takes: x, y, seconds, nanoseconds, and a
	// byte of polarity.
	arrayEvent = 2 + 2 + 4 + 4 + 1
	// alignedEvent is from one to the next in CDR, where the first may take less.
	alignedEvent = 16
)

// array takes an EventArray apart as far as its events, which are read on in arrayEvents.
func (r *reader) array(m *Message) error {
	w := newWire(m.Data, m.CDR)
	head := w.header()
	at := w.at
	g := w.geometry()
	n := int(w.uint32("the number of events"))
	if w.err == nil {
		r.elements = n
		room := (len(w.data) - w.at) / arrayEvent
		if m.CDR {
			room = (len(w.data) - w.at + alignedEvent - arrayEvent) / alignedEvent
		}
		switch {
		case n <= room:
		case m.Cut:
			r.elements = room
		default:
			w.fail(w.at-4, "as many events as the message holds", fmt.Sprintf("%d in %d bytes", n, len(w.data)-w.at))
		}
	}
	if w.err != nil {
		r.elements = 0
		return r.undecoded(m, w.err)
	}
	if err := r.sensor(g); err != nil {
		r.elements = 0
		return r.damaged(at, err)
	}
	r.begun(head)
	r.wire = w
	return nil
}

// arrayEvents reads the next events of an array.
func (r *reader) arrayEvents(p *events.Packet) error {
	w := &r.wire
	for n := min(p.Room(), r.elements); n > 0; n-- {
		r.elements--
		at, e := w.event()
		if w.err != nil {
			r.elements = 0
			return r.undecoded(&r.message, w.err)
		}
		if !r.limit.Contains(e.X, e.Y) {
			return r.damaged(at, &events.FormatError{
				Want: fmt.Sprintf("an event within %dx%d pixels", r.limit.Width, r.limit.Height), Got: fmt.Sprintf("x %d, y %d", e.X, e.Y),
			})
		}
		p.Events = append(p.Events, e)
		r.delivered++
	}
	if r.elements > 0 || r.message.Cut {
		return nil
	}
	if w.end(); w.err != nil {
		return r.undecoded(&r.message, w.err)
	}
	return nil
}

// event reads an event of an array and tells where it stands.
func (w *wire) event() (at int, e events.Event) {
	if !w.cdr {
		at = w.at
		b := w.take(arrayEvent, "an event")
		if b == nil {
			return at, e
		}
		micros := int64(binary.LittleEndian.Uint32(b[4:]))*1e6 + int64(binary.LittleEndian.Uint32(b[8:])/1e3)
		return at, events.Event{T: micros, X: binary.LittleEndian.Uint16(b), Y: binary.LittleEndian.Uint16(b[2:]), P: polarity(b[12])}
	}
	w.align(2)
	at = w.at
	b := w.take(4, "an event's place")
	seconds, nanos := int32(w.uint32("an event's seconds")), w.uint32("an event's nanoseconds")
	on := w.uint8("an event's polarity")
	if w.err != nil {
		return at, e
	}
	return at, events.Event{T: int64(seconds)*1e6 + int64(nanos/1e3), X: w.order.Uint16(b), Y: w.order.Uint16(b[2:]), P: polarity(on)}
}

func polarity(b byte) events.Polarity {
	if b != 0 {
		return events.On
	}
	return events.Off
}
