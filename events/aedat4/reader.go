package aedat4

import (
	"bufio"
	"encoding/binary"
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
	geometry events.Geometry // zero where it is not known
	limit    events.Geometry // what events must lie within

	stream int32 // the one whose events are delivered
	chosen bool  // it is known

	offset  int64 // of the next byte in the file
	pending error // given once the events in front of it are
	packet  []byte
	data    decompressor
	skipped map[string]int64

	// elements are the events of a packet that are still to come; at is where the first
	// of them stands in the file, or in a compressed packet, where that stands.
	elements []byte
	at       int64
	done     int // events of the packet before

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
	r := &reader{br: br, header: h, offset: h.bytes, geometry: g, skipped: map[string]int64{}}
	if h.damage != nil {
		r.pending = h.damage
	}
	for id, s := range h.streams {
		if s.kind == idEvents && (!r.chosen || id < r.stream) {
			r.stream, r.chosen = id, true
		}
	}
	if s := h.streams[r.stream].size; r.chosen && !g.Known() && s.Known() {
		r.geometry = s
	}
	r.limit = r.geometry
	if !r.limit.Known() {
		r.limit = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
	return r, nil
}

func (r *reader) Header() events.Header { return events.Header{Format: Name, Geometry: r.geometry} }

func (r *reader) Skipped() map[string]int64 { return maps.Clone(r.skipped) }

func (r *reader) Read(p *events.Packet) error { return r.Steps.Read(p, r.step) }

// step goes on by what there is of a packet, or by a packet.
func (r *reader) step(p *events.Packet) error {
	switch {
	case len(r.elements) > 0:
		before := len(p.Events)
		err := r.decode(p)
		r.delivered += int64(len(p.Events) - before)
		return err
	case r.pending != nil:
		err := r.pending
		r.pending = nil
		return err
	case r.header.table >= 0 && r.offset == r.header.table:
		return io.EOF
	}
	return r.nextPacket()
}

// nextPacket takes a packet and leaves its events, if it has some, in elements.
func (r *reader) nextPacket() error {
	b, err := r.br.Peek(packetBytes)
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		return err
	case len(b) > 0:
		return damaged(r.offset, fmt.Sprintf("a packet's header of %d bytes", packetBytes), fmt.Sprintf("the end of the file after %d", len(b)))
	case r.header.table >= 0:
		return damaged(r.offset, fmt.Sprintf("packets up to the data table at byte %d", r.header.table), "the end of the file")
	default:
		return io.EOF
	}
	id := int32(binary.LittleEndian.Uint32(b))
	size := int32(binary.LittleEndian.Uint32(b[4:]))
	if size < 0 {
		return damaged(r.offset+4, "a packet's size from 0", fmt.Sprintf("%d", size))
	}
	if end := r.offset + packetBytes + int64(size); r.header.table >= 0 && end > r.header.table {
		return damaged(r.offset+4, fmt.Sprintf("a packet that ends before the data table at byte %d", r.header.table), fmt.Sprintf("one of %d bytes", size))
	}
	if _, err := r.br.Discard(packetBytes); err != nil {
		return err
	}
	r.offset += packetBytes
	kind, known := r.header.streams[id]
	if known && kind.kind != "" && kind.kind != idEvents && kind.kind != idIMU && kind.kind != idTrigger {
		return r.skipPacket(size, kind.kind)
	}
	if size > maxPacket {
		return r.skipLarge(size)
	}
	return r.takePacket(id, int(size))
}

// skipPacket leaves out a packet whose kind is known and needs no look into it.
func (r *reader) skipPacket(size int32, kind string) error {
	n, err := r.br.Discard(int(size))
	at := r.offset
	r.offset += int64(n)
	switch {
	case errors.Is(err, io.EOF):
		return damaged(at, fmt.Sprintf("a packet of %d bytes", size), fmt.Sprintf("the end of the file after %d", n))
	case err != nil:
		return err
	case kind == idFrame:
		r.count("frame", 1)
	default:
		r.count("packet of "+kind, 1)
	}
	return nil
}

func (r *reader) skipLarge(size int32) error {
	at := r.offset
	if err := r.skipPacket(size, "more than is read"); err != nil {
		return err
	}
	fe := damaged(at, fmt.Sprintf("a packet of at most %d bytes", maxPacket), fmt.Sprintf("%d", size))
	fe.Fatal = false
	return fe
}
