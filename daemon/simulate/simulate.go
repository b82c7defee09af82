package simulate

import (
	"context"
	"iter"
	"runtime"
	"strconv"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// Options say what to write of digits.
type Options struct {
	// Dir is made where it is not there. It must not hold recordings already: a
	// folder of two simulations is one of neither.
	Dir         string
	Train, Test int // recordings in each half
	Seed        uint64
	Source      saccades.Source
	Config      saccades.Config
	Done        func() // called for each recording, from one goroutine; may be nil
}

// Write writes both halves, encoded as N-MNIST is, and gives the number of events. The
// halves are drawn from different seeds; whatever the number of cores, the files are the
// same for the options. When ctx ends, what was written stays.
func Write(ctx context.Context, o Options) (int64, error) {
	format, err := events.FormatByName(nmnist.Name)
	if err != nil {
		return 0, err
	}
	f := folder{dir: o.Dir, format: format, geometry: o.Config.Geometry, done: o.Done}
	return f.write(o.Train, o.Test, func(half, n int) (iter.Seq2[file, error], error) {
		set, err := saccades.NewDataSet(o.Source, o.Config, n, halfSeed(o.Seed, half))
		if err != nil {
			return nil, err
		}
		return func(yield func(file, error) bool) {
			for r, err := range set.All(ctx, runtime.GOMAXPROCS(0)) {
				if !yield(file{index: r.Index, label: strconv.Itoa(r.Label), events: r.Events}, err) {
					return
				}
			}
		}, nil
	})
}
