package moving

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/dataset"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/sensor"
)

// Source gives images of digits: [digits.Fonts] and [digits.MNIST] are sources. Digit
// gives an image of label (0 to 9) that depends on rng and on nothing else that
// changes. It is called from several goroutines at once.
type Source interface {
	Digit(label int, rng *rand.Rand) (digits.Image, error)
}

// Recording is one labelled recording of a data set.
type Recording struct {
	Index  int
	Label  int // 0 to 9
	Image  digits.Image
	Path   Path           // the ground truth
	Events []events.Event // by time, in us from 0
}

// DataSet is a set of recordings that are made when they are asked for. It is
// immutable and may be used from any number of goroutines.
type DataSet struct {
	source Source
	cfg    Config
	seed   uint64
	labels []uint8
}

// MaxLen is how many recordings a data set may have.
const MaxLen = dataset.MaxLen

// Panics of a data set, all mistakes of a programmer.
const (
	PanicIndex   = "moving: no recording of this index in the data set"
	PanicWorkers = "moving: an iteration needs a worker or more"
)

// NewDataSet makes a data set of n recordings, the ten digits equally often (the first
// ones once more where n is not a multiple of ten) and in an order drawn from seed.
// Errors are those of the configuration, and an n that is not from 0 to MaxLen.
func NewDataSet(source Source, cfg Config, n int, seed uint64) (*DataSet, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	labels, err := dataset.Labels[uint8](n, digits.Classes, seed)
	if err != nil {
		return nil, fmt.Errorf("moving: %w", err)
	}
	return &DataSet{source: source, cfg: cfg, seed: seed, labels: labels}, nil
}

// Len is the number of recordings.
func (d *DataSet) Len() int { return len(d.labels) }

// Label is the label of recording i. It panics with PanicIndex for an i that is not
// from 0 to Len()-1.
func (d *DataSet) Label(i int) int {
	if i < 0 || i >= len(d.labels) {
		panic(PanicIndex)
	}
	return int(d.labels[i])
}

// Recording makes recording i. It panics with PanicIndex for an i that is not from 0
// to Len()-1. Errors are those of the source and the sensor, and ctx's when it is done.
func (d *DataSet) Recording(ctx context.Context, i int) (Recording, error) {
	_ = d.Label(i) // an index that there is not panics before anything is made
	s, err := sensor.New(d.cfg.Geometry, d.cfg.Sensor, d.cfg.Camera)
	if err != nil {
		return Recording{}, err
	}
	return d.record(ctx, s, i)
}

// record makes a recording with a sensor that may have been used before.
func (d *DataSet) record(ctx context.Context, s *sensor.Sensor, i int) (Recording, error) {
	rng := rand.New(rand.NewPCG(d.seed, uint64(i)))
	out := Recording{Index: i, Label: d.Label(i)}
	seed := rng.Uint64()
	var err error
	if out.Image, err = d.source.Digit(out.Label, rng); err != nil {
		return Recording{}, fmt.Errorf("moving: recording %d: %w", i, err)
	}
	r, p, err := record(ctx, s, &out.Image, d.cfg, seed)
	if err != nil {
		return Recording{}, fmt.Errorf("moving: recording %d: %w", i, err)
	}
	out.Path = p
	if out.Events, err = events.ReadAll(r); err != nil {
		return Recording{}, fmt.Errorf("moving: recording %d: %w", i, err)
	}
	return out, nil
}

// All gives all recordings in the order of their indices, made by as many goroutines
// as workers says and at most two a worker ahead of what has been asked for. The first
// error, ctx's among them, ends the iteration. When the loop over it ends, early or
// not, its goroutines have ended. It panics with PanicWorkers for fewer than one
// worker.
func (d *DataSet) All(ctx context.Context, workers int) iter.Seq2[Recording, error] {
	if workers < 1 {
		panic(PanicWorkers)
	}
	return dataset.All(ctx, d.Len(), workers, func() (func(context.Context, int) (Recording, error), error) {
		s, err := sensor.New(d.cfg.Geometry, d.cfg.Sensor, d.cfg.Camera)
		return func(ctx context.Context, i int) (Recording, error) { return d.record(ctx, s, i) }, err
	})
}
