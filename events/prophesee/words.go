package prophesee

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Words makes the words of one encoding.
type Words interface {
	// Encoding is the name as headers have it, and the version of the older
	// keyword.
	Encoding() (name, version string)
	// Bits are the sizes of the two parts of time.
	Bits() (high, low uint)
	// MaxTriggerID is the last channel that a trigger may have.
	MaxTriggerID() uint8
	// High appends a high part of time; high has the turns in front.
	High(dst []byte, high int64) []byte
	// Latest is the high part appended last, if any.
	Latest() (high int64, any bool)
	// Run appends events that all lie in the latest high part.
	Run(dst []byte, in []events.Event) []byte
	// Trigger appends a trigger that lies in the latest high part.
	Trigger(dst []byte, t events.Trigger) []byte
	// Forget makes the next words stand for themselves.
	Forget()
}

// sameHigh gives how many of the events share the first one's high part and can
// be addressed.
func sameHigh(in []events.Event, low uint) int {
	high := in[0].T >> low
	for i, e := range in {
		if e.T>>low != high || e.X > MaxCoordinate || e.Y > MaxCoordinate {
			return i
		}
	}
	return len(in)
}

// place is the error for a pixel that no word can address.
func place(name string, e events.Event) error {
	return fmt.Errorf("x %d, y %d: %s holds both to %d", e.X, e.Y, name, MaxCoordinate)
}
