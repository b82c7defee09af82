package airplanes

import (
	"context"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// Second words of the random generators' seeds: flight and background are drawn apart, so
// that the same flights can be had before another background.
const (
	flightStream  = 0x666c69676874 // "flight"
	textureStream = 0x67726f756e64 // "ground"
)

// PanicClass is the panic of what is asked for a class that there is not.
const PanicClass = "airplanes: no such class"

// NewReader begins a recording of an aeroplane: an [events.Reader] that simulates as it is
// read, and the flight that it shows. Everything random in it comes from seed. Errors are
// those of the configuration; Read returns ctx's error when it is done. It panics with
// PanicClass for a class that there is not.
func NewReader(ctx context.Context, class Class, c Config, seed uint64) (*sensor.Reader, *Flight, error) {
	if err := c.Validate(); err != nil {
		return nil, nil, err
	}
	s, err := sensor.New(c.Geometry, c.Sensor, c.Camera)
	if err != nil {
		return nil, nil, err
	}
	return record(ctx, s, class, c, seed)
}

// record begins a recording with a sensor that may have been used before.
func record(ctx context.Context, s *sensor.Sensor, class Class, c Config, seed uint64) (*sensor.Reader, *Flight, error) {
	if class >= Classes {
		panic(PanicClass)
	}
	f := newFlight(class, c, rand.New(rand.NewPCG(seed, flightStream)))
	sc := newScene(f, c, rand.New(rand.NewPCG(seed, textureStream)))
	r, err := sensor.NewReader(ctx, s, sc, 0, f.Duration.Microseconds(), seed)
	return r, f, err
}

// Record makes a recording of an aeroplane and gives all of its events, in the order of
// their times, which count in us from 0, and the flight that they show.
func Record(ctx context.Context, class Class, c Config, seed uint64) ([]events.Event, *Flight, error) {
	r, f, err := NewReader(ctx, class, c, seed)
	if err != nil {
		return nil, nil, err
	}
	all, err := events.ReadAll(r)
	return all, f, err
}
