package learn

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
)

// Vectors are pooled recordings with their labels.
type Vectors struct {
	Rows   [][]float32
	Labels []string
	Events int64
}

// Pooled runs recordings through frozen features, on all cores, and pools each
// into a vector. newLayer makes a layer a core, learning off; it is nil for
// pooling raw events. done, which may be nil, is called from several goroutines,
// once a recording.
//
// Rows, labels and the error do not depend on the number of cores: of several
// recordings that cannot be read, the error names the first.
func Pooled(ctx context.Context, newLayer func() (*feast.Layer, error), config pool.Config,
	recordings []nmnist.Recording, done func(),
) (Vectors, error) {
	v := Vectors{Rows: make([][]float32, len(recordings)), Labels: make([]string, len(recordings))}
	var next, total atomic.Int64
	first := failure{at: len(recordings)}
	var workers errgroup.Group
	for range min(runtime.GOMAXPROCS(0), max(len(recordings), 1)) {
		workers.Go(func() error {
			w, err := newWorker(newLayer, config)
			if err != nil {
				return err
			}
			// Recordings are taken in their order, so that whatever comes before a
			// failure has been taken by somebody, who goes on with it.
			for i := int(next.Add(1) - 1); i < first.before(); i = int(next.Add(1) - 1) {
				row, n, err := w.pool(ctx, recordings[i])
				if err != nil {
					first.note(i, err)
					return nil
				}
				v.Rows[i], v.Labels[i] = row, recordings[i].Label
				total.Add(n)
				if done != nil {
					done()
				}
			}
			return nil
		})
	}
	if err := errors.Join(workers.Wait(), first.err); err != nil {
		return Vectors{}, err
	}
	v.Events = total.Load()
	return v, nil
}

// failure is the first of several, by where it happened.
type failure struct {
	mu  sync.Mutex
	at  int
	err error
}

// before is how far there is no failure yet.
func (f *failure) before() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *failure) note(at int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if at < f.at {
		f.at, f.err = at, err
	}
}

// worker pools one recording after the other.
type worker struct {
	layer   *feast.Layer
	counts  *pool.Pool
	packet  *events.Packet
	winners []int16
}

func newWorker(newLayer func() (*feast.Layer, error), config pool.Config) (*worker, error) {
	counts, err := pool.New(config)
	if err != nil {
		return nil, err
	}
	w := &worker{
		counts:  counts,
		packet:  events.NewPacket(events.DefaultPacketEvents),
		winners: make([]int16, events.DefaultPacketEvents),
	}
	if newLayer != nil {
		w.layer, err = newLayer()
	}
	return w, err
}

func (w *worker) pool(ctx context.Context, r nmnist.Recording) (row []float32, n int64, err error) {
	w.counts.Reset()
	if w.layer != nil {
		w.layer.Reset()
	}
	err = each(ctx, r.Path, w.counts.Config().Geometry, w.packet, func(in []events.Event) error {
		n += int64(len(in))
		winners := w.winners[:len(in)]
		if w.layer != nil {
			if err := w.layer.Process(in, winners); err != nil {
				return err
			}
		}
		w.counts.Add(in, winners)
		return nil
	})
	return w.counts.Vector(make([]float32, w.counts.Len())), n, err
}
