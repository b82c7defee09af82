package airplanes

import (
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// Limits of a configuration.
const (
	MaxSize     = 200              // pixels, of a silhouette
	MaxCrossing = 10 * time.Second // and of Lead
	MaxSpeed    = 1e4              // pixels a second, of the background
	MaxShake    = 256              // pixels
	MaxGrain    = 1024             // pixels
)

// Sides is a set of sides of the field.
type Sides uint8

// The sides that an aeroplane may come from.
const (
	Top Sides = 1 << iota
	Right
	Bottom
	Left

	AllSides = Top | Right | Bottom | Left
)

// Config describes a set-up: camera, aeroplanes and background. Where a field says "to
// either side", a recording draws from minus to plus its value; all draws are even.
type Config struct {
	Geometry events.Geometry // of the sensor
	Sensor   sensor.Config
	// Camera is the seed of the sensor's pixels: recordings with one Camera are
	// made with one and the same sensor.
	Camera uint64

	// MinSize and MaxSize bound a silhouette's size in pixels, seen flat: the span of a
	// plain wing whose edges sweep over as much, so that aeroplanes of one size make about
	// as many events. Its own span is
	// 0.7 to 1 of that, its length 0.4 to 1.2.
	MinSize, MaxSize float64
	// Tilt is by how much at most the silhouette is shortened along its body, and
	// independently across its wings, as of an aeroplane that is not seen flat: a
	// share from 0 to 0.9.
	Tilt float64
	// Yaw is how far the nose points away from the path half way: degrees, to either side.
	Yaw float64
	// Spin is how fast it turns in the picture: degrees a second, to either side.
	Spin float64

	// Sides are those it may come from; it leaves at the opposite one.
	Sides Sides
	// Slant is how far it leaves from where straight across would be: a share of the
	// field, to either side.
	Slant float64
	// Bend is how far the path is off the straight line half way: a share of its
	// length, to either side.
	Bend float64
	// A crossing takes MinCrossing to MaxCrossing from when the first part of the
	// aeroplane may be seen to when the last may. Before and after it, the recording
	// has Lead.
	MinCrossing, MaxCrossing time.Duration
	Lead                     time.Duration

	// MinShade and MaxShade bound the aeroplane's luminance, Ground is the mean of the
	// background's, ambient light included.
	MinShade, MaxShade float64
	Ground             float64
	// Texture is the background's contrast: its luminance lies within
	// Ground*(1-Texture) and Ground*(1+Texture). 0 is a plain wall.
	Texture float64
	// Grain is the distance of the texture's largest structures in pixels; it has
	// some of a half and a quarter of the size.
	Grain float64

	// Drift is how fast the background moves, each recording in a direction of its own:
	// pixels a second. It shakes by Shake pixels to either side, ShakeRate times a
	// second, and the aeroplane's image with it. With neither, the background is
	// still and makes no events.
	Drift     float64
	Shake     float64
	ShakeRate float64 // Hz
}

// DefaultConfig has the geometry of an ATIS. A recording has 45,000 events on average,
// of which a little more than half are the aeroplane's, about a fifth the background's and
// the rest the sensor's noise. In a step of 500 us the fastest aeroplane flies some two
// pixels, which the sensor interpolates; a shorter step is truer and takes longer. The
// filter advances so far in a step that its 300 Hz are as 210 would be in small steps.
func DefaultConfig() Config {
	return Config{
		Geometry: events.Geometry{Width: 304, Height: 240},
		Sensor: sensor.Config{
			ThresholdOn:      0.3,
			ThresholdOff:     0.3,
			ThresholdSigma:   0.03,
			Refractory:       500 * time.Microsecond,
			RefractorySpread: 100 * time.Microsecond,
			Cutoff:           300,
			Dark:             1,
			LeakRate:         0.1,
			NoiseRate:        0.5,
			NoiseOn:          0.5,
			HotShare:         0.0005,
			HotRate:          50,
			Step:             500 * time.Microsecond,
		},
		MinSize: 30, MaxSize: 60,
		Tilt: 0.25, Yaw: 20, Spin: 60,
		Sides: AllSides, Slant: 0.25, Bend: 0.05,
		MinCrossing: 100 * time.Millisecond, MaxCrossing: 400 * time.Millisecond,
		Lead:     5 * time.Millisecond,
		MinShade: 16, MaxShade: 32, Ground: 60,
		Texture: 0.6, Grain: 24,
		Drift: 20, Shake: 0.5, ShakeRate: 8,
	}
}

// Validate tells what about the configuration cannot be recorded. The error names the
// field, what it must be and what it is.
func (c Config) Validate() error {
	if !c.Geometry.Valid() {
		return fmt.Errorf("airplanes: Geometry must have sides from 1 to %d, is %dx%d", events.MaxSide, c.Geometry.Width, c.Geometry.Height)
	}
	if err := c.Sensor.Validate(); err != nil {
		return fmt.Errorf("airplanes: Sensor: %w", err)
	}
	if c.Sides == 0 || c.Sides > AllSides {
		return fmt.Errorf("airplanes: Sides must be some of Top, Right, Bottom and Left, is %#b", c.Sides)
	}
	for _, f := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"MinSize", c.MinSize, 1, MaxSize},
		{"MaxSize", c.MaxSize, c.MinSize, MaxSize},
		{"Tilt", c.Tilt, 0, 0.9},
		{"Yaw", c.Yaw, 0, 180},
		{"Spin", c.Spin, 0, 3600},
		{"Slant", c.Slant, 0, 1},
		{"Bend", c.Bend, 0, 0.5},
		{"MinShade", c.MinShade, 0, sensor.MaxLuminance},
		{"MaxShade", c.MaxShade, c.MinShade, sensor.MaxLuminance},
		{"Ground", c.Ground, 0, sensor.MaxLuminance / 2},
		{"Texture", c.Texture, 0, 1},
		{"Grain", c.Grain, 1, MaxGrain},
		{"Drift", c.Drift, 0, MaxSpeed},
		{"Shake", c.Shake, 0, MaxShake},
		{"ShakeRate", c.ShakeRate, 0, 1000},
	} {
		if !(f.v >= f.lo && f.v <= f.hi) { // NaN is in no range
			return fmt.Errorf("airplanes: %s must be from %g to %g, is %g", f.name, f.lo, f.hi, f.v)
		}
	}
	for _, f := range []struct {
		name  string
		d, lo time.Duration
	}{
		{"MinCrossing", c.MinCrossing, time.Millisecond},
		{"MaxCrossing", c.MaxCrossing, c.MinCrossing},
		{"Lead", c.Lead, 0},
	} {
		if f.d < f.lo || f.d > MaxCrossing {
			return fmt.Errorf("airplanes: %s must be from %v to %v, is %v", f.name, f.lo, MaxCrossing, f.d)
		}
	}
	return nil
}
