package airplanes

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"sync"

	"github.com/saccade-dev/saccade/events"
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
const MaxLen = 1 << 24

// Panics of a data set, all mistakes of a programmer.
const (
	PanicIndex   = "airplanes: no recording of this index in the data set"
	PanicWorkers = "airplanes: an iteration needs a worker or more"
)

// labelStream is the second word of the seed that the labels are shuffled with.
const labelStream = 0x6c6162656c73 // "labels"

// NewDataSet makes a data set of n recordings, the classes equally often (the first ones
// once more where n is not a multiple of their number) and in an order drawn from seed.
// Errors are those of the configuration, and an n that is not from 0 to MaxLen.
func NewDataSet(cfg Config, n int, seed uint64) (*DataSet, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if n < 0 || n > MaxLen {
		return nil, fmt.Errorf("airplanes: a data set must have from 0 to %d recordings, not %d", MaxLen, n)
	}
	d := &DataSet{cfg: cfg, seed: seed, classes: make([]Class, n)}
	for i := range d.classes {
		d.classes[i] = Class(i % Classes)
	}
	rand.New(rand.NewPCG(seed, labelStream)).Shuffle(n, func(i, j int) {
		d.classes[i], d.classes[j] = d.classes[j], d.classes[i]
	})
	return d, nil
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
	return func(yield func(Recording, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		jobs := make(chan job)
		ordered := make(chan chan result, 2*workers)
		wg.Go(func() {
			defer close(jobs)
			defer close(ordered)
			d.deal(ctx, jobs, ordered)
		})
		for range min(workers, d.Len()) {
			wg.Go(func() { d.work(ctx, jobs) })
		}
		given := 0
		for out := range ordered {
			r := <-out
			if !yield(r.Recording, r.err) || r.err != nil {
				return
			}
			given++
		}
		if given < d.Len() { // the context was done between two recordings
			yield(Recording{}, ctx.Err())
		}
	}
}

type result struct {
	Recording
	err error
}

type job struct {
	index int
	out   chan result // of one result, so that no worker ever waits for the loop
}

// deal hands every recording to a worker, and its result to the loop in order.
func (d *DataSet) deal(ctx context.Context, jobs chan<- job, ordered chan<- chan result) {
	for i := range d.classes {
		out := make(chan result, 1)
		select {
		case ordered <- out:
		case <-ctx.Done():
			return
		}
		select {
		case jobs <- job{i, out}:
		case <-ctx.Done():
			out <- result{err: ctx.Err()}
			return
		}
	}
}

// work makes recordings, all with one sensor.
func (d *DataSet) work(ctx context.Context, jobs <-chan job) {
	s, err := sensor.New(d.cfg.Geometry, d.cfg.Sensor, d.cfg.Camera)
	for j := range jobs {
		if err != nil {
			j.out <- result{err: err}
			continue
		}
		r, err := d.record(ctx, s, j.index)
		j.out <- result{r, err}
	}
}
