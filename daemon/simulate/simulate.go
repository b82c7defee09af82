package simulate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	// Dir is made where it is not there. It must not hold recordings already: a
	// folder of two simulations is one of neither.
	Dir         string
	Train, Test int // recordings in each half
	Seed        uint64
	Source      saccades.Source
	Config      saccades.Config
	Done        func() // called for each recording, from one goroutine; may be nil
}

// halves of a data set, as N-MNIST names them.
var halves = []string{"Train", "Test"}

// Write writes both halves and gives the number of events. The halves are drawn
// from different seeds; whatever the number of cores, the files are the same for
// the options. When ctx ends, what was written stays.
func Write(ctx context.Context, o Options) (int64, error) {
	format, err := events.FormatByName(nmnist.Name)
	if err != nil {
		return 0, err
	}
	for _, half := range halves {
		if err := unused(filepath.Join(o.Dir, half)); err != nil {
			return 0, err
		}
	}
	var total int64
	for half, n := range []int{o.Train, o.Test} {
		set, err := saccades.NewDataSet(o.Source, o.Config, n, o.Seed*2+uint64(half))
		if err != nil {
			return total, err
		}
		// Also a half without recordings has its folder.
		if err := os.MkdirAll(filepath.Join(o.Dir, halves[half]), 0o777); err != nil {
			return total, err
		}
		for r, err := range set.All(ctx, runtime.GOMAXPROCS(0)) {
			if err != nil {
				return total, err
			}
			dir := filepath.Join(o.Dir, halves[half], strconv.Itoa(r.Label))
			if err := os.MkdirAll(dir, 0o777); err != nil {
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

// unused tells whether a folder is not there, or empty.
func unused(dir string) error {
	found, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(found) > 0:
		return fmt.Errorf("%s: expected no recordings yet, found %s: take another folder, or remove this one", dir, found[0].Name())
	}
	return nil
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
