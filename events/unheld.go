package events

import "fmt"

// UnheldError is an event or a trigger that a format has no place for: its pixel, its
// time, or its time behind that of the event before it. Nothing of it has been written, nor of the
// events behind it in the same call of Write; those before it have. The writer can go on
// with others.
type UnheldError struct {
	Trigger bool
	Event   int64 // how many events have been written before it
	Why     string
}

// Unheld makes the UnheldError of an event for a writer that has written so many before.
func Unheld(written int64, format string, args ...any) error {
	return &UnheldError{Event: written, Why: fmt.Sprintf(format, args...)}
}

// UnheldTrigger makes that of a trigger.
func UnheldTrigger(written int64, format string, args ...any) error {
	return &UnheldError{Trigger: true, Event: written, Why: fmt.Sprintf(format, args...)}
}

func (e *UnheldError) Error() string {
	if e.Trigger {
		return fmt.Sprintf("trigger behind event %d: %s", e.Event, e.Why)
	}
	return fmt.Sprintf("event %d: %s", e.Event, e.Why)
}
