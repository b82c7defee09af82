package bus

import (
	"errors"
	"fmt"
)

// FencedError says that a sensor is another daemon's, whose term is a later one than ours: nothing more of
// ours is stored.
type FencedError struct {
	Sensor    string
	Term, Own uint64
}

func (e *FencedError) Error() string {
	return fmt.Sprintf("sensor %s is another daemon's, in term %d: ours was %d", e.Sensor, e.Term, e.Own)
}

// IsFenced tells whether an error is a [*FencedError].
func IsFenced(err error) bool {
	_, is := errors.AsType[*FencedError](err)
	return is
}
