package edit

import (
	"math"

	"github.com/saccade-dev/saccade/events"
)

// Always and Never are the bounds of a window that is open at its start or end.
const (
	Always = math.MinInt64
	Never  = math.MaxInt64
)

// Grace is how far, in microseconds, time is followed behind a window's end: events that
// come late by up to ten seconds are still found, and of a long recording no more is read.
const Grace = 10_000_000

// NewWindow gives the events and triggers from a time on and before another, both in
// microseconds by the recording's own clock. Events of a recording whose times fall are
// chosen each by its own time. Reading ends where time has gone Grace beyond the end.
func NewWindow(src events.Reader, from, to int64) events.Reader {
	s := newSieve(src, func(e *events.Event) bool { return e.T >= from && e.T < to })
	s.edge = func(t *events.Trigger) bool { return t.T >= from && t.T < to }
	if to <= Never-Grace {
		s.done = func(last events.Event) bool { return last.T >= to+Grace }
	}
	return s
}
