package moving

import (
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// Limits of a configuration.
const (
	MinScale    = 1.0 / 16 // pixels of the sensor a pixel of the image
	MaxScale    = 64
	MaxSpeed    = 1e4 // pixels a second
	MaxEase     = 1024
	MaxAperture = 16 // pixels
	MaxDuration = time.Hour
)

// Config describes a set-up: camera, digits and movement. Between a Min and a Max a
// recording draws evenly. Pixels are those of the sensor.
type Config struct {
	Geometry events.Geometry // of the sensor
	Sensor   sensor.Config
	// Camera is the seed of the sensor's pixels: recordings with one Camera are
	// made with one and the same sensor.
	Camera uint64

	// Ground and Ink are the luminances of the field and of full ink, ambient light
	// included; what is between them in the image is between them on the field.
	Ground, Ink float64
	// Aperture is the side of the square that a pixel takes the mean of: 1 for pixels
	// without gaps behind perfect optics, less for pixels with gaps, more for a picture
	// that is less sharp. What lies anywhere is seen by as many pixels if it is whole.
	Aperture float64

	// Of the digit: the side of an image's pixel, in pixels.
	MinScale, MaxScale float64
	// Of its movement along its path: pixels a second. The path's direction is any.
	MinSpeed, MaxSpeed float64
	// Beyond is how much of the image may be beyond the field's edge before it turns
	// round there: a share of its side from 0 to 0.5. Images have empty margins of 1/7. In a
	// field that is too small for the image to move, along an axis, it stays in the
	// middle.
	Beyond float64
	// Ease is over which distance before and after a turn it slows down and speeds up
	// again, along the axis that it turns in: pixels, 0 for a ball that bounces.
	Ease float64

	Duration time.Duration // of a recording
}

// DefaultConfig has a field of 48x48 pixels, less than twice as wide as a digit, which moves
// by about half a pixel in 10 ms. A recording of half a second has about 4,000 events,
// of which some 150 are noise.
func DefaultConfig() Config {
	return Config{
		Geometry: events.Geometry{Width: 48, Height: 48},
		Sensor: sensor.Config{
			ThresholdOn:      0.3,
			ThresholdOff:     0.3,
			ThresholdSigma:   0.03,
			Refractory:       500 * time.Microsecond,
			RefractorySpread: 100 * time.Microsecond,
			Cutoff:           200,
			Dark:             1,
			LeakRate:         0.1,
			NoiseRate:        0.1,
			NoiseOn:          0.5,
			HotShare:         0.001,
			HotRate:          20,
			Step:             time.Millisecond,
		},
		Ground:   15,
		Ink:      60,
		Aperture: 1,
		MinScale: 0.9, MaxScale: 1.2,
		MinSpeed: 30, MaxSpeed: 70,
		Beyond:   1. / 7,
		Ease:     2,
		Duration: 500 * time.Millisecond,
	}
}

// Validate tells what about the configuration cannot be recorded. The error names the
// field, what it must be and what it is.
func (c Config) Validate() error {
	if !c.Geometry.Valid() {
		return fmt.Errorf("moving: Geometry must have sides from 1 to %d, is %dx%d", events.MaxSide, c.Geometry.Width, c.Geometry.Height)
	}
	if err := c.Sensor.Validate(); err != nil {
		return fmt.Errorf("moving: Sensor: %w", err)
	}
	for _, f := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"Ground", c.Ground, 0, sensor.MaxLuminance},
		{"Ink", c.Ink, 0, sensor.MaxLuminance},
		{"Aperture", c.Aperture, 0.1, MaxAperture},
		{"MinScale", c.MinScale, MinScale, MaxScale},
		{"MaxScale", c.MaxScale, c.MinScale, MaxScale},
		{"MinSpeed", c.MinSpeed, 0, MaxSpeed},
		{"MaxSpeed", c.MaxSpeed, c.MinSpeed, MaxSpeed},
		{"Beyond", c.Beyond, 0, 0.5},
		{"Ease", c.Ease, 0, MaxEase},
	} {
		if !(f.v >= f.lo && f.v <= f.hi) { // NaN is in no range
			return fmt.Errorf("moving: %s must be from %g to %g, is %g", f.name, f.lo, f.hi, f.v)
		}
	}
	if c.Duration < 0 || c.Duration > MaxDuration {
		return fmt.Errorf("moving: Duration must be from 0s to %v, is %v", MaxDuration, c.Duration)
	}
	return nil
}
