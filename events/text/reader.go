package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// bufferBytes is how much a reader takes from its source at a time, and the
// longest line that it reads.
const bufferBytes = 1 << 16

type reader struct {
	src    io.Reader
	name   string
	layout layout
	// geometry is what is known, bounds what events must lie in either way.
	geometry, bounds events.Geometry

	buf        []byte
	begin, end int   // what of buf is read and not yet decoded
	offset     int64 // of buf[begin] in the file
	line       int64 // lines before it
	eof        error // set once the source has ended or failed, and given from then on
	tooLong    bool  // in a line that is longer than buf
	comments   int64
}

// NewReader reads events from lines of text. It reads the beginning of r at once to
// find out how the lines are written. An error is one of Options, one of r, or a
// *events.FormatError.
func NewReader(r io.Reader, o Options) (events.Reader, error) { return newReader(r, Name, o) }

func newReader(src io.Reader, name string, o Options) (*reader, error) {
	if err := checkGeometry(o.Geometry); err != nil {
		return nil, err
	}
	r := &reader{src: src, name: name, buf: make([]byte, bufferBytes)}
	for r.end < len(r.buf) && r.eof == nil {
		n, err := source.Some(src, r.buf[r.end:])
		r.end += n
		r.eof = err
	}
	if r.eof != nil && !errors.Is(r.eof, io.EOF) && bytes.IndexByte(r.buf[:r.end], '\n') < 0 {
		return nil, r.eof
	}
	f, err := discover(r.buf[:r.end], errors.Is(r.eof, io.EOF), o)
	if err != nil {
		return nil, as(name, err)
	}
	r.layout, r.geometry, r.bounds = f.layout, f.geometry, f.geometry
	if !r.geometry.Known() {
		r.bounds = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
	r.begin, r.offset, r.line, r.comments = f.start, int64(f.start), int64(f.lines), f.comments
	return r, nil
}

// checkGeometry refuses a geometry that is no sensor's.
func checkGeometry(g events.Geometry) error {
	if g != (events.Geometry{}) && !g.Valid() {
		return fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	return nil
}

// as puts the name of the format that was asked for into an error.
func as(name string, err error) error {
	var fe *events.FormatError
	if errors.As(err, &fe) {
		named := *fe
		named.Format = name
		return &named
	}
	return err
}

func (r *reader) Header() events.Header {
	return events.Header{Format: r.name, Geometry: r.geometry}
}

func (r *reader) Skipped() map[string]int64 {
	if r.comments == 0 {
		return map[string]int64{}
	}
	return map[string]int64{"comment": r.comments}
}

func (r *reader) Read(p *events.Packet) error {
	p.Reset()
	for p.Room() > 0 {
		n := bytes.IndexByte(r.buf[r.begin:r.end], '\n')
		if n < 0 {
			if r.eof == nil {
				if err := r.fill(); err != nil {
					return err
				}
				continue
			}
			// The end, and before it a line without one.
			if r.begin == r.end || !errors.Is(r.eof, io.EOF) {
				if len(p.Events) > 0 && errors.Is(r.eof, io.EOF) {
					return nil
				}
				return r.eof
			}
			n = r.end - r.begin
		}
		line := r.buf[r.begin : r.begin+n]
		at := r.offset
		taken := min(n+1, r.end-r.begin)
		r.begin += taken
		r.offset += int64(taken)
		r.line++
		if r.tooLong { // the rest of a line that was reported
			r.tooLong = false
			continue
		}
		e, wrong, ok := r.layout.event(line)
		if ok && r.bounds.Contains(e.X, e.Y) {
			p.Events = p.Events[:len(p.Events)+1]
			p.Events[len(p.Events)-1] = e
			continue
		}
		switch {
		case comment(line):
			r.comments++
		case len(bytes.TrimSpace(line)) == 0:
		case ok:
			return r.damage(at, fmt.Sprintf("an event within %dx%d pixels", r.bounds.Width, r.bounds.Height),
				fmt.Sprintf("x %d, y %d", e.X, e.Y))
		default:
			return r.reject(at, line, wrong)
		}
	}
	return nil
}

// fill reads on behind the beginning of a line.
func (r *reader) fill() error {
	if r.begin == 0 && r.end == len(r.buf) {
		// No line of events is this long. Its beginning is dropped, and its end with it.
		at := r.offset
		r.offset += int64(r.end)
		r.begin, r.end = 0, 0
		if r.tooLong {
			return nil
		}
		r.tooLong = true
		r.line++
		err := r.damage(at, fmt.Sprintf("a line of at most %d bytes", bufferBytes-1), "a longer one")
		r.line--
		return err
	}
	r.end = copy(r.buf, r.buf[r.begin:r.end])
	r.begin = 0
	left := r.end
	for r.end == left && r.eof == nil {
		n, err := source.Some(r.src, r.buf[r.end:])
		r.end += n
		r.eof = err
	}
	return nil
}

// reject says what is wrong with a line.
func (r *reader) reject(at int64, line []byte, wrong problem) error {
	field := fmt.Sprintf("%.40q", line[wrong.begin:wrong.end])
	at += int64(wrong.begin)
	switch {
	case wrong.count:
		return r.damage(at, fmt.Sprintf("%d fields", len(r.layout.columns)), field)
	case wrong.begin == wrong.end:
		field = "nothing"
	}
	switch wrong.column {
	case timeColumn:
		return r.damage(at, "a time", field)
	case xColumn:
		return r.damage(at, fmt.Sprintf("x from 0 to %d", r.bounds.Width-1), field)
	case yColumn:
		return r.damage(at, fmt.Sprintf("y from 0 to %d", r.bounds.Height-1), field)
	case pColumn:
		return r.damage(at, "a polarity of 0, 1 or -1", field)
	default:
		return r.damage(at, fmt.Sprintf("%d fields", len(r.layout.columns)), field)
	}
}

func (r *reader) damage(at int64, want, got string) error {
	return &events.FormatError{Format: r.name, Offset: at, Want: want, Got: fmt.Sprintf("%s in line %d", got, r.line)}
}
