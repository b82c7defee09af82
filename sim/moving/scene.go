package moving

import (
	"image"
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
)

// scene is a [sensor.Scene]: a digit on a plain field.
type scene struct {
	geometry events.Geometry
	path     Path
	ground   float64
	contrast float64 // from the ground to full ink
	aperture float64

	// rows holds for each row of the image the ink from the left up to each column, and in
	// the end to the right edge: the integral of a piecewise constant row.
	rows [digits.Side][digits.Side + 1]float64

	drawn bool
	x, y  float64         // where the digit was drawn last
	old   image.Rectangle // of the field: what it touched
	cols  []window        // of the sensor's columns
	sums  [digits.Side + 1][]float64
}

func newScene(c Config, m *digits.Image, p Path) *scene {
	s := &scene{
		geometry: c.Geometry, path: p, ground: c.Ground, contrast: c.Ink - c.Ground, aperture: c.Aperture,
		cols: make([]window, c.Geometry.Width),
	}
	for y := range digits.Side {
		for x := range digits.Side {
			s.rows[y][x+1] = s.rows[y][x] + float64(m.At(x, y))/255
		}
	}
	for i := range s.sums {
		s.sums[i] = make([]float64, c.Geometry.Width)
	}
	return s
}

func (s *scene) Geometry() events.Geometry { return s.geometry }

// Luminance draws the digit at its place, and the ground where it was and is no more.
func (s *scene) Luminance(t int64, frame []float32) error {
	x, y := s.path.Centre(t)
	if s.drawn && x == s.x && y == s.y {
		return nil
	}
	if !s.drawn {
		for i := range frame {
			frame[i] = float32(s.ground)
		}
	}
	for y := s.old.Min.Y; y < s.old.Max.Y; y++ {
		row := frame[y*s.geometry.Width:][s.old.Min.X:s.old.Max.X]
		for i := range row {
			row[i] = float32(s.ground)
		}
	}
	s.drawn, s.x, s.y = true, x, y
	s.old = s.draw(x, y, frame)
	return nil
}

// draw draws the digit with its centre at (x, y), and tells where.
func (s *scene) draw(x, y float64, frame []float32) image.Rectangle {
	scale := s.path.Scale
	half := float64(digits.Side / 2 * scale)
	reach := half + s.aperture/2
	box := image.Rect(
		int(math.Floor(x-reach)), int(math.Floor(y-reach)), int(math.Ceil(x+reach)), int(math.Ceil(y+reach)),
	).Intersect(image.Rect(0, 0, s.geometry.Width, s.geometry.Height))
	if box.Empty() {
		return image.Rectangle{}
	}
	s.sumColumns(x-half, box)
	// The ink of an image's pixels times their part of the square; the square's area is the
	// aperture's, in pixels of the image.
	inv := scale / s.aperture
	gain := float64(float64(s.contrast*inv) * inv)
	for j := box.Min.Y; j < box.Max.Y; j++ {
		w := windowOf(float64(j)+0.5-(y-half), s.aperture, scale)
		dst := frame[j*s.geometry.Width:]
		from, to := s.sums[w.from], s.sums[w.to]
		fromNext, toNext := s.sums[min(w.from+1, digits.Side)], s.sums[min(w.to+1, digits.Side)]
		for i := box.Min.X; i < box.Max.X; i++ {
			low := from[i] + float64(w.fromPart*(fromNext[i]-from[i]))
			high := to[i] + float64(w.toPart*(toNext[i]-to[i]))
			dst[i] = float32(s.ground + float64(gain*(high-low)))
		}
	}
	return box
}

// sumColumns computes for each column of the sensor how much ink it sees in the image's
// rows above each row: what lies in its square, were the square as high as the image.
func (s *scene) sumColumns(left float64, box image.Rectangle) {
	for i := box.Min.X; i < box.Max.X; i++ {
		s.cols[i] = windowOf(float64(i)+0.5-left, s.aperture, s.path.Scale)
	}
	for y := range digits.Side {
		row, above, below := &s.rows[y], s.sums[y], s.sums[y+1]
		for i := box.Min.X; i < box.Max.X; i++ {
			w := &s.cols[i]
			low := row[w.from] + float64(w.fromPart*(row[min(w.from+1, digits.Side)]-row[w.from]))
			high := row[w.to] + float64(w.toPart*(row[min(w.to+1, digits.Side)]-row[w.to]))
			below[i] = above[i] + (high - low)
		}
	}
}

// window is a stretch of the image's pixels along an axis: from pixel from and its
// fraction fromPart on, up to pixel to and its fraction toPart.
type window struct {
	from, to         int
	fromPart, toPart float64
}

// windowOf is the stretch under an aperture around a place, both in pixels of the sensor,
// the place from the image's edge.
func windowOf(place, aperture, scale float64) (w window) {
	w.from, w.fromPart = cut((place - aperture/2) / scale)
	w.to, w.toPart = cut((place + aperture/2) / scale)
	return w
}

func cut(v float64) (int, float64) {
	v = min(max(v, 0), digits.Side)
	whole := math.Floor(v)
	return int(whole), v - whole
}
