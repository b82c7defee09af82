package aedat2

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// flushBytes is how much a writer gathers before it hands it on.
const flushBytes = 1 << 16

type writer struct {
	w      io.Writer
	chip   *chip
	size   events.Geometry // zero where it is not known
	limit  events.Geometry
	begun  bool
	clock  clock
	buf    []byte
	events int64
	err    error // of the first write that failed: nothing goes out behind a hole
}

// newWriter makes a file for the smallest chip that the geometry fits on: the DVS128
// for its own 128x128 pixels, else a DAVIS; the Davis640 where it is not known.
func newWriter(w io.Writer, h events.Header) (events.Writer, error) {
	out := &writer{w: w, size: h.Geometry, limit: h.Geometry, buf: make([]byte, 0, flushBytes+4096)}
	if h.Geometry == (events.Geometry{}) {
		out.limit = events.Geometry{Width: 640, Height: 480}
	} else if !h.Geometry.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", h.Geometry.Width, h.Geometry.Height, events.MaxSide)
	}
	out.chip = holding(out.limit)
	if out.chip == nil {
		return nil, fmt.Errorf("%s holds 640x480 pixels at the most, and the recording has %dx%d", Name, h.Geometry.Width, h.Geometry.Height)
	}
	return out, nil
}

// begin writes the text. Times count from the turn of the clock that the first event
// lies in: the records hold its low 32 bits, as a camera's would.
func (w *writer) begin(t int64) {
	w.begun = true
	origin := t &^ (turn - 1)
	w.clock = clock{origin: origin, base: origin}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line(magic)
	line("# This is a raw AE data file - do not edit")
	line("# Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event")
	line("# Timestamps tick is 1 us")
	line("%s %s", chipKey, w.chip.class)
	switch w.size {
	case w.chip.size:
	case events.Geometry{}:
		line("%s unknown", sizeKey)
	default:
		line("%s %dx%d pixels", sizeKey, w.size.Width, w.size.Height)
	}
	if origin != 0 {
		line("%s %d us", originKey, origin)
	}
	line(endMark)
	w.buf = append(w.buf, b.String()...)
}

func (w *writer) Write(in []events.Event) error {
	for _, e := range in {
		if !w.begun {
			w.begin(e.T)
		}
		if !w.limit.Contains(e.X, e.Y) {
			return events.Unheld(w.events, "x %d, y %d: expected an event within %dx%d pixels", e.X, e.Y, w.limit.Width, w.limit.Height)
		}
		// The clock is a reader's: what it makes of the low bits must be the time again.
		c := w.clock
		if c.at(uint32(e.T)) != e.T {
			return events.Unheld(w.events, "t %d us: %s cannot hold it behind %d us: it counts up from %d, in steps below 2^31 us where time runs over",
				e.T, Name, w.clock.base+int64(w.clock.last), w.clock.origin)
		}
		w.clock = c
		w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(w.address(e))<<32|uint64(uint32(e.T)))
		w.events++
		if len(w.buf) >= flushBytes {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) address(e events.Event) uint32 {
	x, y, p := uint32(e.X), uint32(e.Y), uint32(e.P&1)
	if w.chip.layout == layoutDVS128 {
		return y<<dvsYShift | (dvsSide-1-x)<<dvsXShift | (p ^ 1)
	}
	return y<<davisYShift | x<<davisXShift | p<<davisOn
}

func (w *writer) flush() error {
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
	return w.err
}

// Close writes what is buffered; of a recording with no events, the text.
func (w *writer) Close() error {
	if !w.begun {
		w.begin(0)
	}
	return w.flush()
}
