package dat

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/saccade-dev/saccade/events"
)

type writer struct {
	w        io.Writer
	geometry events.Geometry
	buf      []byte
	events   int64
	err      error // of the first write that failed: nothing goes out behind a hole
}

// newWriter writes version 2. The header has no date: the same events give the
// same file, and the vendor's readers do without.
func newWriter(w io.Writer, h events.Header) (events.Writer, error) {
	wr := &writer{w: w, geometry: h.Geometry, buf: make([]byte, 0, bufferBytes)}
	wr.buf = append(wr.buf, "% Data file containing CD events.\n% Version 2\n"...)
	switch g := h.Geometry; {
	case g.Valid():
		wr.buf = fmt.Appendf(wr.buf, "%% Height %d\n%% Width %d\n", g.Height, g.Width)
	case g == (events.Geometry{}):
		wr.geometry = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	default:
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	wr.buf = append(wr.buf, typeCD, recordBytes)
	return wr, nil
}

func (w *writer) Write(in []events.Event) error {
	for _, e := range in {
		if !w.geometry.Contains(e.X, e.Y) {
			return events.Unheld(w.events, "x %d, y %d: expected an event within %dx%d pixels", e.X, e.Y, w.geometry.Width, w.geometry.Height)
		}
		if e.T < 0 || e.T > math.MaxUint32 {
			return events.Unheld(w.events, "t %d us: %s holds times from 0 to %d us", e.T, Name, int64(math.MaxUint32))
		}
		if len(w.buf)+recordBytes > cap(w.buf) {
			if err := w.flush(); err != nil {
				return err
			}
		}
		w.buf = binary.LittleEndian.AppendUint64(w.buf,
			uint64(e.T)|uint64(e.X)<<32|uint64(e.Y)<<46|uint64(e.P&1)<<60)
		w.events++
	}
	return nil
}

func (w *writer) flush() error {
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
	return w.err
}

func (w *writer) Close() error { return w.flush() }
