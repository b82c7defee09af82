package es

import (
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// maxOverflows bounds the overflow bytes between two events: about a quarter of an
// hour, and 8 MB.
const maxOverflows = 1 << 23

const (
	overflowByte = 0xff
	recordBytes  = 5 // of a DVS event
)

type writer struct {
	w        io.Writer
	geometry events.Geometry
	buf      []byte
	t        int64
	events   int64
	err      error // of the first write that failed: nothing goes out behind a hole
}

// newWriter writes version 2.0.0 and DVS events.
func newWriter(w io.Writer, h events.Header) (events.Writer, error) {
	g := h.Geometry
	if g == (events.Geometry{}) {
		return nil, fmt.Errorf("%s begins with the sensor's width and height and counts y from the bottom: expected a geometry, found none", Name)
	}
	if !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	wr := &writer{w: w, geometry: g, buf: make([]byte, 0, bufferBytes)}
	wr.buf = append(wr.buf, signature...)
	wr.buf = append(wr.buf, major, 0, 0, byte(dvs),
		byte(g.Width), byte(g.Width>>8), byte(g.Height), byte(g.Height>>8))
	return wr, nil
}

func (w *writer) Write(in []events.Event) error {
	for _, e := range in {
		if !w.geometry.Contains(e.X, e.Y) {
			return events.Unheld(w.events, "x %d, y %d: expected an event within %dx%d pixels", e.X, e.Y, w.geometry.Width, w.geometry.Height)
		}
		if e.T < w.t {
			return events.Unheld(w.events, "t %d us: %s cannot go back behind %d us", e.T, Name, w.t)
		}
		marks := (e.T - w.t) / overflowDVS
		if marks > maxOverflows {
			return events.Unheld(w.events, "t %d us: %s writes no gap of more than %d s, and there are %d s from %d us",
				e.T, Name, int64(maxOverflows)*overflowDVS/1_000_000, (e.T-w.t)/1_000_000, w.t)
		}
		step := byte((e.T - w.t) % overflowDVS)
		for ; marks > 0; marks-- {
			if err := w.room(); err != nil {
				return err
			}
			w.buf = append(w.buf, overflowByte)
		}
		if err := w.room(); err != nil {
			return err
		}
		y := w.geometry.Height - 1 - int(e.Y)
		w.buf = append(w.buf, step<<1|byte(e.P&1), byte(e.X), byte(e.X>>8), byte(y), byte(y>>8))
		w.t = e.T
		w.events++
	}
	return nil
}

// room sees that an event fits into the buffer.
func (w *writer) room() error {
	if len(w.buf)+recordBytes <= cap(w.buf) {
		return nil
	}
	return w.flush()
}

func (w *writer) flush() error {
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
	return w.err
}

func (w *writer) Close() error { return w.flush() }
