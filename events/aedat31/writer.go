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
	// startTime is the line that the format demands. When a recording started is not
	// handed in, and a file must not depend on when it is written.
	startTime = "#Start-Time: 1970-01-01 00:00:00 (TZ+0000)"
	// maxT is where the overflow counter would overflow, 146,000 years from now.
	maxT = 1<<(timeBits+31) - 1
)

type writer struct {
	w      io.Writer
	limit  events.Geometry
	buf    []byte // the text until it is written, then a packet with its header
	n      int    // events in it
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
		name = "File"
		if g.Known() {
			size = fmt.Sprintf("%s%dx%d\r\n", sizeKey, g.Width, g.Height)
		}
	}
	if !g.Known() {
		out.limit = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
	out.buf = fmt.Appendf(out.buf, "%s\r\n%s%s\r\n%s%d: %s\r\n%s\r\n%s%s\r\n", magic, formatKey, rawFormat,
		sourceKey, ourSource, name, startTime, size, endMark)
	return out, nil
}

func (w *writer) Write(in []events.Event) error {
	for _, e := range in {
		if e.T < 0 || e.T > maxT {
			return fmt.Errorf("event %d: t %d us: %s holds times from 0 to %d", w.events, e.T, Name, int64(maxT))
		}
		if !w.limit.Contains(e.X, e.Y) {
			return fmt.Errorf("event %d: x %d, y %d: expected an event within %dx%d pixels", w.events, e.X, e.Y, w.limit.Width, w.limit.Height)
		}
		over := e.T >> timeBits
		if w.n == packetEvents || w.n == 0 || over != w.over {
			if err := w.flush(); err != nil {
				return err
			}
			w.over = over
			w.buf = append(w.buf, make([]byte, headerBytes)...)
		}
		w.buf = binary.LittleEndian.AppendUint64(w.buf, validMark|uint64(e.P&1)<<onShift|
			uint64(e.Y)<<yShift|uint64(e.X)<<xShift|uint64(e.T&(1<<timeBits-1))<<timeShift)
		w.n++
		w.events++
	}
	return nil
}

// flush writes the packet that is gathered, or the text in front of the first.
func (w *writer) flush() error {
	if w.n > 0 {
		field := func(at, v int) { binary.LittleEndian.PutUint32(w.buf[at:], uint32(v)) }
		binary.LittleEndian.PutUint16(w.buf[typeField:], polarityType)
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
