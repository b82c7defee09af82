package es

import (
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

const (
	// bufferBytes is how much a reader takes from its source at a time: no less
	// than the buffer of events.Open, which then hands the file's bytes through.
	bufferBytes = 1 << 17
	// slack is how far a decoder may look beyond what is buffered.
	slack = 8
)

type reader struct {
	source.Steps
	in       source.Buffer
	kind     kind
	size     int    // of an event
	want     string // in words
	geometry events.Geometry

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
	out := &reader{
		in: source.NewBuffer(r, bufferBytes, slack), kind: k, size: eventBytes[k], geometry: g,
		want: fmt.Sprintf("an event of %d bytes", eventBytes[k]),
	}
	out.in.Begin(int64(headerBytes), nil)
	return out, nil
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

func (r *reader) Read(p *events.Packet) error { return r.Steps.Read(p, r.step) }

// step decodes what is there and, unless that fills p, reads on behind what cannot be
// decoded yet.
func (r *reader) step(p *events.Packet) error {
	if err := r.decode(p); err != nil || p.Room() == 0 {
		return err
	}
	return r.in.Need(r.in.Len()+1, Name, r.want)
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
	if inside {
		r.in.Take(taken)
		return nil
	}
	// Told in the file's own terms: there y counts from the bottom.
	at := r.in.Bytes()[taken-r.size:]
	r.in.Take(taken)
	return &events.FormatError{
		Format: Name, Offset: r.in.Offset() - int64(r.size),
		Want: fmt.Sprintf("an event within %dx%d pixels", r.geometry.Width, r.geometry.Height),
		Got:  fmt.Sprintf("x %d, y %d from the bottom", int(at[1])|int(at[2])<<8, int(at[3])|int(at[4])<<8),
	}
}
