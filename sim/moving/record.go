package moving

import (
	"context"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// pathStream is the second word of the seed that paths are drawn with.
const pathStream = 0x70617468 // "path"

// NewReader begins a recording of an image: an [events.Reader] that simulates as it is
// read, and the path that the image takes. Everything random in it comes from seed. Errors
// are those of the configuration; Read returns ctx's error when it is done.
func NewReader(ctx context.Context, m *digits.Image, c Config, seed uint64) (*sensor.Reader, Path, error) {
	if err := c.Validate(); err != nil {
		return nil, Path{}, err
	}
	s, err := sensor.New(c.Geometry, c.Sensor, c.Camera)
	if err != nil {
		return nil, Path{}, err
	}
	return record(ctx, s, m, c, seed)
}

// record begins a recording with a sensor that may have been used before.
func record(ctx context.Context, s *sensor.Sensor, m *digits.Image, c Config, seed uint64) (*sensor.Reader, Path, error) {
	p := newPath(c, rand.New(rand.NewPCG(seed, pathStream)))
	r, err := sensor.NewReader(ctx, s, newScene(c, m, p), 0, c.Duration.Microseconds(), seed)
	return r, p, err
}

// Record makes a recording of an image and gives all of its events, in the order of
// their times, which count in us from 0, and the path that the image takes.
func Record(ctx context.Context, m *digits.Image, c Config, seed uint64) ([]events.Event, Path, error) {
	r, p, err := NewReader(ctx, m, c, seed)
	if err != nil {
		return nil, Path{}, err
	}
	all, err := events.ReadAll(r)
	return all, p, err
}
