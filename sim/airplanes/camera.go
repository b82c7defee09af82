package airplanes

import (
	"math"
	"math/rand/v2"
)

// camera is how the camera moves in one recording: it drifts at a constant velocity and
// shakes, in x and in y on its own.
type camera struct {
	driftX, driftY float64 // pixels a us
	shake          float64 // pixels
	rate           float64 // turns a us
	phaseX, phaseY float64 // turns
}

func newCamera(c Config, rng *rand.Rand) camera {
	to := turn(rng.Float64())
	return camera{
		driftX: float64(c.Drift*to.cos) / 1e6,
		driftY: float64(c.Drift*to.sin) / 1e6,
		shake:  c.Shake,
		rate:   c.ShakeRate / 1e6,
		phaseX: rng.Float64(),
		phaseY: rng.Float64(),
	}
}

// shaken is how far the image is from where it would be without shaking, in pixels at t us.
func (c *camera) shaken(t int64) (x, y float64) {
	if c.shake == 0 {
		return 0, 0
	}
	u := float64(c.rate * float64(t))
	return float64(c.shake * turn(u+c.phaseX).sin), float64(c.shake * turn(u+c.phaseY).sin)
}

// parts of a pixel that the background moves by: each changes a luminance by far less
// than a threshold, and a background that stands for a frame need not be drawn anew.
const parts = 16

// ground is how far the background has moved, shaking included.
func (c *camera) ground(t int64) (x, y float64) {
	x, y = c.shaken(t)
	return stepped(x + float64(c.driftX*float64(t))), stepped(y + float64(c.driftY*float64(t)))
}

func stepped(v float64) float64 { return math.RoundToEven(float64(v*parts)) / parts }
