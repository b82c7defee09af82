package dat

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// bufferBytes is how much a reader takes from its source at a time: no less than
// the buffer of events.Open, which then hands the file's bytes straight through.
const bufferBytes = 1 << 16

type reader struct {
	src      io.Reader
	geometry events.Geometry
	bounds   events.Geometry // what events must lie in, geometry or not
	version  int             // 0 while it is not known

	buf        []byte
	begin, end int   // what of buf is read and not yet decoded
	offset     int64 // of buf[begin] in the file
	eof        error // set once the source has ended or failed, and given from then on
}

func newReader(r io.Reader, g events.Geometry) (events.Reader, error) {
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	lines := bufio.NewReaderSize(r, maxLine)
	h, err := readHeader(lines)
	if err != nil {
		return nil, err
	}
	if !g.Known() {
		g = h.geometry
	}
	rd := &reader{src: r, geometry: g, bounds: g, version: h.version, buf: make([]byte, bufferBytes), offset: h.bytes}
	if !g.Known() {
		rd.bounds = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
	// What the line reader has read ahead is taken over, so that it is not in
	// the way of the records. It is all there: nothing is read here. Where the source has a
	// buffer of its own, the two are one, from which more may be taken later.
	rd.end, _ = io.ReadFull(lines, rd.buf[:min(lines.Buffered(), len(rd.buf))])
	return rd, nil
}

func (r *reader) Header() events.Header {
	return events.Header{Format: Name, Geometry: r.geometry}
}

func (r *reader) Skipped() map[string]int64 { return map[string]int64{} }

func (r *reader) Read(p *events.Packet) error {
	p.Reset()
	for p.Room() > 0 {
		if r.end-r.begin < recordBytes || r.version == 0 {
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

// fill reads on until a whole record is there; for a guess at the version, until
// the buffer is full, so that it does not depend on how the source cuts what it
// gives. At the end of the source it returns io.EOF, or a fatal error when bytes
// of an unfinished record are left.
func (r *reader) fill() error {
	r.end = copy(r.buf, r.buf[r.begin:r.end])
	r.begin = 0
	enough := recordBytes
	if r.version == 0 {
		enough = len(r.buf)
	}
	for r.end < enough && r.eof == nil {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.eof = err
	}
	if r.end >= recordBytes {
		if r.version == 0 {
			r.version = guess(r.buf[:r.end])
		}
		return nil
	}
	if rest := r.end; rest > 0 && errors.Is(r.eof, io.EOF) {
		r.eof = &events.FormatError{
			Format: Name, Offset: r.offset, Fatal: true,
			Want: fmt.Sprintf("an event of %d bytes", recordBytes),
			Got:  fmt.Sprintf("the end of the file after %d", rest),
		}
	}
	return r.eof
}

// decode takes what is buffered and fits in p.
func (r *reader) decode(p *events.Packet) error {
	n := min(p.Room(), (r.end-r.begin)/recordBytes)
	src := r.buf[r.begin : r.begin+n*recordBytes]
	out := p.Events[len(p.Events) : len(p.Events)+n]
	good := n
	if r.version == 2 {
		if !decode2(out, src, r.bounds) {
			good = r.inside(out)
		}
	} else {
		decode1(out, src)
		good = r.inside(out)
	}
	p.Events = p.Events[:len(p.Events)+good]
	at := r.offset + int64(good)*recordBytes
	taken := min(good+1, n) * recordBytes // with the event that is off the sensor
	r.begin += taken
	r.offset += int64(taken)
	if good == n {
		return nil
	}
	return &events.FormatError{
		Format: Name, Offset: at,
		Want: fmt.Sprintf("an event within %dx%d pixels", r.bounds.Width, r.bounds.Height),
		Got:  fmt.Sprintf("x %d, y %d", out[good].X, out[good].Y),
	}
}

// inside counts the events before the first that lies off the sensor.
func (r *reader) inside(in []events.Event) int {
	for i, e := range in {
		if !r.bounds.Contains(e.X, e.Y) {
			return i
		}
	}
	return len(in)
}
