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

	// Black and White are the luminances of the screen, ambient light included. A
	// screen's pixel of grey g (0 to 255) has Black + (White-Black)*(g/255)^2: the square is
	// near to the 2.2 of a screen's gamma.
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
			ThresholdOn:      0.24,
			ThresholdOff:     0.225,
			ThresholdSigma:   0.032,
			Refractory:       1500 * time.Microsecond,
			RefractorySpread: 1370 * time.Microsecond,
			Cutoff:           61,
			Dark:             1,
			LeakRate:         0.25,
			NoiseRate:        0.19,
			NoiseOn:          0.9,
			HotShare:         0.003,
			HotRate:          20,
			Step:             time.Millisecond,
		},
		Black:    13,
		White:    100,
		Inverted: true,
		Blur:     0.42,
		X:        0.17,
		Y:        1.47,
		Motion: []Movement{
			// Down, and while it slows down to the right.
			{Start: 4 * time.Millisecond, Duration: 67 * time.Millisecond, Rise: 0.64, Fall: 0.29, Y: 4.9},
			{Start: 38 * time.Millisecond, Duration: 49 * time.Millisecond, Rise: 0.35, Fall: 0.59, X: 2.24},
			// Up, and slowly on to the right, where it arrives after a pause.
			{Start: 93 * time.Millisecond, Duration: 86 * time.Millisecond, Rise: 0.53, Fall: 0.09, X: 2.82},
			{Start: 116 * time.Millisecond, Duration: 66 * time.Millisecond, Rise: 0.42, Fall: 0.36, Y: -4.9},
			{Start: 187 * time.Millisecond, Duration: 33 * time.Millisecond, Rise: 0.11, Fall: 0.48, X: 0.59},
			// Back to the left.
			{Start: 218 * time.Millisecond, Duration: 81 * time.Millisecond, Rise: 0.29, Fall: 0.62, X: -5.07},
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
	for _, f := range []struct {
		name string
		d    time.Duration
	}{{"Duration", c.Duration}, {"OnsetJitter", c.OnsetJitter}} {
		if f.d < 0 || f.d > MaxDuration {
			return fmt.Errorf("saccades: %s must be from 0 to %v, is %v", f.name, MaxDuration, f.d)
		}
	}
	if len(c.Motion) > MaxMovements {
		return fmt.Errorf("saccades: Motion must have up to %d movements, has %d", MaxMovements, len(c.Motion))
	}
	for i, s := range c.Motion {
		if err := s.validate(); err != nil {
			return fmt.Errorf("saccades: Motion, movement %d: %w", i, err)
		}
	}
	return nil
}

func (s Movement) validate() error {
	if s.Start < 0 || s.Start > MaxDuration {
		return fmt.Errorf("Start must be from 0 to %v, is %v", MaxDuration, s.Start)
	}
	if s.Duration <= 0 || s.Duration > MaxDuration {
		return fmt.Errorf("Duration must be above 0 and up to %v, is %v", MaxDuration, s.Duration)
	}
	for _, f := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"Rise", s.Rise, 0, 1},
		{"Fall", s.Fall, 0, 1 - s.Rise},
		{"X", s.X, -MaxTravel, MaxTravel},
		{"Y", s.Y, -MaxTravel, MaxTravel},
	} {
		if err := within(f.name, f.v, f.lo, f.hi); err != nil {
			return err
		}
	}
	return nil
}

func within(name string, v, lo, hi float64) error {
	if !(v >= lo && v <= hi) { // NaN is in no range
		return fmt.Errorf("%s must be from %g to %g, is %g", name, lo, hi, v)
	}
	return nil
}
