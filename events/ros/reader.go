package ros

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// maxKinds bounds the types and topics that are counted apart: a damaged bag may name any.
const maxKinds = 64

// reader reads the events of one topic.
type reader struct {
	source.Steps
	src      Source
	format   string
	given    bool            // the geometry is the user's
	geometry events.Geometry // zero where it is not known
	limit    events.Geometry // what events must lie within

	origin   events.Source
	topic    string // whose events are delivered
	chosen   bool   // it is known, or was selected
	met      bool   // it has had a message
	sized    bool   // and one that told the sensor's size
	others   map[string]bool
	skipped  map[string]int64
	pending  error // met on the way to the first message
	ended    bool
	messages int64 // so far

	numbered bool
	next     uint64 // number of the message that should come
	encoding string
	decoder  events.Decoder
	clocked  bool // it has a clock of its own

	trigger   func(events.Trigger)
	delivered int64 // events so far
	decoded   int64 // and by this decoder

	// The message that is being read: events of a packet in rest, which begins at byte at
	// of it, or so many elements of an array in wire.
	message  Message
	h        events.MessageHeader
	rest     []byte
	at       int
	wire     wire
	elements int
}

// NewReader makes a reader of the events of one topic of a bag; its Header names the
// format. A geometry, unless zero, counts instead of what messages say. The reader is an
// events.TopicReader. Close, if src has one, is called by the reader's.
func NewReader(src Source, format string, geometry events.Geometry) (events.Reader, error) {
	if geometry != (events.Geometry{}) && !geometry.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", geometry.Width, geometry.Height, events.MaxSide)
	}
	r := &reader{src: src, format: format, others: map[string]bool{}, skipped: map[string]int64{}}
	r.resize(geometry)
	r.given = geometry.Known()
	return r, nil
}

func (r *reader) resize(g events.Geometry) {
	r.geometry, r.limit = g, g
	if !g.Known() {
		r.limit = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
}

// SelectTopic is that of events.TopicReader.
func (r *reader) SelectTopic(topic string) error {
	if r.messages > 0 || r.ended || r.chosen {
		return errors.New("a topic is selected once, before reading begins")
	}
	r.topic, r.chosen = topic, true
	return nil
}

// Header reads as far as the first message with events, which tells the sensor's size.
func (r *reader) Header() events.Header {
	for !r.met && !r.ended && r.pending == nil {
		r.pending = r.nextMessage()
	}
	return events.Header{Format: r.format, Geometry: r.geometry}
}

// Skipped counts what was not an event of the topic, by kind.
func (r *reader) Skipped() map[string]int64 {
	out := maps.Clone(r.skipped)
	r.counts(out)
	return out
}

// Close closes the source, where it has something to close.
func (r *reader) Close() error {
	if c, ok := r.src.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (r *reader) Read(p *events.Packet) error { return r.Steps.Read(p, r.step) }

// step goes on by what there is of a message, or to the next one.
func (r *reader) step(p *events.Packet) error {
	switch {
	case r.pending != nil:
		err := r.pending
		r.pending = nil
		return err
	case len(r.rest) > 0:
		return r.decode(p)
	case r.elements > 0:
		return r.arrayEvents(p)
	}
	return r.nextMessage()
}

// nextMessage takes a message and leaves its events, if it has some, to be decoded.
func (r *reader) nextMessage() error {
	var err error
	if r.message, err = r.src.Next(); err != nil {
		return r.sourceEnds(err)
	}
	m := &r.message
	r.messages++
	k := kinds[m.Type]
	switch {
	case k == none && r.chosen && m.Topic == r.topic:
		r.ended = true
		return fmt.Errorf("topic %q holds messages of %s, not of events", m.Topic, m.Type)
	case k == none:
		r.count(plain(m.Type), 1)
		return nil
	case k == packets && (!r.chosen || m.Topic != r.topic) && r.triggers(m):
		return nil
	case !r.chosen:
		r.topic, r.chosen = m.Topic, true
	case m.Topic != r.topic:
		if len(r.others) < maxKinds {
			r.others[m.Topic] = true
		}
		r.count("event message of topic "+m.Topic, 1)
		return nil
	}
	r.met = true
	if k == packets {
		return r.packet(m)
	}
	return r.array(m)
}

// sourceEnds gives what a source that has no message has instead of one.
func (r *reader) sourceEnds(err error) error {
	var fe *events.FormatError
	if errors.As(err, &fe) && !fe.Fatal {
		return err
	}
	r.ended = true
	if !errors.Is(err, io.EOF) || r.met || !r.chosen {
		return err
	}
	if len(r.others) == 0 {
		return fmt.Errorf("there is no topic %q, and none with events", r.topic)
	}
	names := slices.Sorted(maps.Keys(r.others))
	return fmt.Errorf("there is no topic %q: those with events are %s", r.topic, strings.Join(names, ", "))
}

// sensor takes in what a message says of the sensor's size.
func (r *reader) sensor(g events.Geometry) *events.FormatError {
	switch {
	case r.given:
	case !r.sized:
		r.sized = true
		r.resize(g)
	case g != r.geometry:
		return &events.FormatError{
			Want: fmt.Sprintf("a sensor of %dx%d, as in the messages before", r.geometry.Width, r.geometry.Height),
			Got:  fmt.Sprintf("%dx%d", g.Width, g.Height),
		}
	}
	return nil
}

// count counts what is skipped.
func (r *reader) count(kind string, n int64) {
	if n <= 0 {
		return
	}
	if kind == "" {
		kind = "message without a type"
	}
	if _, known := r.skipped[kind]; !known && len(r.skipped) >= maxKinds {
		kind = "message of another kind"
	}
	r.skipped[kind] = max(r.skipped[kind], r.skipped[kind]+n)
}

// undecoded is damage of a message that is laid out otherwise than its type says. Of one
// that was cut off, the source says it.
func (r *reader) undecoded(m *Message, fe *events.FormatError) error {
	if m.Cut {
		return nil
	}
	return r.damaged(0, fe)
}

// damaged gives damage that stands fe.Offset bytes behind byte at of the message with its
// place in the bag. It is never the end of the bag.
func (r *reader) damaged(at int, fe *events.FormatError) error {
	out := *fe
	out.Format, out.Fatal = r.format, false
	out.Offset += int64(at)
	if r.message.Apart {
		out.Got += fmt.Sprintf(", at byte %d of message %d", out.Offset, r.messages)
		out.Offset = 0
	}
	out.Offset += r.message.Offset
	return &out
}
