package aedat4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/saccade-dev/saccade/events"
)

const (
	// packetEvents is how many events a written packet holds at the most.
	packetEvents = 8192
	// The numbers of a file's streams.
	ourStream     = 0 // of events
	triggerStream = 1
)

// packetHead is an EventPacket up to its first event, but for its size (the first four
// bytes) and the number of events (the last four): the pointer to the root, the
// identifier, two bytes of padding, the vtable, and the table with its pointer to the
// vector. Events begin at byte 32, aligned to eight.
var packetHead = [...]byte{
	0, 0, 0, 0, 16, 0, 0, 0, 'E', 'V', 'T', 'S', 0, 0,
	6, 0, 8, 0, 4, 0,
	6, 0, 0, 0, 4, 0, 0, 0,
	0, 0, 0, 0,
}

// entry is a packet as the data table has it.
type entry struct {
	stream      int32
	offset      int64
	size        int32
	elements    int64 // events or triggers
	first, last int64 // times
}

type writer struct {
	w          io.Writer
	seeker     io.WriteSeeker // nil where w cannot be gone back in
	start      int64          // where the file starts in it
	limit      events.Geometry
	compressor *compressor
	offset     int64 // of what is written next in the file
	tableField int64 // where the header says where the data table is
	buf        []byte
	n          int // events in buf
	first      int64
	last       int64
	triggers   []events.Trigger // behind the events in buf
	table      []entry
	events     int64
	err        error // of the first write that failed: nothing goes out behind a hole
}

// NewWriter writes a file with a stream of events and one of triggers, compressed as said. Where w is an
// io.WriteSeeker that can be gone back in, such as a file, the file ends with its data
// table, which DV's player seeks by; elsewhere it has none, as the format allows. The
// table takes 40 bytes of memory for each 8192 events. Only the registry's own
// contract, events.Writer, is promised of what it gives.
func NewWriter(w io.Writer, h events.Header, c Compression) (events.Writer, error) {
	g := h.Geometry
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	compressor, err := newCompressor(c)
	if err != nil {
		return nil, err
	}
	out := &writer{w: w, limit: g, compressor: compressor, buf: append([]byte{}, packetHead[:]...)}
	if !g.Known() {
		out.limit = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
	if s, ok := w.(io.WriteSeeker); ok {
		if at, err := s.Seek(0, io.SeekCurrent); err == nil {
			out.seeker, out.start = s, at
		}
	}
	head, field, err := buildHeader(c, h)
	if err != nil {
		return nil, err
	}
	out.tableField = int64(field)
	return out, out.write(head)
}

func (w *writer) write(b []byte) error {
	if w.err == nil {
		var n int
		n, w.err = w.w.Write(b)
		w.offset += int64(n)
	}
	return w.err
}

func (w *writer) Write(in []events.Event) error {
	if w.err != nil {
		return w.err
	}
	for _, e := range in {
		if !w.limit.Contains(e.X, e.Y) {
			return events.Unheld(w.events, "x %d, y %d: expected an event within %dx%d pixels", e.X, e.Y, w.limit.Width, w.limit.Height)
		}
		if len(w.triggers) > 0 {
			if err := w.flush(); err != nil {
				return err
			}
		}
		if w.n == 0 {
			w.first = e.T
		}
		w.last = e.T
		w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(e.T))
		w.buf = binary.LittleEndian.AppendUint64(w.buf, uint64(e.X)|uint64(e.Y)<<16|uint64(e.P&1)<<32)
		w.events++
		if w.n++; w.n == packetEvents {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush writes the packet that is gathered, and the triggers behind it.
func (w *writer) flush() error {
	if w.n > 0 && w.err == nil {
		binary.LittleEndian.PutUint32(w.buf, uint32(len(w.buf)-prefixBytes))
		binary.LittleEndian.PutUint32(w.buf[len(packetHead)-4:], uint32(w.n))
		e := entry{stream: ourStream, elements: int64(w.n), first: w.first, last: w.last}
		if err := w.packet(w.buf, e); err != nil {
			return err
		}
		w.buf, w.n = w.buf[:len(packetHead)], 0
	}
	return w.flushTriggers()
}

// packet writes a packet of a stream.
func (w *writer) packet(data []byte, e entry) error {
	packet, err := w.compressor.compress(data)
	if err != nil {
		return err
	}
	var head [packetBytes]byte
	binary.LittleEndian.PutUint32(head[:], uint32(e.stream))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(packet)))
	if err := w.write(head[:]); err != nil {
		return err
	}
	if w.seeker != nil {
		e.offset, e.size = w.offset, int32(len(packet))
		w.table = append(w.table, e)
	}
	return w.write(packet)
}

// maxTable is how many packets a data table is written for: a flatbuffer's pointers
// reach 2 GiB. That is 10^11 events.
const maxTable = math.MaxInt32 / 128

// Close writes what is buffered and, where it can go back in the file, the data table
// and where that is.
func (w *writer) Close() error {
	if err := w.flush(); err != nil {
		return err
	}
	if w.seeker == nil || len(w.table) > maxTable {
		return nil
	}
	at := w.offset
	b, err := w.compressor.compress(buildTable(w.table))
	if err != nil {
		return err
	}
	if err := w.write(b); err != nil {
		return err
	}
	if _, err := w.seeker.Seek(w.start+w.tableField, io.SeekStart); err != nil {
		return err
	}
	_, err = w.w.Write(binary.LittleEndian.AppendUint64(nil, uint64(at)))
	_, back := w.seeker.Seek(w.start+w.offset, io.SeekStart)
	return errors.Join(err, back)
}
