package simulate

import "github.com/saccade-dev/saccade/events"

// crop is a part of a field.
type crop struct {
	left, top int
	geometry  events.Geometry
}

// middle is the part of a field that has as much on either side, a pixel less on the
// left or at the top where that is odd.
func middle(field, keep events.Geometry) crop {
	return crop{left: (field.Width - keep.Width) / 2, top: (field.Height - keep.Height) / 2, geometry: keep}
}

// events gives those of the part, in place.
func (c crop) events(all []events.Event) []events.Event {
	kept := all[:0]
	for _, e := range all {
		x, y := int(e.X)-c.left, int(e.Y)-c.top
		if x >= 0 && y >= 0 && x < c.geometry.Width && y < c.geometry.Height {
			e.X, e.Y = uint16(x), uint16(y)
			kept = append(kept, e)
		}
	}
	return kept
}
