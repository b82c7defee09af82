package filter

import (
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
)

// Filter decides on events in the order of their stream.
type Filter interface {
	// Keep tells whether the event is kept, and takes note of it.
	Keep(e events.Event) bool
	// Reset forgets all events.
	Reset()
}

// MaxPeriod is the longest refractory period and the longest support: more than any camera
// has a use for, and what makes 32 bits a pixel enough.
const MaxPeriod = time.Second

// TurnedBack is the step back in time behind which a filter begins anew. Streams out of
// order are so by less, clocks that were set to 0 by more.
const TurnedBack = time.Second

// Marks of events that a filter dropped, for results that are parallel to events: they stand
// where otherwise the index of what the event won does, or one of the constants -1 to -5 of package hw.
const (
	ByRefractory int16 = -6
	ByBackground int16 = -7
)

// check refuses what there can be no filter for.
func check(g events.Geometry, name string, period time.Duration) error {
	if !g.Valid() {
		return fmt.Errorf("filter: geometry: expected 1 to %d pixels a side, found %dx%d", events.MaxSide, g.Width, g.Height)
	}
	return CheckPeriod(name, period)
}

// CheckPeriod tells what is wrong with a filter's time, which it calls by a name.
func CheckPeriod(name string, period time.Duration) error {
	if period < time.Microsecond || period > MaxPeriod || period%time.Microsecond != 0 {
		return fmt.Errorf("filter: %s: expected whole microseconds, 1µs to %v, found %v", name, MaxPeriod, period)
	}
	return nil
}
