package nmnist

import (
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// chunkEvents is how many events a reader takes from its source at a time.
const chunkEvents = 4096

type reader struct {
	source.Steps
	in       source.Buffer
	geometry events.Geometry
	guessed  bool // the geometry is N-MNIST's, until an event contradicts

	base    int64 // what time overflows have added up to
	skipped map[string]int64
	any     bool
}

func newReader(r io.Reader, g events.Geometry) (events.Reader, error) {
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	return &reader{
		in: source.NewBuffer(r, chunkEvents*eventBytes, 0), geometry: g, guessed: !g.Known(),
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

func (r *reader) Read(p *events.Packet) error { return r.Steps.Read(p, r.step) }

// step reads on until a whole event is there, and decodes what is.
func (r *reader) step(p *events.Packet) error {
	if err := r.in.Need(eventBytes, Name, wantEvent); err != nil {
		return err
	}
	n, err := r.decode(r.in.Bytes(), p)
	r.in.Take(n)
	return err
}

var wantEvent = fmt.Sprintf("an event of %d bytes", eventBytes)

// decode takes what fits in p, and tells how many bytes that was.
func (r *reader) decode(data []byte, p *events.Packet) (n int, err error) {
	for p.Room() > 0 && len(data)-n >= eventBytes {
		b := data[n : n+eventBytes]
		n += eventBytes
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
			return n, outside(r.in.Offset()+int64(n-eventBytes), r.geometry, x, y)
		}
		p.Events = append(p.Events, events.Event{
			T: r.base + int64(w&timeMax), X: uint16(x), Y: uint16(y), P: events.Polarity(w >> timeBits),
		})
	}
	return n, nil
}

func outside(offset int64, g events.Geometry, x, y byte) error {
	return &events.FormatError{
		Format: Name, Offset: offset,
		Want: fmt.Sprintf("an event within %dx%d pixels", g.Width, g.Height),
		Got:  fmt.Sprintf("x %d, y %d", x, y),
	}
}
