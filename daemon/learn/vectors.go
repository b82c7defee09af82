package learn

import (
	"context"
	"sync/atomic"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
)

// Vectors are pooled recordings with their labels.
type Vectors struct {
	Rows   [][]float32
	Labels []string
	Events int64
}

// Described runs recordings through frozen features, on all cores, and describes each
// by a vector. newStack makes layers a core, learning off; it is nil for describing
// raw events. done, which may be nil, is called from several goroutines, once a
// recording.
//
// Rows, labels and the error do not depend on the number of cores: of several
// recordings that cannot be read, the error names the first.
func Described(ctx context.Context, newStack func() (*stack.Stack, error), recipe pool.Recipe,
	recordings []nmnist.Recording, done func(),
) (v Vectors, err error) {
	v = Vectors{Rows: make([][]float32, len(recordings)), Labels: make([]string, len(recordings))}
	var total atomic.Int64
	var open closing
	defer open.close(&err)
	err = OnAllCores(len(recordings), done, func() (func(i int) error, error) {
		w, err := newWorker(&open, newStack, recipe)
		if err != nil {
			return nil, err
		}
		return func(i int) error {
			n, err := w.describe(ctx, recordings[i])
			if err != nil {
				return err
			}
			v.Rows[i], v.Labels[i] = w.descriptor.Vector(make([]float32, w.descriptor.Len())), recordings[i].Label
			total.Add(n)
			return nil
		}, nil
	})
	if err != nil {
		return Vectors{}, err
	}
	v.Events = total.Load()
	return v, nil
}

// worker runs one recording after the other.
type worker struct {
	layers     *stack.Stack // nil for raw events
	join       *pool.Join   // nil where the last layer alone is counted
	descriptor pool.Descriptor
	geometry   events.Geometry
	packet     *events.Packet
	winners    []int16
}

func newWorker(open *closing, newStack func() (*stack.Stack, error), recipe pool.Recipe) (*worker, error) {
	d, err := recipe.New()
	if err != nil {
		return nil, err
	}
	w := &worker{
		descriptor: d,
		geometry:   recipe.Pool.Geometry,
		packet:     events.NewPacket(events.DefaultPacketEvents),
		winners:    make([]int16, events.DefaultPacketEvents),
	}
	if newStack == nil {
		return w, nil
	}
	if w.layers, err = newStack(); err != nil {
		return nil, err
	}
	open.add(w.layers)
	if len(recipe.Layers) == 0 {
		return w, nil
	}
	var features []int
	for _, c := range w.layers.Configs() {
		features = append(features, c.Feast.Features())
	}
	w.join, err = pool.NewJoin(recipe.Layers, features)
	return w, err
}

// describe has the descriptor describe one recording, of n events.
func (w *worker) describe(ctx context.Context, r nmnist.Recording) (n int64, err error) {
	w.descriptor.Reset()
	err = w.run(ctx, r, func(in []events.Event, a pool.Answers) error {
		n += int64(len(in))
		w.descriptor.Add(a.In, a.Winners)
		return nil
	})
	return n, err
}

// run hands a recording's events to do, with the features that are counted of them.
func (w *worker) run(ctx context.Context, r nmnist.Recording, do func(in []events.Event, a pool.Answers) error) error {
	if w.layers != nil {
		w.layers.Reset()
	}
	return each(ctx, r.Path, w.geometry, w.packet, func(in []events.Event) error {
		winners := w.winners[:len(in)]
		if w.layers != nil {
			if err := w.layers.Process(in, winners); err != nil {
				return err
			}
		}
		if w.join == nil {
			return do(in, pool.Single(in, winners))
		}
		return do(in, w.join.Packet(in, func(layer int) []int16 {
			if layer == w.layers.Len()-1 {
				return winners
			}
			return w.layers.Winners(layer)
		}))
	})
}
