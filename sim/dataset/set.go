package dataset

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/sim/sensor"
)

// Panics of the package, all mistakes of a programmer.
const (
	PanicIndex   = "dataset: no recording of this index in the data set"
	PanicWorkers = "dataset: an iteration needs a worker or more"
	PanicClasses = "dataset: a data set must have from 1 to 256 classes"
)

// Set is a data set of recordings that are made when they are asked for. It is immutable
// and may be used from any number of goroutines.
type Set[L Label, R any] struct {
	kind   Kind[L, R]
	seed   uint64
	labels []uint8 // a byte each, whatever L is: there may be MaxLen of them
}

// New makes a data set of n recordings, the labels equally often (the first ones once
// more where n is not a multiple of their number) and in an order drawn from seed. An n
// that is not from 0 to MaxLen is an error. It panics with PanicClasses for a number of
// classes that is not from 1 to MaxClasses.
func New[L Label, R any](k Kind[L, R], n int, seed uint64) (*Set[L, R], error) {
	if k.Classes < 1 || k.Classes > MaxClasses {
		panic(PanicClasses)
	}
	labels, err := shuffled(n, k.Classes, seed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.Name, err)
	}
	return &Set[L, R]{kind: k, seed: seed, labels: labels}, nil
}

// Len is the number of recordings.
func (d *Set[L, R]) Len() int { return len(d.labels) }

// Label is the label of recording i. It panics with PanicIndex for an i that is not
// from 0 to Len()-1.
func (d *Set[L, R]) Label(i int) L {
	if i < 0 || i >= len(d.labels) {
		panic(PanicIndex)
	}
	return L(d.labels[i])
}

// Recording makes recording i. It panics with PanicIndex for an i that is not from 0 to
// Len()-1. Errors are those of the kind's sensor and of its Record, which say which
// recording could not be made; ctx's is among them when it is done.
func (d *Set[L, R]) Recording(ctx context.Context, i int) (R, error) {
	record, err := d.worker()
	if err != nil {
		var none R
		return none, err
	}
	return record(ctx, i)
}

// All gives all recordings in the order of their indices, made by as many goroutines as
// workers says and at most two a worker ahead of what has been asked for. The first
// error, ctx's among them, ends the iteration. When the loop over it ends, early or not,
// its goroutines have ended. It panics with PanicWorkers for fewer than one worker.
func (d *Set[L, R]) All(ctx context.Context, workers int) iter.Seq2[R, error] {
	return All(ctx, d.Len(), workers, d.worker)
}

// worker gives what makes the recordings of one goroutine, with a sensor of its own.
func (d *Set[L, R]) worker() (func(context.Context, int) (R, error), error) {
	s, err := sensor.New(d.kind.Geometry, d.kind.Sensor, d.kind.Camera)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.kind.Name, err)
	}
	return func(ctx context.Context, i int) (R, error) {
		rng := rand.New(rand.NewPCG(d.seed, uint64(i)))
		// The seed is drawn before Record draws anything: it is the same whatever that is.
		r, err := d.kind.Record(ctx, s, Draw[L]{Index: i, Label: d.Label(i), Seed: rng.Uint64(), RNG: rng})
		if err != nil {
			var none R
			return none, fmt.Errorf("%s: recording %d: %w", d.kind.Name, i, err)
		}
		return r, nil
	}, nil
}
