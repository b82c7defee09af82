package prophesee

import (
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// bufferBytes is how much a reader takes from its source at a time: no less than
// the buffer of events.Open, which then hands the file's bytes straight through.
const bufferBytes = 1 << 17

// Reader reads a RAW file.
type Reader struct {
	steps  source.Steps
	in     source.Buffer
	m      Machine
	header *Header
	want   string // a word, in words
}

// NewReader reads the header of a RAW file and makes a reader of its words. Make
// gives the machine for them; it is shown the header and the first words. Geometry
// overrides the header's.
func NewReader(name string, src io.Reader, g events.Geometry, make func(h *Header, head []byte) (Machine, error)) (*Reader, error) {
	r := &Reader{in: source.NewBuffer(src, bufferBytes, 0)}
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	if err := r.readHeader(); err != nil {
		return nil, named(err, name)
	}
	m, err := make(r.header, r.in.Bytes())
	if err != nil {
		err = r.failed(err)
		return nil, named(err, name)
	}
	r.m, r.want = m, fmt.Sprintf("a word of %d bytes", m.WordBytes())
	s := m.Shared()
	s.Name = name
	switch {
	case g.Known():
		s.SetGeometry(g, false)
	case r.header.Geometry.Known():
		s.SetGeometry(r.header.Geometry, false)
	default:
		guess := r.header.guess()
		if !guess.Known() {
			guess = usual(name)
		}
		s.SetGeometry(guess, true)
	}
	return r, nil
}

func named(err error, name string) error {
	var fe *events.FormatError
	if errors.As(err, &fe) {
		fe.Format = name
	}
	return err
}

// readHeader fills the buffer until the header and some words behind it, or all
// there is, are in it.
func (r *Reader) readHeader() error {
	for {
		// The end of the source only counts once all of it has been looked at.
		ended := r.in.Ended()
		h, complete, err := ParseHeader(r.in.Bytes(), ended)
		if err != nil {
			return r.failed(err)
		}
		if complete {
			// Why there are not so many words is told once those that there are are done with.
			_ = r.in.Fill(h.Bytes + events.DetectBytes)
			r.header = h
			r.in.Take(h.Bytes)
			return nil
		}
		r.in.More()
	}
}

// failed is what is said of a header that cannot be read: where the source has failed,
// that, as what is wrong with the header may be that it was cut.
func (r *Reader) failed(err error) error {
	if r.in.Ended() && !errors.Is(r.in.Err(), io.EOF) {
		return r.in.Err()
	}
	return err
}

// RawHeader is the file's own header.
func (r *Reader) RawHeader() *Header { return r.header }

// Header gives the format's name and the geometry as far as it is known.
func (r *Reader) Header() events.Header {
	s := r.m.Shared()
	return events.Header{Format: s.Name, Geometry: s.Geometry()}
}

// Skipped counts the words that are neither events nor part of one, by kind.
func (r *Reader) Skipped() map[string]int64 { return r.m.Shared().Skipped() }

// OnTrigger has f called for each trigger from now on.
func (r *Reader) OnTrigger(f func(events.Trigger)) { r.m.Shared().OnTrigger(f) }

// Read fills p with the next events.
func (r *Reader) Read(p *events.Packet) error { return r.steps.Read(p, r.step) }

// step reads on until a whole word is there, and decodes what is.
func (r *Reader) step(p *events.Packet) error {
	if err := r.in.Need(r.m.WordBytes(), r.m.Shared().Name, r.want); err != nil {
		return err
	}
	n, err := r.m.Run(r.in.Bytes(), p)
	at := r.in.Offset()
	r.in.Take(n)
	if err != nil {
		return moved(err, at)
	}
	return nil
}

func moved(err error, by int64) error {
	var fe *events.FormatError
	if errors.As(err, &fe) {
		fe.Offset += by
	}
	return err
}
