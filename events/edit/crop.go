package edit

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Area is a rectangle of pixels: its upper left one, and its size.
type Area struct {
	X, Y int
	events.Geometry
}

// String writes an area as [ParseArea] reads it.
func (a Area) String() string { return fmt.Sprintf("%d,%d,%dx%d", a.X, a.Y, a.Width, a.Height) }

// Within tells why an area does not lie within a sensor, where that is known.
func (a Area) Within(g events.Geometry) error {
	if g.Known() && (a.X+a.Width > g.Width || a.Y+a.Height > g.Height) {
		return fmt.Errorf("area %v: expected one within the sensor's %dx%d pixels", a, g.Width, g.Height)
	}
	return nil
}

func (a Area) contains(e *events.Event) bool {
	return int(e.X) >= a.X && int(e.Y) >= a.Y && int(e.X) < a.X+a.Width && int(e.Y) < a.Y+a.Height
}

// NewCrop gives the events within an area, as a sensor of its size has them: the area's
// upper left pixel is 0, 0, and its size the geometry.
func NewCrop(src events.Reader, a Area) events.Reader {
	x, y := uint16(a.X), uint16(a.Y)
	s := newSieve(src, func(e *events.Event) bool {
		if !a.contains(e) {
			return false
		}
		e.X, e.Y = e.X-x, e.Y-y
		return true
	})
	s.size = func(events.Geometry) events.Geometry { return a.Geometry }
	return s
}

// NewMask gives the events within an area, where they were.
func NewMask(src events.Reader, a Area) events.Reader { return newSieve(src, a.contains) }
