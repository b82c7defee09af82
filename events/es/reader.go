package es

import (
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

const (
	// bufferBytes is how much a reader takes from its source at a time: no less
	// than the buffer of events.Open, which then hands the file's bytes through.
	bufferBytes = 1 << 16
	// slack is how far a decoder may look beyond what is buffered.
	slack = 8
)

type reader struct {
	src      io.Reader
	kind     kind
	size     int // of an event
	geometry events.Geometry

	buf        []byte // bufferBytes and the slack behind them
	begin, end int    // what of buf is read and not yet decoded
	offset     int64  // of buf[begin] in the file
	eof        error  // set once the source has ended or failed, and given from then on

	t          int64 // of the event before
	resets     int64
	thresholds int64
}

func newReader(r io.Reader, g events.Geometry) (events.Reader, error) {
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	k, g, err := readHeader(r, g)
	if err != nil {
		return nil, err
	}
	return &reader{
		src: r, kind: k, size: eventBytes[k], geometry: g,
		buf: make([]byte, bufferBytes+slack), offset: int64(headerBytes),
	}, nil
}

func (r *reader) Header() events.Header {
	return events.Header{Format: Name, Geometry: r.geometry}
}

func (r *reader) Skipped() map[string]int64 {
	skipped := map[string]int64{}
	if r.resets > 0 {
		skipped["reset"] = r.resets
	}
	if r.thresholds > 0 {
		skipped["threshold crossing"] = r.thresholds
	}
	return skipped
}

func (r *reader) Read(p *events.Packet) error {
	p.Reset()
	for {
		// A decoder stops where p is full, where more bytes are needed, or at damage.
		if err := r.decode(p); err != nil || p.Room() == 0 {
			return err
		}
		if err := r.fill(); err != nil {
			if len(p.Events) > 0 && errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// fill reads on behind what cannot be decoded yet. At the end of the source it
// returns io.EOF, or a fatal error when bytes of an unfinished event are left.
func (r *reader) fill() error {
	r.end = copy(r.buf, r.buf[r.begin:r.end])
	r.begin = 0
	left := r.end
	for r.end == left && r.eof == nil {
		n, err := r.src.Read(r.buf[r.end:bufferBytes])
		r.end += n
		r.eof = err
	}
	if r.end > left {
		return nil
	}
	if left > 0 && errors.Is(r.eof, io.EOF) {
		r.eof = &events.FormatError{
			Format: Name, Offset: r.offset, Fatal: true,
			Want: fmt.Sprintf("an event of %d bytes", r.size),
			Got:  fmt.Sprintf("the end of the file after %d", left),
		}
	}
	return r.eof
}

// decode takes what is buffered and fits in p.
func (r *reader) decode(p *events.Packet) error {
	out := p.Events[len(p.Events):cap(p.Events)]
	var made, taken int
	var inside bool
	switch r.kind {
	case atis:
		made, taken, inside = r.decodeATIS(out)
	case colour:
		made, taken, inside = r.decodeColour(out)
	default:
		made, taken, inside = r.decodeDVS(out)
	}
	p.Events = p.Events[:len(p.Events)+made]
	r.begin += taken
	r.offset += int64(taken)
	if inside {
		return nil
	}
	// Told in the file's own terms: there y counts from the bottom.
	at := r.buf[r.begin-r.size:]
	return &events.FormatError{
		Format: Name, Offset: r.offset - int64(r.size),
		Want: fmt.Sprintf("an event within %dx%d pixels", r.geometry.Width, r.geometry.Height),
		Got:  fmt.Sprintf("x %d, y %d from the bottom", int(at[1])|int(at[2])<<8, int(at[3])|int(at[4])<<8),
	}
}
