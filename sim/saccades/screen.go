package saccades

import (
	"math"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
)

// screen is a [sensor.Scene]: a still image on a screen, and a camera that moves.
type screen struct {
	geometry events.Geometry
	motion   []Movement
	x, y     float64 // of the padded image's corner at first, pixels
	delay    float64 // us that all saccades are late

	// The luminance of the image, blurred, with a margin that is wide enough for
	// the ground to be even at the edge; beyond it goes on as the edge is.
	image []float32
	side  int

	shown  bool
	dx, dy float64   // where the image was in the last frame
	rows   []float32 // the image's rows, moved sideways
	cols   []int     // the image's column for each of the sensor's
}

// newScreen shows an image; x, y in pixels and delay in us are what this recording
// differs by from others.
func newScreen(c Config, m *digits.Image, x, y, delay float64) *screen {
	margin := 2 + int(math.Ceil(4*c.Blur))
	s := &screen{
		geometry: c.Geometry, motion: c.Motion, delay: delay,
		x: c.X + x - float64(margin), y: c.Y + y - float64(margin),
		side: digits.Side + 2*margin,
		rows: make([]float32, (c.Geometry.Height+1)*c.Geometry.Width),
		cols: make([]int, c.Geometry.Width+1),
	}
	s.image = make([]float32, s.side*s.side)
	for i := range s.image {
		x, y := i%s.side-margin, i/s.side-margin
		var g float64
		if x >= 0 && x < digits.Side && y >= 0 && y < digits.Side {
			g = float64(m.At(x, y)) / 255
		}
		if c.Inverted {
			g = 1 - g
		}
		s.image[i] = float32(c.Black + float64((c.White-c.Black)*g))
	}
	blur(s.image, s.side, c.Blur)
	return s
}

func (s *screen) Geometry() events.Geometry { return s.geometry }

// Luminance interpolates the image at where the motion has brought it to.
func (s *screen) Luminance(t int64, frame []float32) error {
	x, y := offset(s.motion, float64(t)-s.delay)
	x, y = x+s.x, y+s.y
	if s.shown && x == s.dx && y == s.dy {
		return nil
	}
	s.shown, s.dx, s.dy = true, x, y
	// A pixel of the sensor lies between column i and i+1 of the image, the
	// fraction f of the way; likewise with rows.
	i0, fx := split(x)
	j0, fy := split(y)
	w, h := s.geometry.Width, s.geometry.Height
	for i := range s.cols {
		s.cols[i] = min(max(i+i0, 0), s.side-1)
	}
	for j := range h + 1 {
		row := s.image[min(max(j+j0, 0), s.side-1)*s.side:][:s.side]
		dst := s.rows[j*w : (j+1)*w]
		a := row[s.cols[0]]
		for i := range dst {
			b := row[s.cols[i+1]]
			dst[i] = a + float32(fx*(b-a))
			a = b
		}
	}
	for j := range h {
		dst := frame[j*w : (j+1)*w]
		above, below := s.rows[j*w:(j+1)*w], s.rows[(j+1)*w:(j+2)*w]
		for i := range dst {
			dst[i] = above[i] + float32(fy*(below[i]-above[i]))
		}
	}
	return nil
}

// split gives the image's column under the sensor's column 0, when the image lies
// at x, and how far on towards the next column it is.
func split(x float64) (column int, fraction float32) {
	f := math.Floor(-x)
	return int(f), float32(-x - f)
}

// blur smoothes a square image by diffusion: passes of the kernel (a, 1-2a, a),
// with a at most 1/4, whose variance is 2a each. The edge is taken to go on.
func blur(image []float32, side int, sigma float64) {
	variance := float64(sigma * sigma)
	if variance == 0 {
		return
	}
	passes := math.Ceil(2 * variance)
	a := float32(variance / (2 * passes))
	for range int(passes) {
		for i := range side {
			diffuse(image[i*side:(i+1)*side], a, 1)
		}
		for i := range side {
			diffuse(image[i:], a, side)
		}
	}
}

func diffuse(v []float32, a float32, stride int) {
	last := v[0]
	for i := 0; i < len(v); i += stride {
		next := v[min(i+stride, (len(v)-1)/stride*stride)]
		here := v[i]
		v[i] = here + float32(a*((last-here)+(next-here)))
		last = here
	}
}
