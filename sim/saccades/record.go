package saccades

import (
	"context"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// NewReader begins a recording of an image: an [events.Reader] that simulates as it
// is read. Everything random in it comes from seed. Errors are those of the
// configuration; Read returns ctx's error when it is done.
func NewReader(ctx context.Context, m *digits.Image, c Config, seed uint64) (*sensor.Reader, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s, err := sensor.New(c.Geometry, c.Sensor, c.Camera)
	if err != nil {
		return nil, err
	}
	return record(ctx, s, m, c, seed)
}

// setupStream is the second word of the seed of what differs in the set-up.
const setupStream = 0x7365747570 // "setup"

func record(ctx context.Context, s *sensor.Sensor, m *digits.Image, c Config, seed uint64) (*sensor.Reader, error) {
	rng := rand.New(rand.NewPCG(seed, setupStream))
	spread := func(a float64) float64 { return float64(a * (2*rng.Float64() - 1)) }
	x, y := spread(c.PositionJitter), spread(c.PositionJitter)
	sc := newScreen(c, m, x, y, spread(us(c.OnsetJitter)))
	return sensor.NewReader(ctx, s, sc, 0, c.Duration.Microseconds(), seed)
}

// Record makes a recording of an image and gives all of its events, in the order of
// their times, which count in us from 0.
func Record(ctx context.Context, m *digits.Image, c Config, seed uint64) ([]events.Event, error) {
	r, err := NewReader(ctx, m, c, seed)
	if err != nil {
		return nil, err
	}
	return events.ReadAll(r)
}
