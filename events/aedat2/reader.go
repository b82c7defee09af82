package aedat2

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// bufferBytes is how much a reader takes from its source at a time.
const bufferBytes = 1 << 16

// kinds are the records that are no events.
type kinds struct {
	frame, imu, trigger, special int64
}

type reader struct {
	source.Steps
	br     *bufio.Reader
	layout layout
	// geometry is the sensor's, or not known: then limit is what an address can hold
	// and guess that the geometry follows from the events seen.
	geometry, limit events.Geometry
	guess           bool
	seen            bool // an event
	maxX, maxY      uint16

	offset  int64 // of the next record in the file
	clock   clock
	skipped kinds
}

func newReader(src io.Reader, g events.Geometry) (events.Reader, error) {
	if g != (events.Geometry{}) && !g.Valid() {
		return nil, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	}
	br := bufio.NewReaderSize(src, bufferBytes)
	h, err := readHeader(br)
	if err != nil {
		return nil, err
	}
	if h.bytes == 0 {
		return nil, h.damage(magic, "something else")
	}
	r := &reader{br: br, offset: h.bytes, clock: clock{origin: h.origin, base: h.origin}}
	if err := r.settle(h, g); err != nil {
		return nil, err
	}
	return r, nil
}

// settle finds the layout and the geometry from what is given, what the text says
// and, where neither says it, what the first records look like.
func (r *reader) settle(h *header, given events.Geometry) error {
	switch {
	case h.chip != nil:
		r.layout, r.geometry = h.chip.layout, h.chip.size
	case h.class != "":
		return &events.FormatError{
			Format: Name, Offset: h.classAt, Fatal: true,
			Want: "a DVS128 or a DAVIS as AEChip", Got: fmt.Sprintf("%.100q", h.class),
		}
	default:
		var err error
		if r.layout, err = guessLayout(r.br); err != nil {
			return err
		}
	}
	if h.sizeGiven {
		r.geometry = h.size
	}
	if given.Known() {
		r.geometry = given
	}
	r.limit = r.geometry
	if !r.limit.Known() {
		r.guess = !h.sizeGiven
		r.limit = events.Geometry{Width: davisMaxX + 1, Height: davisMaxY + 1}
		if r.layout == layoutDVS128 {
			r.limit = events.Geometry{Width: dvsSide, Height: dvsSide}
		}
	}
	return nil
}

// guessLayout looks at the first records: those of a DVS128 use the low half of the
// address alone, which a DAVIS does only at the start of its first row.
func guessLayout(br *bufio.Reader) (layout, error) {
	b, err := br.Peek(events.DetectBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return layoutUnknown, err
	}
	for ; len(b) >= recordBytes; b = b[recordBytes:] {
		if address(b)&^(dvsBits|dvsSpecial) != 0 {
			return layoutDAVIS, nil
		}
	}
	return layoutDVS128, nil
}

// Header gives the chip's geometry or the one handed in. Where the file names no
// chip it is that of the smallest sensor of the family that holds the events so far.
func (r *reader) Header() events.Header {
	h := events.Header{Format: Name, Geometry: r.geometry}
	if r.guess && r.seen {
		h.Geometry = r.plausible()
	}
	return h
}

func (r *reader) plausible() events.Geometry {
	if r.layout == layoutDVS128 {
		return r.limit
	}
	for _, c := range chips {
		if c.class != "" && c.layout == layoutDAVIS && int(r.maxX) < c.size.Width && int(r.maxY) < c.size.Height {
			return c.size
		}
	}
	return events.Geometry{}
}

func (r *reader) Skipped() map[string]int64 {
	m := map[string]int64{}
	for _, k := range []struct {
		name string
		n    int64
	}{
		{"frame", r.skipped.frame},
		{"imu", r.skipped.imu},
		{"external trigger", r.skipped.trigger},
		{"special", r.skipped.special},
	} {
		if k.n > 0 {
			m[k.name] = k.n
		}
	}
	return m
}

func (r *reader) Read(p *events.Packet) error { return r.Steps.Read(p, r.step) }

// step decodes the records that are buffered.
func (r *reader) step(p *events.Packet) error {
	b, err := r.next()
	if err != nil {
		return err
	}
	n, damage := r.decode(b, p)
	r.offset += int64(n)
	if _, err := r.br.Discard(n); err != nil {
		return err // never: the bytes are buffered
	}
	return damage
}

// next gives the whole records that are buffered, at least one of them.
func (r *reader) next() ([]byte, error) {
	b, err := r.br.Peek(recordBytes)
	switch {
	case err == nil:
		return r.br.Peek(r.br.Buffered() &^ (recordBytes - 1))
	case !errors.Is(err, io.EOF) || len(b) == 0:
		return nil, err
	default:
		return nil, &events.FormatError{
			Format: Name, Offset: r.offset, Fatal: true,
			Want: fmt.Sprintf("a record of %d bytes", recordBytes),
			Got:  fmt.Sprintf("the end of the file after %d", len(b)),
		}
	}
}
