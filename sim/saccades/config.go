package saccades

import (
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// Limits of a configuration.
const (
	MaxMovements = 1024
	MaxDuration  = time.Hour
	MaxBlur      = 8    // pixels
	MaxTravel    = 4096 // pixels
)

// Movement is one movement: the image goes from where it is to X pixels further
// right and Y pixels further down on the sensor. A camera that turns left moves
// the image right. The velocity rises evenly, stays, and falls evenly, as that of
// a motor with limits to its velocity and acceleration.
type Movement struct {
	Start    time.Duration // from the beginning of the recording
	Duration time.Duration
	Rise     float64 // share of the duration in which the velocity rises
	Fall     float64 // share of the duration in which it falls; Rise+Fall is at most 1
	X, Y     float64 // pixels
}

// Config describes a recording set-up: camera, screen and movement.
type Config struct {
	Geometry events.Geometry // of the sensor, or of the part of it that is kept
	Sensor   sensor.Config
	// Camera is the seed of the sensor's pixels: recordings with one Camera are
	// made with one and the same sensor.
	Camera uint64

	// Black and White are the luminances of the screen, ambient light included; what
	// is between them in the image is between them on the screen, in proportion. (A
	// screen's gamma fits the recordings of N-MNIST less well.)
	Black, White float64
	// Inverted shows the digit dark on a bright ground.
	Inverted bool
	// Blur is the deviation of the optics' and the pixels' point spread, in pixels.
	Blur float64

	X, Y     float64 // where the image's top left corner lies at first, in pixels
	Motion   []Movement
	Duration time.Duration // of the recording

	// What differs from recording to recording, drawn evenly to either side.
	PositionJitter float64       // pixels, in X and in Y
	OnsetJitter    time.Duration // of the start of all saccades together
}

// DefaultConfig is N-MNIST's set-up, with a sensor, a screen and a movement fitted
// to the recordings of its training set.
func DefaultConfig() Config {
	return Config{
		Geometry: events.Geometry{Width: 34, Height: 34},
		Sensor: sensor.Config{
			ThresholdOn:      0.304,
			ThresholdOff:     0.289,
			ThresholdSigma:   0.03,
			Refractory:       700 * time.Microsecond,
			RefractorySpread: 350 * time.Microsecond,
			Cutoff:           80,
			Dark:             1,
			LeakRate:         0.25,
			NoiseRate:        0.19,
			NoiseOn:          0.9,
			HotShare:         0.003,
			HotRate:          20,
			Step:             time.Millisecond,
		},
		Black:    5,
		White:    100,
		Inverted: true,
		Blur:     0.41,
		X:        0.31,
		Y:        1.5,
		Motion: []Movement{
			// Down, and as it slows down to the right.
			{Start: 3 * time.Millisecond, Duration: 69 * time.Millisecond, Rise: 0.61, Fall: 0.33, Y: 4.9},
			{Start: 36 * time.Millisecond, Duration: 51 * time.Millisecond, Rise: 0.35, Fall: 0.47, X: 2.04},
			// Up, and slowly on to the right, where it arrives after a pause.
			{Start: 94 * time.Millisecond, Duration: 85 * time.Millisecond, Rise: 0.59, Fall: 0.13, X: 3.05},
			{Start: 116 * time.Millisecond, Duration: 66 * time.Millisecond, Rise: 0.53, Fall: 0.41, Y: -4.9},
			{Start: 184 * time.Millisecond, Duration: 37 * time.Millisecond, Rise: 0, Fall: 0.26, X: 0.43},
			// Back to the left.
			{Start: 218 * time.Millisecond, Duration: 82 * time.Millisecond, Rise: 0.28, Fall: 0.61, X: -4.84},
		},
		Duration:       310 * time.Millisecond,
		PositionJitter: 0.5,
		OnsetJitter:    4 * time.Millisecond,
	}
}

// Validate tells what about the configuration cannot be recorded.
func (c Config) Validate() error {
	if !c.Geometry.Valid() {
		return fmt.Errorf("saccades: Geometry must have sides from 1 to %d, is %dx%d", events.MaxSide, c.Geometry.Width, c.Geometry.Height)
	}
	if err := c.Sensor.Validate(); err != nil {
		return fmt.Errorf("saccades: Sensor: %w", err)
	}
	for _, f := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"Black", c.Black, 0, sensor.MaxLuminance},
		{"White", c.White, 0, sensor.MaxLuminance},
		{"Blur", c.Blur, 0, MaxBlur},
		{"X", c.X, -MaxTravel, MaxTravel},
		{"Y", c.Y, -MaxTravel, MaxTravel},
		{"PositionJitter", c.PositionJitter, 0, MaxTravel},
	} {
		if err := within(f.name, f.v, f.lo, f.hi); err != nil {
			return err
		}
	}
	if err := lasts("Duration", c.Duration, 0); err != nil {
		return err
	}
	if err := lasts("OnsetJitter", c.OnsetJitter, 0); err != nil {
		return err
	}
	if len(c.Motion) > MaxMovements {
		return fmt.Errorf("saccades: Motion must have up to %d movements, has %d", MaxMovements, len(c.Motion))
	}
	for i, m := range c.Motion {
		if err := m.validate(fmt.Sprintf("Motion[%d].", i)); err != nil {
			return err
		}
	}
	return nil
}

// validate checks a movement; its fields are called by their names behind prefix.
func (m Movement) validate(prefix string) error {
	if err := lasts(prefix+"Start", m.Start, 0); err != nil {
		return err
	}
	if err := lasts(prefix+"Duration", m.Duration, time.Microsecond); err != nil {
		return err
	}
	for _, f := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"Rise", m.Rise, 0, 1},
		{"Fall", m.Fall, 0, 1 - m.Rise},
		{"X", m.X, -MaxTravel, MaxTravel},
		{"Y", m.Y, -MaxTravel, MaxTravel},
	} {
		if err := within(prefix+f.name, f.v, f.lo, f.hi); err != nil {
			return err
		}
	}
	return nil
}

func lasts(name string, d, least time.Duration) error {
	if d < least || d > MaxDuration {
		return fmt.Errorf("saccades: %s must be from %v to %v, is %v", name, least, MaxDuration, d)
	}
	return nil
}

func within(name string, v, lo, hi float64) error {
	if !(v >= lo && v <= hi) { // NaN is in no range
		return fmt.Errorf("saccades: %s must be from %g to %g, is %g", name, lo, hi, v)
	}
	return nil
}
