package edit

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Filter decides on events in the order of their stream, as those of the package filter do.
type Filter interface {
	Keep(e events.Event) bool
}

// NewFiltered gives the events that a filter for a sensor of this geometry keeps. The
// filter holds a plane of pixels, so that an event beyond it is an error.
func NewFiltered(src events.Reader, g events.Geometry, f Filter) events.Reader {
	var s *sieve
	s = newSieve(src, func(e *events.Event) bool {
		if !g.Contains(e.X, e.Y) {
			s.refused = fmt.Errorf("event at t %d us: x %d, y %d: expected an event within %dx%d pixels to filter", e.T, e.X, e.Y, g.Width, g.Height)
			return false
		}
		return f.Keep(*e)
	})
	return s
}
