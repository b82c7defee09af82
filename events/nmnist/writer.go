package nmnist

import (
	"bufio"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// maxOverflows bounds the time overflow marks written between two events: a gap
// of about four and a half minutes.
const maxOverflows = 1 << 15

type writer struct {
	w      *bufio.Writer
	buf    []byte
	base   int64
	events int64
}

func newWriter(w io.Writer, h events.Header) (events.Writer, error) {
	if g := h.Geometry; g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	if g := h.Geometry; g.Width > maxX+1 || g.Height > maxY+1 {
		return nil, fmt.Errorf("%s holds %dx%d pixels at the most, and the recording has %dx%d",
			Name, maxX+1, maxY+1, g.Width, g.Height)
	}
	return &writer{w: bufio.NewWriterSize(w, 1<<16)}, nil
}

func (w *writer) Write(in []events.Event) error {
	for _, e := range in {
		var err error
		if w.buf, err = w.append(w.buf[:0], e); err != nil {
			return events.Unheld(w.events, "%v", err)
		}
		if _, err := w.w.Write(w.buf); err != nil {
			return err
		}
		w.events++
	}
	return nil
}

func (w *writer) append(dst []byte, e events.Event) ([]byte, error) {
	if e.X > maxX || e.Y > maxY {
		return dst, fmt.Errorf("x %d, y %d: %s holds x to %d and y to %d", e.X, e.Y, Name, maxX, maxY)
	}
	if e.T < w.base {
		return dst, fmt.Errorf("t %d us: %s cannot go back behind %d us once time has run over, nor below 0", e.T, Name, w.base)
	}
	if over := e.T - w.base - timeMax; over > 0 {
		if over > maxOverflows*overflowStep {
			return dst, fmt.Errorf("t %d us: %s cannot hold a gap of more than %d s", e.T, Name, int64(maxOverflows)*overflowStep/1_000_000)
		}
		// As many marks as make the time fit, so that a reader which adds a step
		// for each of them arrives at the same time.
		for n := (over + overflowStep - 1) / overflowStep; n > 0; n-- {
			dst = put(dst, 0, overflowRow, timeMax)
			w.base += overflowStep
		}
	}
	return put(dst, byte(e.X), byte(e.Y), uint32(e.P&1)<<timeBits|uint32(e.T-w.base)), nil
}

func (w *writer) Close() error { return w.w.Flush() }
