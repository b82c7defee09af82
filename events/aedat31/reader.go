package aedat31

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// bufferBytes is how much a reader takes from its source at a time.
const bufferBytes = 1 << 16

// maxKinds bounds the kinds that are counted apart: a damaged file may name any.
const maxKinds = 64

type reader struct {
	source.Steps
	br       *bufio.Reader
	header   *header
	given    bool            // the geometry, by the caller
	geometry events.Geometry // zero where it is not known
	limit    events.Geometry // what events must lie within

	source int16 // the one whose events are delivered
	chosen bool  // it is known

	offset  int64 // of the next byte in the file
	left    int64 // events of the packet that are still to come
	special bool  // they are special events
	timed   bool  // of which the times are those of the events delivered
	over    int64 // us that have run over in the packet
	skip    int64 // bytes to skip
	skipped map[string]int64
	invalid int64

	delivered int64 // events
	trigger   func(events.Trigger)
}

func newReader(src io.Reader, g events.Geometry) (events.Reader, error) {
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	br := bufio.NewReaderSize(src, bufferBytes)
	h, err := readHeader(br)
	if err != nil {
		return nil, err
	}
	r := &reader{br: br, header: h, offset: h.bytes, skipped: map[string]int64{}, given: g.Known()}
	switch {
	case g.Known():
		r.setGeometry(g)
	case h.size.Known():
		r.setGeometry(h.size)
	case len(h.sources) == 1:
		for _, name := range h.sources {
			r.setGeometry(deviceSize(name))
		}
	default:
		r.setGeometry(events.Geometry{})
	}
	return r, nil
}

func (r *reader) setGeometry(g events.Geometry) {
	r.geometry, r.limit = g, g
	if !g.Known() {
		r.limit = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
}

// Header gives the geometry of the device that the events come from. Where a file has
// several sources that is known behind the first event.
func (r *reader) Header() events.Header { return events.Header{Format: Name, Geometry: r.geometry} }

func (r *reader) Skipped() map[string]int64 {
	m := maps.Clone(r.skipped)
	if r.invalid > 0 {
		m["invalid"] = r.invalid
	}
	return m
}

func (r *reader) Read(p *events.Packet) error { return r.Steps.Read(p, r.step) }

// step goes on by what is skipped, by a packet's header or by what is buffered of its
// events.
func (r *reader) step(p *events.Packet) error {
	switch {
	case r.skip > 0:
		return r.skipOn()
	case r.left == 0:
		return r.nextPacket()
	}
	b, err := r.br.Peek(eventBytes)
	if err != nil {
		return r.ended(err, fmt.Sprintf("an event of %d bytes, %d more in the packet", eventBytes, r.left), len(b))
	}
	b, err = r.br.Peek(int(min(r.left*eventBytes, int64(r.br.Buffered()&^(eventBytes-1)))))
	if err != nil {
		return err // never: the bytes are buffered
	}
	n, damage := len(b), error(nil)
	if r.special {
		r.takeSpecial(b)
	} else {
		before := len(p.Events)
		n, damage = r.decode(b, p)
		r.delivered += int64(len(p.Events) - before)
	}
	r.left -= int64(n / eventBytes)
	if err := r.take(n); err != nil {
		return err
	}
	return damage
}

func (r *reader) take(n int) error {
	n, err := r.br.Discard(n)
	r.offset += int64(n)
	return err
}

// ended turns the end of the file into damage, as it does not come between packets.
func (r *reader) ended(err error, want string, got int) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	return &events.FormatError{
		Format: Name, Offset: r.offset, Fatal: true,
		Want: want, Got: fmt.Sprintf("the end of the file after %d", got),
	}
}

func (r *reader) skipOn() error {
	want := r.skip
	for r.skip > 0 {
		n, err := r.br.Discard(int(min(r.skip, 1<<30)))
		r.skip -= int64(n)
		if err != nil {
			return r.ended(err, fmt.Sprintf("%d bytes of a packet", want), int(want-r.skip))
		}
		r.offset += int64(n)
	}
	return nil
}

// nextPacket takes a packet's header.
func (r *reader) nextPacket() error {
	b, err := r.br.Peek(headerBytes)
	if err != nil {
		if len(b) == 0 {
			return err
		}
		return r.ended(err, fmt.Sprintf("a packet's header of %d bytes", headerBytes), len(b))
	}
	h, at := parsePacketHeader(b), r.offset
	if err := r.take(headerBytes); err != nil {
		return err
	}
	if want, got, fatal := h.wrong(); want != "" {
		r.skip = h.bytes()
		return &events.FormatError{Format: Name, Offset: at, Want: want, Got: got, Fatal: fatal}
	}
	if h.kind == polarityType && h.number > 0 && !r.chosen {
		r.choose(h.source)
	}
	r.special = h.kind == specialType && h.size == eventBytes
	switch {
	case r.special:
		r.left, r.over = int64(h.number), int64(h.overflow)<<timeBits
		r.timed = h.tsOffset == eventTSOffset && h.overflow >= 0 && (!r.chosen || h.source == r.source)
	case h.kind != polarityType:
		r.count(h.kindName(), int64(h.number))
		r.skip = h.bytes()
	case h.source != r.source:
		r.count(fmt.Sprintf("event of source %d", h.source), int64(h.number))
		r.skip = h.bytes()
	default:
		r.left, r.over = int64(h.number), int64(h.overflow)<<timeBits
	}
	if h.valid < 0 || h.valid > h.number {
		// Each event says of itself whether it is valid, so that none is lost by this.
		return &events.FormatError{
			Format: Name, Offset: at,
			Want: fmt.Sprintf("0 to %d valid events", h.number), Got: fmt.Sprintf("%d", h.valid),
		}
	}
	return nil
}

// choose takes a source for the one whose events are delivered.
func (r *reader) choose(source int16) {
	r.source, r.chosen = source, true
	if name, known := r.header.sources[source]; known && !r.given && !r.header.size.Known() {
		r.setGeometry(deviceSize(name))
	}
}

func (r *reader) count(kind string, n int64) {
	if n == 0 {
		return
	}
	if _, known := r.skipped[kind]; !known && len(r.skipped) >= maxKinds {
		kind = "other"
	}
	r.skipped[kind] += n
}
