package command

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// geometry is a flag that holds a sensor's size, as WIDTHxHEIGHT.
type geometry struct{ events.Geometry }

// UnmarshalText reads WIDTHxHEIGHT.
func (g *geometry) UnmarshalText(text []byte) error {
	w, h, _ := strings.Cut(string(text), "x")
	width, werr := strconv.ParseUint(w, 10, 16)
	height, herr := strconv.ParseUint(h, 10, 16)
	g.Geometry = events.Geometry{Width: int(width), Height: int(height)}
	if werr != nil || herr != nil || !g.Valid() {
		return fmt.Errorf("expected WIDTHxHEIGHT, sides from 1 to %d, found %q", events.MaxSide, text)
	}
	return nil
}

// sizeHint says of events outside the sensor where its size is said: a recording does
// not have to be damaged for that.
func sizeHint(err error) error {
	if f, found := errors.AsType[*events.FormatError](err); found && strings.HasPrefix(f.Want, "an event within ") {
		return fmt.Errorf("%w; does --geometry say the sensor's size?", err)
	}
	return err
}
