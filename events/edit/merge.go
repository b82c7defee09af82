package edit

import (
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// merge reads several sources as one.
type merge struct {
	triggers
	inputs []*input
	given  int64 // events before those of the packet that is filled
	end    error
}

// NewMerge gives the events and triggers of several sources ordered by time; those of the
// same time in the order of the sources. The order within a source is never changed: where
// its time falls, it runs ahead of the others until it has caught up. The clocks are taken
// to be one.
//
// A source's damage comes where its next event would be, and a fatal one ends the reading.
// The geometry is the smallest that holds all sensors, and not known where one is not.
func NewMerge(src ...events.Reader) events.Reader {
	m := new(merge)
	for _, s := range src {
		m.inputs = append(m.inputs, newInput(s))
	}
	return m
}

// Header has the format of the first source.
func (m *merge) Header() events.Header {
	var h events.Header
	for i, in := range m.inputs {
		one := in.src.Header()
		if i == 0 {
			h = one
			continue
		}
		if !h.Geometry.Known() || !one.Geometry.Known() {
			h.Geometry = events.Geometry{}
			continue
		}
		h.Geometry.Width = max(h.Geometry.Width, one.Geometry.Width)
		h.Geometry.Height = max(h.Geometry.Height, one.Geometry.Height)
	}
	return h
}

func (m *merge) Skipped() map[string]int64 {
	sum := map[string]int64{}
	for _, in := range m.inputs {
		for kind, n := range in.skipped(in.src.Skipped()) {
			sum[kind] += n
		}
	}
	return sum
}

func (m *merge) Read(p *events.Packet) error {
	p.Reset()
	defer func() { m.given += int64(len(p.Events)) }()
	for m.end == nil && p.Room() > 0 {
		first, limit, err := m.next()
		switch {
		case err != nil:
			var fe *events.FormatError
			if !errors.As(err, &fe) || fe.Fatal {
				m.end = err
			}
			return err
		case first == nil:
			m.end = io.EOF
		case first.edge():
			m.give(first.waiting[first.told], m.given+int64(len(p.Events)))
			first.told++
		default:
			p.Events = append(p.Events, first.run(p.Room(), limit)...)
		}
	}
	if len(p.Events) > 0 {
		return nil
	}
	return m.end
}

// next is the source whose next event or trigger comes first, nil behind the end, and up to
// which time that goes on: the last at which it comes before those of the other sources.
func (m *merge) next() (first *input, limit int64, err error) {
	limit = Never
	var at int64
	for _, in := range m.inputs {
		t, ok, err := in.time()
		switch {
		case err != nil:
			return nil, 0, err
		case !ok:
		case first == nil:
			first, at = in, t
		case t < at:
			// Of the same time, those of the sources before this one come first; t is
			// below at, so that there is a time before it.
			first, at, limit = in, t, min(limit, at-1)
		default:
			limit = min(limit, t)
		}
	}
	return first, limit, nil
}
