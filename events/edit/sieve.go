package edit

import (
	"io"

	"github.com/saccade-dev/saccade/events"
)

// sieve reads what is left of a source.
type sieve struct {
	triggers
	src  events.Reader
	keep func(e *events.Event) bool            // and may change it
	edge func(t *events.Trigger) bool          // the same of triggers
	size func(events.Geometry) events.Geometry // the geometry of what is left; nil for the same
	done func(last events.Event) bool          // nothing will be left of what comes behind; nil for never
	end  error
	// refused is set by keep for an event that ends the reading.
	refused error

	seen, given int64 // events of the source, and those that were left
}

func newSieve(src events.Reader, keep func(*events.Event) bool) *sieve {
	s := &sieve{src: src, keep: keep}
	s.listen(src)
	return s
}

func (s *sieve) Header() events.Header {
	h := s.src.Header()
	if s.size != nil {
		h.Geometry = s.size(h.Geometry)
	}
	return h
}

func (s *sieve) Skipped() map[string]int64 { return s.skipped(s.src.Skipped()) }

// Read reads on until an event is left, or an error.
func (s *sieve) Read(p *events.Packet) error {
	p.Reset()
	for s.end == nil {
		err := s.src.Read(p)
		over := err == nil && s.done != nil && len(p.Events) > 0 && s.done(p.Events[len(p.Events)-1])
		p.Events = s.sift(p.Events)
		switch {
		case s.refused != nil:
			s.end = s.refused
			return s.end
		case over:
			s.end = io.EOF
		}
		if err != nil || len(p.Events) > 0 {
			return err
		}
	}
	return s.end
}

// sift keeps what is to be left of a packet, in its own memory, and hands on the triggers
// that stand between.
func (s *sieve) sift(in []events.Event) []events.Event {
	out, at := in[:0], 0
	for _, t := range s.waiting {
		n := min(max(int(t.After-s.seen), at), len(in))
		out, at = s.run(out, in[at:n]), n
		if s.edge == nil || s.edge(&t) {
			s.give(t, s.given+int64(len(out)))
		}
	}
	s.waiting = s.waiting[:0]
	out = s.run(out, in[at:])
	s.seen, s.given = s.seen+int64(len(in)), s.given+int64(len(out))
	return out
}

func (s *sieve) run(out, in []events.Event) []events.Event {
	if s.keep == nil {
		return append(out, in...)
	}
	for _, e := range in {
		if s.refused != nil {
			break
		}
		if s.keep(&e) {
			out = append(out, e)
		}
	}
	return out
}
