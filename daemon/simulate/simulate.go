// Package simulate writes folders of simulated recordings, laid out and encoded as
// N-MNIST is: Train/<digit>/<number>.bin and Test/<digit>/<number>.bin.
package simulate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// Options say what to write.
type Options struct {
	Dir         string
	Train, Test int // recordings in each half
	Seed        uint64
	Source      saccades.Source
	Config      saccades.Config
	Done        func() // called for each recording, from one goroutine; may be nil
}

// Write writes both halves. They are drawn from different seeds; whatever the
// number of cores, the files are the same for the options. It gives the number of
// events.
func Write(ctx context.Context, o Options) (int64, error) {
	format, err := events.FormatByName(nmnist.Name)
	if err != nil {
		return 0, err
	}
	var total int64
	for half, part := range []struct {
		name string
		n    int
	}{{"Train", o.Train}, {"Test", o.Test}} {
		set, err := saccades.NewDataSet(o.Source, o.Config, part.n, o.Seed*2+uint64(half))
		if err != nil {
			return total, err
		}
		for r, err := range set.All(ctx, runtime.GOMAXPROCS(0)) {
			if err != nil {
				return total, err
			}
			dir := filepath.Join(o.Dir, part.name, strconv.Itoa(r.Label))
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return total, err
			}
			path := filepath.Join(dir, fmt.Sprintf("%05d%s", r.Index, format.Extension))
			if err := writeFile(path, format, o.Config.Geometry, r.Events); err != nil {
				return total, err
			}
			total += int64(len(r.Events))
			if o.Done != nil {
				o.Done()
			}
		}
	}
	return total, nil
}

func writeFile(path string, format *events.Format, g events.Geometry, in []events.Event) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := format.NewWriter(f, events.Header{Format: format.Name, Geometry: g})
	if err != nil {
		return err
	}
	return errors.Join(w.Write(in), w.Close())
}
