package airplanes

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"

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

// DataSet is a set of recordings that are made when they are asked for. It is immutable
// and may be used from any number of goroutines.
type DataSet struct {
	cfg     Config
	seed    uint64
	classes []Class
}

// MaxLen is how many recordings a data set may have.
const MaxLen = dataset.MaxLen

// Panics of a data set, all mistakes of a programmer.
const (
	PanicIndex   = "airplanes: no recording of this index in the data set"
	PanicWorkers = "airplanes: an iteration needs a worker or more"
)

// NewDataSet makes a data set of n recordings, the classes equally often (the first ones
// once more where n is not a multiple of their number) and in an order drawn from seed.
// Errors are those of the configuration, and an n that is not from 0 to MaxLen.
func NewDataSet(cfg Config, n int, seed uint64) (*DataSet, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	classes, err := dataset.Labels[Class](n, Classes, seed)
	if err != nil {
		return nil, fmt.Errorf("airplanes: %w", err)
	}
	return &DataSet{cfg: cfg, seed: seed, classes: classes}, nil
}

// Len is the number of recordings.
func (d *DataSet) Len() int { return len(d.classes) }

// Class is what recording i shows. It panics with PanicIndex for an i that is not from 0
// to Len()-1.
func (d *DataSet) Class(i int) Class {
	if i < 0 || i >= len(d.classes) {
		panic(PanicIndex)
	}
	return d.classes[i]
}

// Recording makes recording i. It panics with PanicIndex for an i that is not from 0 to
// Len()-1. Errors are those of the sensor, and ctx's when it is done.
func (d *DataSet) Recording(ctx context.Context, i int) (Recording, error) {
	_ = d.Class(i) // an index that there is not panics before anything is made
	s, err := sensor.New(d.cfg.Geometry, d.cfg.Sensor, d.cfg.Camera)
	if err != nil {
		return Recording{}, err
	}
	return d.record(ctx, s, i)
}

// record makes a recording with a sensor that may have been used before.
func (d *DataSet) record(ctx context.Context, s *sensor.Sensor, i int) (Recording, error) {
	seed := rand.New(rand.NewPCG(d.seed, uint64(i))).Uint64()
	r, f, err := record(ctx, s, d.classes[i], d.cfg, seed)
	if err != nil {
		return Recording{}, fmt.Errorf("airplanes: recording %d: %w", i, err)
	}
	all, err := events.ReadAll(r)
	if err != nil {
		return Recording{}, fmt.Errorf("airplanes: recording %d: %w", i, err)
	}
	return Recording{Index: i, Flight: f, Events: all}, nil
}

// All gives all recordings in the order of their indices, made by as many goroutines as
// workers says and at most two a worker ahead of what has been asked for. The first
// error, ctx's among them, ends the iteration. When the loop over it ends, early or not,
// its goroutines have ended. It panics with PanicWorkers for fewer than one worker.
func (d *DataSet) All(ctx context.Context, workers int) iter.Seq2[Recording, error] {
	if workers < 1 {
		panic(PanicWorkers)
	}
	return dataset.All(ctx, d.Len(), workers, func() (func(context.Context, int) (Recording, error), error) {
		s, err := sensor.New(d.cfg.Geometry, d.cfg.Sensor, d.cfg.Camera)
		return func(ctx context.Context, i int) (Recording, error) { return d.record(ctx, s, i) }, err
	})
}
