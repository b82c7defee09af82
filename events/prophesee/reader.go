package prophesee

import (
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// bufferBytes is how much a reader takes from its source at a time.
const bufferBytes = 1 << 17

// Reader reads a RAW file.
type Reader struct {
	m      Machine
	header *Header

	src        io.Reader
	buf        []byte
	begin, end int   // what of buf is read and not yet decoded
	offset     int64 // of buf[begin] in the file
	eof        error // set once the source has ended or failed, and given from then on
}

// NewReader reads the header of a RAW file and makes a reader of its words. Make
// gives the machine for them; it is shown the header and the first words. Geometry
// overrides the header's.
func NewReader(name string, src io.Reader, g events.Geometry, make func(h *Header, head []byte) (Machine, error)) (*Reader, error) {
	r := &Reader{src: src, buf: newBuffer()}
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	if err := r.readHeader(); err != nil {
		return nil, named(err, name)
	}
	m, err := make(r.header, r.buf[r.begin:r.end])
	if err != nil {
		return nil, named(err, name)
	}
	r.m = m
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

func newBuffer() []byte { return make([]byte, bufferBytes) }

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
		ended := r.ended()
		h, complete, err := ParseHeader(r.buf[:r.end], ended)
		switch {
		case err != nil:
			return err
		case complete && (ended || r.end-h.Bytes >= events.DetectBytes):
			r.header = h
			r.begin, r.offset = h.Bytes, int64(h.Bytes)
			return nil
		}
		if err := r.more(); err != nil {
			return err
		}
	}
}

// ended tells whether the source has given all it has.
func (r *Reader) ended() bool { return r.eof != nil }

// more reads from the source into the room that the buffer has left.
func (r *Reader) more() error {
	for range maxEmptyReads {
		var n int
		n, r.eof = r.src.Read(r.buf[r.end:])
		if n < 0 || n > len(r.buf)-r.end {
			return errReaderCount
		}
		r.end += n
		if n > 0 || r.ended() {
			return nil
		}
	}
	return io.ErrNoProgress
}

// maxEmptyReads is how often a source may give nothing before it counts as stuck.
const maxEmptyReads = 100

var errReaderCount = errors.New("prophesee: the source claims to have read more than was asked for")

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
func (r *Reader) OnTrigger(f func(Trigger)) { r.m.Shared().OnTrigger(f) }

// Read fills p with the next events.
func (r *Reader) Read(p *events.Packet) error {
	p.Reset()
	for p.Room() > 0 {
		if r.end-r.begin < r.m.WordBytes() {
			if err := r.fill(); err != nil {
				if len(p.Events) > 0 && errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
		}
		n, err := r.m.Run(r.buf[r.begin:r.end], p)
		at := r.offset
		r.begin += n
		r.offset += int64(n)
		if err != nil {
			return moved(err, at)
		}
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

// fill reads on until a whole word is there. At the end of the source it returns
// io.EOF, or a fatal error when a part of a word is left.
func (r *Reader) fill() error {
	r.end = copy(r.buf, r.buf[r.begin:r.end])
	r.begin = 0
	size := r.m.WordBytes()
	for r.end < size && r.eof == nil {
		if err := r.more(); err != nil {
			r.eof = err
		}
	}
	if r.end >= size {
		return nil
	}
	if r.end > 0 && errors.Is(r.eof, io.EOF) {
		r.eof = &events.FormatError{
			Format: r.m.Shared().Name, Offset: r.offset, Fatal: true,
			Want: fmt.Sprintf("a word of %d bytes", size),
			Got:  fmt.Sprintf("the end of the file after %d", r.end),
		}
	}
	return r.eof
}
