package ros

import (
	"errors"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
)

// packet takes an EventPacket apart and leaves its events in rest.
func (r *reader) packet(m *Message) error {
	w := newWire(m.Data, m.CDR)
	head := w.header()
	at := w.at
	g := w.geometry()
	number := w.uint64("the number of the message")
	w.align(8)
	baseAt := w.at
	base := w.uint64("the time base")
	encodingAt := w.at
	encoding := w.text("the encoding")
	bigAt := w.at
	big := w.uint8("the order of bytes")
	data := w.events(m.Cut)
	if w.err == nil && !m.Cut {
		w.end()
	}
	if w.err != nil {
		return r.undecoded(m, w.err)
	}
	r.begun(head)
	r.number(number)
	if string(encoding) == triggerEncoding {
		r.countTriggers(data)
		return nil
	}
	if err := r.sensor(g); err != nil {
		return r.damaged(at, err)
	}
	if err := r.use(encoding); err != nil {
		return r.damaged(encodingAt, &events.FormatError{Want: "an encoding of events that is known", Got: fmt.Sprintf("%.40q", encoding)})
	}
	r.h = events.MessageHeader{Geometry: r.limit}
	switch {
	case big != 0:
		return r.damaged(bigAt, &events.FormatError{Want: "events with the low byte first", Got: fmt.Sprintf("is_bigendian %d", big)})
	case r.clocked:
	case base > math.MaxInt64:
		return r.damaged(baseAt, &events.FormatError{Want: fmt.Sprintf("a time base to %d ns", int64(math.MaxInt64)), Got: fmt.Sprint(base)})
	default:
		r.h.TimeBase = int64(base)
	}
	r.rest, r.at = data, w.at-len(data)
	return nil
}

// triggers counts the triggers of a message that holds nothing else, of whatever topic:
// drivers send them beside the events, in a topic of their own.
func (r *reader) triggers(m *Message) bool {
	w := newWire(m.Data, m.CDR)
	w.header()
	w.geometry()
	w.uint64("the number of the message")
	w.uint64("the time base")
	if encoding := w.text("the encoding"); string(encoding) != triggerEncoding {
		return false
	}
	w.uint8("the order of bytes")
	r.countTriggers(w.events(m.Cut))
	return true
}

func (r *reader) countTriggers(data []byte) {
	r.count("external trigger", int64(len(data)/triggerBytes))
}

// events gives the last field of an EventPacket, or of one that was cut off what there is.
func (w *wire) events(cut bool) []byte {
	if !cut {
		return w.bytes("the events")
	}
	n := w.uint32("the events")
	return w.take(int(min(uint64(n), uint64(len(w.data)-w.at))), "the events")
}

// padding is what middlewares of ROS 2 may leave behind a message.
const padding = 7

// end sees that a message has no more fields than were read.
func (w *wire) end() {
	if rest := len(w.data) - w.at; rest > 0 && (!w.cdr || rest > padding) {
		w.fail(w.at, "the end of the message", fmt.Sprintf("%d bytes more", rest))
	}
}

// number takes the number of a message in and tells the decoder of gaps.
func (r *reader) number(n uint64) {
	switch {
	case !r.numbered || n == r.next:
	case n > r.next:
		r.count("message lost", int64(min(n-r.next, math.MaxInt64)))
		r.lost()
	default:
		r.count("sequence restart", 1)
		r.lost()
	}
	r.next, r.numbered = n+1, true
}

// decode decodes what is left of a packet.
func (r *reader) decode(p *events.Packet) error {
	before := len(p.Events)
	n, err := r.decoder.Decode(r.h, r.rest, p)
	got := int64(len(p.Events) - before)
	r.delivered, r.decoded = r.delivered+got, r.decoded+got
	at := r.at
	r.rest, r.at = r.rest[n:], r.at+n
	if err == nil {
		return nil
	}
	var fe *events.FormatError
	if !errors.As(err, &fe) {
		return err
	}
	if fe.Fatal {
		r.rest = nil
		if r.message.Cut {
			return nil // an event that is cut off, as the source is about to say
		}
	}
	named := *fe
	named.Want += " (" + r.encoding + ")"
	return r.damaged(at, &named)
}
