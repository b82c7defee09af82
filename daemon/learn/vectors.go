package learn

import (
	"context"
	"runtime"
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
// pooling raw events. done is called from several goroutines, once a recording.
func Pooled(ctx context.Context, newLayer func() (*feast.Layer, error), config pool.Config,
	recordings []nmnist.Recording, done func(),
) (Vectors, error) {
	v := Vectors{Rows: make([][]float32, len(recordings)), Labels: make([]string, len(recordings))}
	var next, total atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for range min(runtime.GOMAXPROCS(0), max(len(recordings), 1)) {
		g.Go(func() error {
			w, err := newWorker(newLayer, config)
			if err != nil {
				return err
			}
			for i := next.Add(1) - 1; i < int64(len(recordings)); i = next.Add(1) - 1 {
				row, n, err := w.pool(ctx, recordings[i])
				if err != nil {
					return err
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
	err := g.Wait()
	v.Events = total.Load()
	return v, err
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
