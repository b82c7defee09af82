package nmnist

import (
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// chunkEvents is how many events a reader takes from its source at a time.
const chunkEvents = 4096

type reader struct {
	src      io.Reader
	geometry events.Geometry
	guessed  bool // the geometry is N-MNIST's, until an event contradicts

	buf        []byte
	begin, end int   // what of buf is read and not yet decoded
	offset     int64 // of buf[begin] in the file
	eof        error // set once the source has ended or failed, and given from then on

	base    int64 // what time overflows have added up to
	skipped map[string]int64
	any     bool
}

func newReader(r io.Reader, g events.Geometry) (events.Reader, error) {
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	return &reader{
		src: r, geometry: g, guessed: !g.Known(),
		buf:     make([]byte, chunkEvents*eventBytes),
		skipped: map[string]int64{},
	}, nil
}

// Header gives the geometry that was handed in. Without one it is N-MNIST's
// 34x34 as long as every event read fits in there: the file does not say.
func (r *reader) Header() events.Header {
	h := events.Header{Format: Name, Geometry: r.geometry}
	if r.guessed && r.any {
		h.Geometry = events.Geometry{Width: side, Height: side}
	}
	return h
}

func (r *reader) Skipped() map[string]int64 { return r.skipped }

func (r *reader) Read(p *events.Packet) error {
	p.Reset()
	for p.Room() > 0 {
		if r.end-r.begin < eventBytes {
			if err := r.fill(); err != nil {
				if len(p.Events) > 0 && errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
		}
		if err := r.decode(p); err != nil {
			return err
		}
	}
	return nil
}

// fill reads on until a whole event is there. At the end of the source it
// returns io.EOF, or a fatal error when bytes of an unfinished event are left.
func (r *reader) fill() error {
	r.end = copy(r.buf, r.buf[r.begin:r.end])
	r.begin = 0
	for r.end < eventBytes && r.eof == nil {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.eof = err
	}
	if r.end >= eventBytes {
		return nil
	}
	if rest := r.end; rest > 0 && errors.Is(r.eof, io.EOF) {
		r.eof = &events.FormatError{
			Format: Name, Offset: r.offset, Fatal: true,
			Want: fmt.Sprintf("an event of %d bytes", eventBytes),
			Got:  fmt.Sprintf("the end of the file after %d", rest),
		}
	}
	return r.eof
}

// decode takes what is buffered and fits in p.
func (r *reader) decode(p *events.Packet) error {
	for p.Room() > 0 && r.end-r.begin >= eventBytes {
		b := r.buf[r.begin : r.begin+eventBytes : r.end]
		at := r.offset
		r.begin += eventBytes
		r.offset += eventBytes
		x, y, w := b[0], b[1], word(b)
		if y == overflowRow {
			r.base += overflowStep
			r.skipped["time overflow"]++
			continue
		}
		r.any = true
		if r.guessed {
			r.guessed = x < side && y < side
		} else if r.geometry.Known() && !r.geometry.Contains(uint16(x), uint16(y)) {
			return outside(at, r.geometry, x, y)
		}
		p.Events = append(p.Events, events.Event{
			T: r.base + int64(w&timeMax), X: uint16(x), Y: uint16(y), P: events.Polarity(w >> timeBits),
		})
	}
	return nil
}

func outside(offset int64, g events.Geometry, x, y byte) error {
	return &events.FormatError{
		Format: Name, Offset: offset,
		Want: fmt.Sprintf("an event within %dx%d pixels", g.Width, g.Height),
		Got:  fmt.Sprintf("x %d, y %d", x, y),
	}
}
