package command

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// geometry is a flag that holds a sensor's size, as WIDTHxHEIGHT.
type geometry struct{ events.Geometry }

// UnmarshalText reads WIDTHxHEIGHT.
func (g *geometry) UnmarshalText(text []byte) error {
	var w, h int
	var rest string
	n, _ := fmt.Sscanf(string(text), "%dx%d%s", &w, &h, &rest)
	g.Geometry = events.Geometry{Width: w, Height: h}
	if n != 2 || !g.Valid() {
		return fmt.Errorf("expected WIDTHxHEIGHT, sides from 1 to %d, found %q", events.MaxSide, text)
	}
	return nil
}
