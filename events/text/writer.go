package text

import (
	"io"
	"strconv"

	"github.com/saccade-dev/saccade/events"
)

// lineBytes is no less than the longest line that is written.
const lineBytes = 64

// writer writes lines: "t x y p" with t in seconds, or CSV with t in microseconds.
type writer struct {
	w      io.Writer
	csv    bool
	buf    []byte
	events int64
	err    error // of the first write that failed: nothing goes out behind a hole
}

// newTextWriter writes what the Robotics and Perception Group's tools read. The
// layout has no place for a geometry.
func newTextWriter(w io.Writer, h events.Header) (events.Writer, error) {
	wr, err := newWriter(w, h)
	if err != nil {
		return nil, err
	}
	return wr, nil
}

func newWriter(w io.Writer, h events.Header) (*writer, error) {
	if err := checkGeometry(h.Geometry); err != nil {
		return nil, err
	}
	return &writer{w: w, buf: make([]byte, 0, bufferBytes)}, nil
}

// newCSVWriter writes a line of names and whole microseconds.
func newCSVWriter(w io.Writer, h events.Header) (events.Writer, error) {
	wr, err := newWriter(w, h)
	if err != nil {
		return nil, err
	}
	wr.csv = true
	wr.buf = append(wr.buf, "t,x,y,p\n"...)
	return wr, nil
}

func (w *writer) Write(in []events.Event) error {
	for _, e := range in {
		if e.X >= events.MaxSide || e.Y >= events.MaxSide {
			return events.Unheld(w.events, "x %d, y %d: expected an event within %dx%d pixels", e.X, e.Y, events.MaxSide, events.MaxSide)
		}
		if len(w.buf)+lineBytes > cap(w.buf) {
			if err := w.flush(); err != nil {
				return err
			}
		}
		separator := byte(' ')
		if w.csv {
			separator = ','
			w.buf = strconv.AppendInt(w.buf, e.T, 10)
		} else {
			w.buf = appendSeconds(w.buf, e.T)
		}
		w.buf = append(w.buf, separator)
		w.buf = strconv.AppendUint(w.buf, uint64(e.X), 10)
		w.buf = append(w.buf, separator)
		w.buf = strconv.AppendUint(w.buf, uint64(e.Y), 10)
		w.buf = append(w.buf, separator, '0'+byte(e.P&1), '\n')
		w.events++
	}
	return nil
}

// appendSeconds writes microseconds as seconds with all six digits behind the point.
func appendSeconds(b []byte, t int64) []byte {
	u := uint64(t)
	if t < 0 {
		b = append(b, '-')
		u = -u
	}
	b = strconv.AppendUint(b, u/1e6, 10)
	b = append(b, '.')
	fraction := u % 1e6
	for unit := uint64(1e5); unit > 0; unit /= 10 {
		b = append(b, '0'+byte(fraction/unit%10))
	}
	return b
}

func (w *writer) flush() error {
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
	return w.err
}

func (w *writer) Close() error { return w.flush() }
