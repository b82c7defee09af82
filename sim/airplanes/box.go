package airplanes

import "math"

// Box is a rectangle on the field, in pixels from its top left corner: the pixel in
// column x and row y is the square from (x, y) to (x+1, y+1).
type Box struct {
	Left, Top, Right, Bottom float64
}

// Contains tells whether the middle of a pixel lies in the box, grown by margin pixels
// on every side.
func (b Box) Contains(x, y uint16, margin float64) bool {
	px, py := float64(x)+0.5, float64(y)+0.5
	return px >= b.Left-margin && px <= b.Right+margin && py >= b.Top-margin && py <= b.Bottom+margin
}

// Box is the smallest rectangle around what is to be seen of the aeroplane at t, in us
// from the beginning of the recording; and whether any of it lies on the field. It is
// cut off at the field's border.
func (f *Flight) Box(t int64) (Box, bool) {
	b := bounds(f.outline(t, nil))
	b.Left, b.Top = max(b.Left, 0), max(b.Top, 0)
	b.Right, b.Bottom = min(b.Right, float64(f.geometry.Width)), min(b.Bottom, float64(f.geometry.Height))
	if b.Left >= b.Right || b.Top >= b.Bottom {
		return Box{}, false
	}
	return b, true
}

// bounds is the smallest rectangle around points.
func bounds(of []point) Box {
	b := Box{Left: math.Inf(1), Top: math.Inf(1), Right: math.Inf(-1), Bottom: math.Inf(-1)}
	for _, p := range of {
		b.Left, b.Right = min(b.Left, p.x), max(b.Right, p.x)
		b.Top, b.Bottom = min(b.Top, p.y), max(b.Bottom, p.y)
	}
	return b
}
