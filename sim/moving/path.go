package moving

import (
	"math"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/sim/digits"
)

// Path is how one recording's digit moves: its ground truth.
type Path struct {
	Scale float64 // pixels of the sensor a pixel of the image
	Speed float64 // pixels a second, between turns

	x, y axis
}

// newPath draws a path.
func newPath(c Config, rng *rand.Rand) Path {
	between := func(lo, hi float64) float64 { return lo + float64((hi-lo)*rng.Float64()) }
	p := Path{Scale: between(c.MinScale, c.MaxScale), Speed: between(c.MinSpeed, c.MaxSpeed)}
	cos, sin := direction(rng)
	side := digits.Side * p.Scale
	reach := side/2 - float64(c.Beyond*side)
	p.x = newAxis(float64(c.Geometry.Width), reach, float64(p.Speed*cos), c.Ease, rng)
	p.y = newAxis(float64(c.Geometry.Height), reach, float64(p.Speed*sin), c.Ease, rng)
	return p
}

// Centre is the place of the image's centre at t, in us from the beginning of the
// recording: in pixels from the field's top left corner, so that the first pixel's middle
// is at (0.5, 0.5).
func (p *Path) Centre(t int64) (x, y float64) { return p.x.at(t), p.y.at(t) }

// direction draws one of all directions, as the place in a circle of a point that is
// drawn in the square around it: it needs a square root only, which is the same everywhere.
func direction(rng *rand.Rand) (cos, sin float64) {
	for {
		x, y := 2*rng.Float64()-1, 2*rng.Float64()-1
		if d := float64(x*x) + float64(y*y); d > 1e-3 && d <= 1 {
			d = math.Sqrt(d)
			return x / d, y / d
		}
	}
}

// axis is a movement to and fro along one axis.
type axis struct {
	from, way float64 // the turning points: from, and from+way
	ease      float64 // at most half of the way
	begin     float64 // how far along the way there and back it is at first
	speed     float64 // pixels a us
}

// newAxis draws where in a field of so many pixels what has so much on either side of its
// middle begins.
func newAxis(field, reach, speed, ease float64, rng *rand.Rand) axis {
	a := axis{from: reach, way: field - 2*reach, speed: speed / 1e6}
	begin := rng.Float64()
	if a.way <= 0 {
		return axis{from: field / 2}
	}
	a.begin = float64(begin * 2 * a.way)
	a.ease = min(ease, a.way/2)
	return a
}

// at is the place at t us. Without ease it is a triangle wave; with it, a parabola takes
// the place of each corner, which meets the straight line with the same slope, ease
// before and behind the corner.
func (a *axis) at(t int64) float64 {
	if a.way == 0 {
		return a.from
	}
	s := math.Mod(a.begin+float64(a.speed*float64(t)), 2*a.way)
	if s < 0 {
		s += 2 * a.way
	}
	if s > a.way {
		s = 2*a.way - s // on the way back
	}
	switch {
	case s < a.ease:
		return a.from + a.corner(s)
	case s > a.way-a.ease:
		return a.from + a.way - a.corner(a.way-s)
	}
	return a.from + s
}

// corner is the distance from the turning point, where without ease it would be d.
func (a *axis) corner(d float64) float64 {
	return (float64(d*d) + float64(a.ease*a.ease)) / (2 * a.ease)
}
