package learn

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
)

// Decision is what a recording was taken for when a share of it had been seen.
type Decision struct {
	Time       int64 // of the share, microseconds since the first event
	Events     int64 // seen by then
	Class      int   // index into the readout's classes
	Confidence float64
}

// Decisions follows recordings with a model and decides on each when shares of its
// time have been seen, from above 0 to 1 in ascending order: a row a recording, an
// entry a share. Confidences are the model's schedule's, where it has one. done,
// which may be nil, is called from several goroutines, once a recording.
//
// An event belongs to a share if it comes, in the order of the recording, before
// every event whose time is beyond it.
func Decisions(ctx context.Context, m *model.Model, target hw.Target, recordings []nmnist.Recording,
	shares []float64, done func(),
) (_ [][]Decision, err error) {
	for i, s := range shares {
		if !(s > 0 && s <= 1) || i > 0 && s <= shares[i-1] {
			return nil, fmt.Errorf("learn: shares %v: expected ascending ones above 0 and up to 1", shares)
		}
	}
	out := make([][]Decision, len(recordings))
	var open closing
	defer open.close(&err)
	err = OnAllCores(len(recordings), done, func() (func(i int) error, error) {
		w, err := newWorker(&open, func() (*stack.Stack, error) { return m.Stack(target) }, m.Recipe())
		if err != nil {
			return nil, err
		}
		r, err := readout.NewRunning(m.Readout, w.descriptor, m.Schedule, 0)
		if err != nil {
			return nil, err
		}
		return func(i int) error {
			r.Reset()
			out[i], err = w.follow(ctx, recordings[i], r, shares)
			return err
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// follow decides on one recording, which is read twice: how long it is shows at its
// end only.
func (w *worker) follow(ctx context.Context, rec nmnist.Recording, r *readout.Running, shares []float64) ([]Decision, error) {
	first, last, seen := int64(0), int64(math.MinInt64), int64(0)
	err := each(ctx, rec.Path, w.geometry, w.packet, func(in []events.Event) error {
		for _, e := range in {
			if seen == 0 {
				first = e.T
			}
			last = max(last, e.T)
			seen++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ends := make([]int64, len(shares))
	for i, s := range shares {
		ends[i] = int64(s * float64(last-first))
	}
	var out []Decision
	seen = 0
	decide := func() error {
		class, confidence, err := r.Decide()
		out = append(out, Decision{Time: ends[len(out)], Events: seen, Class: class, Confidence: confidence})
		return err
	}
	err = w.run(ctx, rec, func(in []events.Event, a pool.Answers) error {
		for len(in) > 0 {
			n := len(in)
			if len(out) < len(ends) {
				beyond := slices.IndexFunc(in, func(e events.Event) bool { return e.T-first > ends[len(out)] })
				if beyond == 0 {
					if err := decide(); err != nil {
						return err
					}
					continue
				}
				if beyond > 0 {
					n = beyond
				}
			}
			now := a.Part(0, n)
			r.Add(now.In, now.Winners)
			seen += int64(n)
			in, a = in[n:], a.Part(n, len(in))
		}
		return nil
	})
	for err == nil && len(out) < len(ends) {
		err = decide()
	}
	return out, err
}
