package source

import (
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// Steps fills packets step by step and keeps the error that ended it.
type Steps struct {
	end error // given from then on
}

// Read empties p and calls step until p is full, as [events.Reader] has it: damage that
// can be read on behind is returned at once, with the events before it; any other error
// ends it for good; io.EOF waits until it stands alone. A step appends events to p, goes
// on in the source, or gives an error.
func (s *Steps) Read(p *events.Packet, step func(p *events.Packet) error) error {
	p.Reset()
	if s.end != nil {
		return s.end
	}
	for p.Room() > 0 {
		if err := step(p); err != nil {
			return s.stop(p, err)
		}
	}
	return nil
}

func (s *Steps) stop(p *events.Packet, err error) error {
	var fe *events.FormatError
	if !errors.As(err, &fe) || fe.Fatal {
		s.end = err
	}
	if len(p.Events) > 0 && errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
