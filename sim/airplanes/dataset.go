package airplanes

import (
	"context"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/dataset"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// Recording is one labelled recording of a data set.
type Recording struct {
	Index  int
	Flight *Flight        // the ground truth, the class among it
	Events []events.Event // by time, in us from 0
}

// DataSet is a set of recordings that are made when they are asked for, labelled with
// what they show.
type DataSet = dataset.Set[Class, Recording]

// MaxLen is how many recordings a data set may have.
const MaxLen = dataset.MaxLen

// NewDataSet makes a data set of n recordings, the classes equally often (the first ones
// once more where n is not a multiple of their number) and in an order drawn from seed.
// Errors are those of the configuration, and an n that is not from 0 to MaxLen; those of
// the sensor come with the recordings.
func NewDataSet(cfg Config, n int, seed uint64) (*DataSet, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return dataset.New(dataset.Kind[Class, Recording]{
		Name: "airplanes", Classes: Classes,
		Geometry: cfg.Geometry, Sensor: cfg.Sensor, Camera: cfg.Camera,
		Record: func(ctx context.Context, s *sensor.Sensor, d dataset.Draw[Class]) (Recording, error) {
			r, f, err := record(ctx, s, d.Label, cfg, d.Seed)
			if err != nil {
				return Recording{}, err
			}
			all, err := events.ReadAll(r)
			return Recording{Index: d.Index, Flight: f, Events: all}, err
		},
	}, n, seed)
}
