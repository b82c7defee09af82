package sensor

import (
	"fmt"
	"time"
)

// Limits of a configuration. They keep the events of one step, and with them the
// memory that a step takes, within bounds.
const (
	MinThreshold  = 0.01        // log units, below which no real pixel works
	MaxThreshold  = 10          // log units
	MaxRefractory = time.Second // longer than any sensor holds a pixel
	MaxRate       = 1e6         // Hz a pixel, of noise
	MaxLeakRate   = 1e3         // Hz a pixel
	MaxStep       = time.Second // between two frames of the scene
	MinDark       = 1e-6        // luminance units
	MaxLuminance  = 1e9         // luminance units, of a frame
)

// Config describes a camera's pixels. The thresholds are in natural-log units:
// 0.2 is a change of luminance by about a fifth.
type Config struct {
	ThresholdOn    float64 // log units
	ThresholdOff   float64 // log units
	ThresholdSigma float64 // log units; standard deviation of both from pixel to pixel

	// Refractory is how long a pixel is blind after an event. Each pixel has its
	// own, evenly spread within RefractorySpread on either side.
	Refractory       time.Duration
	RefractorySpread time.Duration

	// Cutoff is the photoreceptor's bandwidth in Hz, at which it passes half the
	// power; 0 for a photoreceptor that follows at once. The filter advances by
	// the implicit Euler rule: stable at any step, true where the step is well
	// below the time constant 1/(2 pi Cutoff).
	Cutoff float64
	// Dark is what the dark current adds to every luminance, in its units. It
	// must be positive: it is what the logarithm of black is taken of.
	Dark float64

	LeakRate  float64 // Hz a pixel; ON events of a pixel that sees no change
	NoiseRate float64 // Hz a pixel; shot noise, a Poisson process
	NoiseOn   float64 // share of ON among the noise events, 0 to 1
	HotShare  float64 // share of the pixels that are hot, 0 to 1
	HotRate   float64 // Hz a hot pixel, a Poisson process beside the noise

	// Step is the time from frame to frame when a [Reader] drives the sensor.
	Step time.Duration
}

// DefaultConfig is a camera of the kind that the field calls typical: the
// thresholds and the noise of v2e's "clean" and "noisy" presets in between, at
// indoor light.
func DefaultConfig() Config {
	return Config{
		ThresholdOn:    0.2,
		ThresholdOff:   0.2,
		ThresholdSigma: 0.03,
		Refractory:     500 * time.Microsecond,
		Cutoff:         200,
		Dark:           1,
		LeakRate:       0.1,
		NoiseRate:      0.5,
		NoiseOn:        0.5,
		Step:           time.Millisecond,
	}
}

// Validate tells what about the configuration cannot be simulated. The error
// names the field, what it must be and what it is.
func (c Config) Validate() error {
	for _, f := range []struct {
		name   string
		v      float64
		lo, hi float64
		unit   string
	}{
		{"ThresholdOn", c.ThresholdOn, MinThreshold, MaxThreshold, " log units"},
		{"ThresholdOff", c.ThresholdOff, MinThreshold, MaxThreshold, " log units"},
		{"ThresholdSigma", c.ThresholdSigma, 0, MaxThreshold, " log units"},
		{"Cutoff", c.Cutoff, 0, 1e9, " Hz"},
		{"Dark", c.Dark, MinDark, MaxLuminance, ""},
		{"LeakRate", c.LeakRate, 0, MaxLeakRate, " Hz"},
		{"NoiseRate", c.NoiseRate, 0, MaxRate, " Hz"},
		{"NoiseOn", c.NoiseOn, 0, 1, ""},
		{"HotShare", c.HotShare, 0, 1, ""},
		{"HotRate", c.HotRate, 0, MaxRate, " Hz"},
	} {
		if !(f.v >= f.lo && f.v <= f.hi) { // NaN is in no range
			return fmt.Errorf("sensor: %s must be from %g to %g%s, is %g", f.name, f.lo, f.hi, f.unit, f.v)
		}
	}
	for _, f := range []struct {
		name      string
		d, lo, hi time.Duration
	}{
		{"Refractory", c.Refractory, 0, MaxRefractory},
		{"RefractorySpread", c.RefractorySpread, 0, c.Refractory},
		{"Step", c.Step, time.Microsecond, MaxStep},
	} {
		if f.d < f.lo || f.d > f.hi {
			return fmt.Errorf("sensor: %s must be from %v to %v, is %v", f.name, f.lo, f.hi, f.d)
		}
		if f.d%time.Microsecond != 0 {
			return fmt.Errorf("sensor: %s must be whole microseconds, is %v", f.name, f.d)
		}
	}
	return nil
}
