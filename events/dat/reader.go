package dat

import (
	"bufio"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// bufferBytes is how much a reader takes from its source at a time: no less than
// the buffer of events.Open, which then hands the file's bytes straight through.
const bufferBytes = 1 << 17

type reader struct {
	source.Steps
	in       source.Buffer
	geometry events.Geometry
	bounds   events.Geometry // what events must lie in, geometry or not
	version  int             // 0 while it is not known
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
	rd := &reader{geometry: g, bounds: g, version: h.version, in: source.NewBuffer(r, bufferBytes, 0)}
	if !g.Known() {
		rd.bounds = events.Geometry{Width: events.MaxSide, Height: events.MaxSide}
	}
	// What the line reader has read ahead is taken over, so that it is not in
	// the way of the records. It is all there: nothing is read here. Where the source has a
	// buffer of its own, the two are one, from which more may be taken later.
	ahead, err := lines.Peek(lines.Buffered())
	if err == nil {
		_, err = lines.Discard(rd.in.Begin(h.bytes, ahead))
	}
	return rd, err
}

func (r *reader) Header() events.Header {
	return events.Header{Format: Name, Geometry: r.geometry}
}

func (r *reader) Skipped() map[string]int64 { return map[string]int64{} }

func (r *reader) Read(p *events.Packet) error { return r.Steps.Read(p, r.step) }

// step reads on until a whole record is there, and decodes what is; for a guess at the
// version, until the buffer is full, so that it does not depend on how the source cuts
// what it gives.
func (r *reader) step(p *events.Packet) error {
	if r.version == 0 {
		// Why it is not full is told once its records are done with.
		_ = r.in.Fill(r.in.Room())
		if r.in.Len() >= recordBytes {
			r.version = guess(r.in.Bytes())
		}
	}
	if err := r.in.Need(recordBytes, Name, wantRecord); err != nil {
		return err
	}
	return r.decode(p)
}

var wantRecord = fmt.Sprintf("an event of %d bytes", recordBytes)

// decode takes what is buffered and fits in p.
func (r *reader) decode(p *events.Packet) error {
	n := min(p.Room(), r.in.Len()/recordBytes)
	src := r.in.Bytes()[:n*recordBytes]
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
	at := r.in.Offset() + int64(good)*recordBytes
	r.in.Take(min(good+1, n) * recordBytes) // with the event that is off the sensor
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
