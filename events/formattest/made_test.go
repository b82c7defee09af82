package formattest_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// A format of the tests' own: a line, then four bytes an event, t, x, y and polarity; a
// polarity of 9 marks what is skipped. Its readers and writers are sound, or wrong in
// the one way that fault says.
const (
	madeName = "made"
	madeHead = "made by hand\n"
	madeWant = "an event of 4 bytes"
)

type madeReader struct {
	source.Steps
	in       source.Buffer
	fault    string
	geometry events.Geometry
	skipped  map[string]int64
	calls    int
	ended    bool
}

func newMade(fault string, src io.Reader, g events.Geometry) (events.Reader, error) {
	if g != (events.Geometry{}) && !g.Valid() && fault != "takes any geometry" {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	if fault == "takes nothing for the end" {
		src = impatient{src}
	}
	r := &madeReader{in: source.NewBuffer(src, 64, 0), fault: fault, geometry: g, skipped: map[string]int64{}}
	if !g.Known() {
		r.geometry = events.Geometry{Width: 10, Height: 10}
	}
	if err := r.in.Need(len(madeHead), madeName, "a line"); err != nil {
		if err == io.EOF || fault == "refuses with anything" { //nolint:errorlint // Need gives it as it is
			return nil, madeDamage(0, "a line", "nothing", fault != "refuses with anything")
		}
		return nil, err
	}
	if got := string(r.in.Bytes()[:len(madeHead)]); got != madeHead {
		return nil, madeDamage(0, "a line", got, true)
	}
	r.in.Take(len(madeHead))
	return r, nil
}

// impatient takes a source that gives nothing for one that has ended.
type impatient struct{ r io.Reader }

func (i impatient) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

func madeDamage(at int64, want, got string, fatal bool) *events.FormatError {
	return &events.FormatError{Format: madeName, Offset: at, Want: want, Got: got, Fatal: fatal}
}

func (r *madeReader) Header() events.Header {
	if r.fault == "changes its name" && r.calls > 1 {
		return events.Header{Format: "other", Geometry: r.geometry}
	}
	return events.Header{Format: madeName, Geometry: r.geometry}
}

func (r *madeReader) Skipped() map[string]int64 {
	if r.fault == "counts nothing" {
		return nil
	}
	return r.skipped
}

func (r *madeReader) Read(p *events.Packet) error {
	r.calls++
	switch r.fault {
	case "fills memory of its own":
		p.Events = make([]events.Event, 0, cap(p.Events))
	case "goes on without headway":
		return madeDamage(20, "this", "that", false)
	case "gives nothing":
		p.Reset()
		return nil
	}
	before := len(p.Events)
	err := r.Steps.Read(p, r.step)
	switch {
	case r.fault == "does not empty packets":
		p.Events = p.Events[:max(before, len(p.Events))]
	case r.fault == "wraps the end" && err != nil:
		return fmt.Errorf("made: %w", err)
	case r.fault == "ends with events" && err == nil && r.in.Len() == 0 && r.in.Ended():
		return io.EOF
	case r.fault == "comes back from the end" && err != nil && r.ended:
		p.Events = append(p.Events, events.Event{})
		return nil
	case r.fault == "skips behind the end" && r.ended:
		r.skipped["mark"]++
	case r.fault == "depends on the packet" && cap(p.Events) > 3 && len(p.Events) > 0:
		p.Events[0].T++
	}
	r.ended = r.ended || errors.Is(err, io.EOF)
	return err
}

func (r *madeReader) step(p *events.Packet) error {
	if err := r.in.Need(4, madeName, madeWant); err != nil {
		switch {
		case r.fault == "calls a cut the end" && r.in.Len() > 0:
			return io.EOF
		case r.fault == "takes any error for the end" && r.in.Ended():
			return io.EOF
		case r.fault == "drops what was before" && r.in.Err() != io.EOF: //nolint:errorlint // as the source gave it
			p.Reset()
		}
		return err
	}
	b := r.in.Bytes()[:4]
	at := r.in.Offset()
	r.in.Take(4)
	e := events.Event{T: int64(b[0]), X: uint16(b[1]), Y: uint16(b[2]), P: events.Polarity(b[3])}
	switch {
	case e.P == 9:
		r.skipped["mark"]++
		return nil
	case !r.geometry.Contains(e.X, e.Y) && r.fault != "gives what is off the sensor":
		if r.fault == "says nothing of damage" {
			return madeDamage(at, "", "", false)
		}
		return madeDamage(at, "an event on the sensor", fmt.Sprint(e.X, e.Y), false)
	case e.P > events.On && r.fault != "gives any polarity":
		return madeDamage(at, "a polarity", fmt.Sprint(uint8(e.P)), false)
	}
	p.Events = append(p.Events, e)
	return nil
}

type madeWriter struct {
	fault string
	w     io.Writer
	buf   []byte
	err   error
}

func newMadeWriter(fault string, w io.Writer, g events.Geometry) (events.Writer, error) {
	if g != (events.Geometry{}) && !g.Valid() && fault != "takes any geometry" {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	return &madeWriter{fault: fault, w: w, buf: []byte(madeHead)}, nil
}

func (w *madeWriter) Write(in []events.Event) error {
	if w.fault == "writes as it is called" && len(in) == 1 {
		w.buf = append(w.buf, 0, 0, 0, 9)
	}
	for _, e := range in {
		if w.buf = append(w.buf, byte(e.T), byte(e.X), byte(e.Y), byte(e.P)); len(w.buf) > 1<<12 {
			if err := w.flush(); err != nil && w.fault != "tells of errors late" {
				return err
			}
		}
	}
	return nil
}

func (w *madeWriter) flush() error {
	if w.err == nil || w.fault == "writes behind a hole" {
		_, err := w.w.Write(w.buf)
		if w.err == nil {
			w.err = err
		}
	}
	w.buf = w.buf[:0]
	return w.err
}

func (w *madeWriter) Close() error {
	if err := w.flush(); w.fault != "hides errors" {
		return err
	}
	return nil
}

// madeFormat is registered once for each fault, as nobody else may know its files.
func madeFormat(fault string) *events.Format {
	return &events.Format{
		Name: madeName,
		Detect: func(head []byte, _ int64) error {
			if !strings.HasPrefix(string(head), madeHead) {
				return fmt.Errorf("no %q", madeHead)
			}
			return nil
		},
		NewReader: func(src io.Reader, g events.Geometry) (events.Reader, error) { return newMade(fault, src, g) },
		NewWriter: func(w io.Writer, h events.Header) (events.Writer, error) { return newMadeWriter(fault, w, h.Geometry) },
	}
}
