package digits

import "fmt"

// Style says how far the distortions of a drawn digit go. Each is drawn evenly
// from its range, independently for every image.
type Style struct {
	Rotation float64 // degrees to either side
	Slant    float64 // horizontal shear to either side, as a fraction of the height
	Aspect   float64 // widening or narrowing by a factor of up to 1+Aspect
	Shrink   float64 // down from the full 20 pixel box by up to this fraction
	Shift    float64 // pixels off the centre, to either side
	Elastic  float64 // displacement of the control points, as a fraction of the digit's size
	// Weight moves the edge of the ink by up to about a pixel at 1: the stroke
	// becomes wider or narrower by twice as much, and differently at the four
	// corners of the image, as a pen pressed unevenly.
	Weight float64
	// Softness is the width of the ink's edge in pixels, up to.
	Softness float64
}

// DefaultStyle is as varied as hands are, as far as a font allows: a digit can
// nearly always be told, but one that can be mistaken for another does occur.
func DefaultStyle() Style {
	return Style{
		Rotation: 14,
		Slant:    0.3,
		Aspect:   0.3,
		Shrink:   0.1,
		Shift:    0.75,
		Elastic:  0.14,
		Weight:   0.6,
		Softness: 1.2,
	}
}

// Validate tells what about the style cannot be drawn.
func (s Style) Validate() error {
	for _, f := range []struct {
		name  string
		v, hi float64
	}{
		{"Rotation", s.Rotation, 60},
		{"Slant", s.Slant, 1},
		{"Aspect", s.Aspect, 1},
		{"Shrink", s.Shrink, 0.5},
		{"Shift", s.Shift, 4},
		{"Elastic", s.Elastic, 0.5},
		{"Weight", s.Weight, 1},
		{"Softness", s.Softness, 4},
	} {
		if !(f.v >= 0 && f.v <= f.hi) { // NaN is in no range
			return fmt.Errorf("digits: %s must be from 0 to %g, is %g", f.name, f.hi, f.v)
		}
	}
	return nil
}
