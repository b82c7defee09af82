package aedat31

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

const (
	// packetEvents is how many events a written packet holds at the most, as many as
	// cAER's own packets hold in a busy scene.
	packetEvents = 4096
	// ourSource is the number of the file's only source.
	ourSource = 1
	// noDevice is what a source is called of which the device is not known.
	noDevice = "File"
	// maxT is where the overflow counter would overflow, 146,000 years from now.
	maxT = 1<<(timeBits+31) - 1
)

type writer struct {
	w      io.Writer
	limit  events.Geometry
	buf    []byte // the text until it is written, then a packet with its header
	n      int    // events in it
	kind   int    // and of which type
	over   int64  // its overflow counter
	events int64
	err    error // of the first write that failed: nothing goes out behind a hole
}

func newWriter(w io.Writer, h events.Header) (events.Writer, error) {
	g := h.Geometry
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	out := &writer{w: w, limit: g, buf: make([]byte, 0, headerBytes+packetEvents*eventBytes)}
	name, size := deviceName(g), ""
	if name == "" {
		name = noDevice
		if g.Known() {
			size = fmt.Sprintf("%s%dx%d\r\n", sizeKey, g.Width, g.Height)
		}
	}
	if !g.Known() {
		out.limit = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
	out.buf = fmt.Appendf(out.buf, "%s\r\n%s%s\r\n%s%d: %s\r\n%s\r\n%s%s\r\n", magic, formatKey, rawFormat,
		sourceKey, ourSource, name, startText(h.Source), size, endMark)
	return out, nil
}

func (w *writer) Write(in []events.Event) error {
	for _, e := range in {
		if e.T < 0 || e.T > maxT {
			return events.Unheld(w.events, "t %d us: %s holds times from 0 to %d", e.T, Name, int64(maxT))
		}
		if !w.limit.Contains(e.X, e.Y) {
			return events.Unheld(w.events, "x %d, y %d: expected an event within %dx%d pixels", e.X, e.Y, w.limit.Width, w.limit.Height)
		}
		if err := w.open(polarityType, e.T>>timeBits); err != nil {
			return err
		}
		w.buf = binary.LittleEndian.AppendUint64(w.buf, validMark|uint64(e.P&1)<<onShift|
			uint64(e.Y)<<yShift|uint64(e.X)<<xShift|uint64(e.T&(1<<timeBits-1))<<timeShift)
		w.n++
		w.events++
	}
	return nil
}

// open sees that there is a packet for an event of a type and overflow counter.
func (w *writer) open(kind int, over int64) error {
	if w.n > 0 && w.n < packetEvents && over == w.over && kind == w.kind {
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	w.kind, w.over = kind, over
	w.buf = append(w.buf, make([]byte, headerBytes)...)
	return nil
}

// WriteTrigger writes a special event, in a packet that stands between those of the
// events before and behind it.
func (w *writer) WriteTrigger(t events.Trigger) error {
	switch {
	case t.T < 0 || t.T > maxT:
		return events.UnheldTrigger(w.events, "t %d us: %s holds times from 0 to %d", t.T, Name, int64(maxT))
	case int(t.ID) >= len(inputs):
		return events.UnheldTrigger(w.events, "channel %d: %s holds channels to %d", t.ID, Name, len(inputs)-1)
	}
	if err := w.open(specialType, t.T>>timeBits); err != nil {
		return err
	}
	kind := inputs[t.ID]
	if !t.Rising {
		kind += falling
	}
	w.buf = binary.LittleEndian.AppendUint64(w.buf, validMark|uint64(kind)<<specialShift|uint64(t.T&(1<<timeBits-1))<<timeShift)
	w.n++
	return nil
}

// TriggerChannels is how many inputs libcaer tells apart.
func (*writer) TriggerChannels() int { return len(inputs) }

// flush writes the packet that is gathered, or the text in front of the first.
func (w *writer) flush() error {
	if w.n > 0 {
		field := func(at, v int) { binary.LittleEndian.PutUint32(w.buf[at:], uint32(v)) }
		binary.LittleEndian.PutUint16(w.buf[typeField:], uint16(w.kind))
		binary.LittleEndian.PutUint16(w.buf[sourceField:], ourSource)
		field(sizeField, eventBytes)
		field(tsOffsetField, eventTSOffset)
		field(overflowField, int(w.over))
		field(capacityField, w.n)
		field(numberField, w.n)
		field(validField, w.n)
	}
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf, w.n = w.buf[:0], 0
	return w.err
}

// Close writes what is buffered.
func (w *writer) Close() error { return w.flush() }
