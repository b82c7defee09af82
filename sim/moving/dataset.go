package moving

import (
	"context"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/dataset"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// Source gives the images that are recorded.
type Source = digits.Source

// Recording is one labelled recording of a data set.
type Recording struct {
	Index  int
	Label  int // 0 to 9
	Image  digits.Image
	Path   Path           // the ground truth
	Events []events.Event // by time, in us from 0
}

// DataSet is a set of recordings that are made when they are asked for, labelled with
// their digits.
type DataSet = dataset.Set[int, Recording]

// MaxLen is how many recordings a data set may have.
const MaxLen = dataset.MaxLen

// NewDataSet makes a data set of n recordings, the ten digits equally often (the first
// ones once more where n is not a multiple of ten) and in an order drawn from seed.
// Errors are those of the configuration, and an n that is not from 0 to MaxLen; those of
// the source and the sensor come with the recordings.
func NewDataSet(source Source, cfg Config, n int, seed uint64) (*DataSet, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return dataset.New(dataset.Kind[int, Recording]{
		Name: "moving", Classes: digits.Classes,
		Geometry: cfg.Geometry, Sensor: cfg.Sensor, Camera: cfg.Camera,
		Record: func(ctx context.Context, s *sensor.Sensor, d dataset.Draw[int]) (Recording, error) {
			image, err := source.Digit(d.Label, d.RNG)
			if err != nil {
				return Recording{}, err
			}
			r, path, err := record(ctx, s, &image, cfg, d.Seed)
			if err != nil {
				return Recording{}, err
			}
			all, err := events.ReadAll(r)
			return Recording{Index: d.Index, Label: d.Label, Image: image, Path: path, Events: all}, err
		},
	}, n, seed)
}
