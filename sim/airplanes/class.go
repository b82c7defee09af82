package airplanes

import "fmt"

// Class is a kind of aeroplane.
type Class uint8

// The classes.
const (
	Airliner   Class = iota // swept wings with engines, tailplane
	Delta                   // a fighter with a delta wing and no tailplane
	FlyingWing              // nothing but a wing, its trailing edge a zigzag
	Propeller               // straight wings, a propeller across the nose

	Classes = 4 // their number
)

var classNames = [Classes]string{"airliner", "delta", "flyingwing", "propeller"}

// String is the class's name, which is also the name of its folder.
func (c Class) String() string {
	if c >= Classes {
		return fmt.Sprintf("Class(%d)", uint8(c))
	}
	return classNames[c]
}

// halves are the right halves of the silhouettes, from the nose to the tail: x towards
// the nose, y towards the tip of the right wing. The left halves mirror them. The scale
// is any: outlines brings all of them to one size.
var halves = [Classes][]point{
	Airliner: {
		{1, 0},
		{0.93, 0.07},
		{0.8, 0.1},
		{0.3, 0.1},
		// An engine before the wing.
		{0.18, 0.28},
		{0.29, 0.28},
		{0.29, 0.37},
		{0.13, 0.37},
		{-0.2, 0.9},
		{-0.32, 0.9},
		{-0.04, 0.35},
		{-0.05, 0.1},
		{-0.68, 0.08},
		{-0.93, 0.34},
		{-1.03, 0.34},
		{-0.93, 0.05},
		{-1, 0},
	},
	Delta: {
		{1, 0},
		{0.75, 0.07},
		{0.45, 0.12},
		{-0.55, 0.8},
		{-0.7, 0.8},
		{-0.62, 0.15},
		{-0.85, 0.12},
		{-0.85, 0},
	},
	FlyingWing: {
		{0.45, 0}, {-0.25, 0.98}, {-0.38, 0.93}, {-0.08, 0.5}, {-0.32, 0.22}, {-0.18, 0},
	},
	Propeller: {
		// The propeller's blades.
		{0.8, 0},
		{0.8, 0.2},
		{0.75, 0.2},
		{0.75, 0.06},
		{0.68, 0.1},
		{0.4, 0.11},
		{0.38, 0.94},
		{0.33, 1},
		{0.17, 1},
		{0.12, 0.94},
		{0.1, 0.11},
		{-0.62, 0.06},
		{-0.62, 0.3},
		{-0.78, 0.3},
		{-0.8, 0.05},
		{-0.88, 0},
	},
}

// outlines are the whole silhouettes, of size 1 and with their centroid at the origin.
var outlines = func() (all [Classes][]point) {
	for c, half := range halves {
		all[c] = whole(half)
	}
	return all
}()

// reach is how far the farthest point of any outline is from its centroid: a silhouette
// of size s lies within reach*s pixels of its centre.
var reach = func() (r float64) {
	for _, o := range outlines {
		r = max(r, radius(o))
	}
	return r
}()
