package airplanes

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/saccade-dev/saccade/events"
)

// Flight is what one recording shows, and where: its ground truth.
type Flight struct {
	Class    Class
	Size     float64       // pixels; see Config.MinSize
	Shade    float64       // luminance
	Crossing time.Duration // from where it may first be seen to where it may last
	Duration time.Duration // of the recording

	geometry      events.Geometry
	camera        camera
	along, across float64  // what tilting leaves of its length and of its span
	lead          float64  // us
	from, to      point    // of the centre, at the beginning and the end of the crossing
	aside         point    // what the path is off the line between them half way
	nose          rotation // half way
	spin          float64  // turns a us
}

// newFlight draws a flight.
func newFlight(class Class, c Config, rng *rand.Rand) *Flight {
	f := &Flight{
		Class:    class,
		Size:     between(c.MinSize, c.MaxSize, rng),
		Shade:    between(c.MinShade, c.MaxShade, rng),
		Crossing: time.Duration(between(float64(c.MinCrossing), float64(c.MaxCrossing), rng)).Truncate(time.Microsecond),
		geometry: c.Geometry,
		along:    1 - float64(c.Tilt*rng.Float64()),
		across:   1 - float64(c.Tilt*rng.Float64()),
		lead:     us(c.Lead),
	}
	f.Duration = f.Crossing + 2*c.Lead.Truncate(time.Microsecond)
	f.camera = newCamera(c, rng)

	// The way is drawn from top to bottom and then turned to the side that it begins at.
	side := side(c.Sides, rng)
	width, height := float64(c.Geometry.Width), float64(c.Geometry.Height)
	if side == Left || side == Right {
		width, height = height, width
	}
	// Far enough outside to be out of sight, the camera's shaking included.
	out := float64(reach*f.Size) + c.Shake + 1
	enter := between(0.2, 0.8, rng)
	leave := min(max(enter+spread(c.Slant, rng), 0.1), 0.9)
	f.from = point{float64(enter * width), -out}
	f.to = point{float64(leave * width), height + out}
	bend := spread(c.Bend, rng)
	f.aside = point{float64((f.from.y - f.to.y) * bend), float64((f.to.x - f.from.x) * bend)}
	f.from, f.to, f.aside = turned(f.from, side, c.Geometry), turned(f.to, side, c.Geometry), turned(f.aside, side, events.Geometry{})

	d := point{f.to.x - f.from.x, f.to.y - f.from.y}
	length := math.Sqrt(float64(d.x*d.x) + float64(d.y*d.y))
	f.nose = rotation{d.x / length, d.y / length}.then(turn(spread(c.Yaw, rng) / 360))
	f.spin = spread(c.Spin, rng) / 360e6
	return f
}

// side chooses one of a set.
func side(from Sides, rng *rand.Rand) Sides {
	var all []Sides
	for s := Top; s <= Left; s <<= 1 {
		if from&s != 0 {
			all = append(all, s)
		}
	}
	return all[rng.IntN(len(all))]
}

// turned takes a point of a way that begins at the top to one that begins at a side. Of
// a field without size it turns a vector.
func turned(p point, s Sides, g events.Geometry) point {
	switch s {
	case Bottom:
		return point{p.x, float64(g.Height) - p.y}
	case Left:
		return point{p.y, p.x}
	case Right:
		return point{float64(g.Width) - p.y, p.x}
	}
	return p
}

// Centre is the place of the silhouette's centroid at t, in us from the beginning of
// the recording: in pixels from the field's top left corner, so that the first pixel's
// middle is at (0.5, 0.5). Before and after the crossing it lies off the field.
func (f *Flight) Centre(t int64) (x, y float64) {
	u := (float64(t) - f.lead) / us(f.Crossing)
	off := float64(4 * float64(u*(1-u)))
	dx, dy := f.camera.shaken(t)
	return f.from.x + float64(u*(f.to.x-f.from.x)) + float64(off*f.aside.x) + dx,
		f.from.y + float64(u*(f.to.y-f.from.y)) + float64(off*f.aside.y) + dy
}

// outline writes the silhouette's corners at t into dst, in pixels of the field.
func (f *Flight) outline(t int64, dst []point) []point {
	x, y := f.Centre(t)
	r := f.nose.then(turn(float64(f.spin * (float64(t) - f.lead - us(f.Crossing)/2))))
	dst = dst[:0]
	for _, p := range outlines[f.Class] {
		p = r.of(point{float64(float64(p.x*f.along) * f.Size), float64(float64(p.y*f.across) * f.Size)})
		dst = append(dst, point{p.x + x, p.y + y})
	}
	return dst
}

func us(d time.Duration) float64 { return float64(d.Microseconds()) }

// between draws evenly from lo to hi, spread from -a to a.
func between(lo, hi float64, rng *rand.Rand) float64 { return lo + float64((hi-lo)*rng.Float64()) }
func spread(a float64, rng *rand.Rand) float64       { return between(-a, a, rng) }
