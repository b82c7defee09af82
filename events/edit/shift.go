package edit

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// NewShift gives events and triggers with times that count from a time of the recording's
// clock, in microseconds. A time that 64 bits do not hold then is an error.
func NewShift(src events.Reader, from int64) events.Reader {
	var s *sieve
	move := func(t *int64) bool {
		moved := *t - from
		if (moved < *t) != (from > 0) {
			s.refused = fmt.Errorf("t %d us: expected a time that 64 bits of microseconds hold counted from %d us", *t, from)
			return false
		}
		*t = moved
		return true
	}
	s = newSieve(src, func(e *events.Event) bool { return move(&e.T) })
	s.edge = func(t *events.Trigger) bool { return move(&t.T) }
	if from == 0 {
		s.keep, s.edge = nil, nil
	}
	return s
}
