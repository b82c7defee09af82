package edit

import "github.com/saccade-dev/saccade/events"

// NewPolarity gives the events of one polarity.
func NewPolarity(src events.Reader, p events.Polarity) events.Reader {
	return newSieve(src, func(e *events.Event) bool { return e.P == p })
}
