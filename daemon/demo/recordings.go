package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/daemon/survey"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/inspect"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// The halves of a data set, as N-MNIST names them.
const (
	trainHalf = "Train"
	testHalf  = "Test"
)

// recordings gives the recordings of both halves, which it simulates in a folder
// if that is what is asked for. They are such that the story can be told with
// them: nobody shall wait for minutes to be told that the last of them is damaged.
func (o *Options) recordings(ctx context.Context, folder string) (train, test []replay.Source, err error) {
	dir := o.Data
	if dir == "" {
		if err := o.simulate(ctx, folder); err != nil {
			return nil, nil, fmt.Errorf("simulating recordings: %w", err)
		}
		dir = folder
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, nil, err
	}
	for _, half := range []string{trainHalf, testHalf} {
		if _, err := os.Stat(filepath.Join(dir, half)); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("%s: expected recordings as Train/<label>/<name>.bin and Test/<label>/<name>.bin, found no folder %s", dir, half)
		}
	}
	if train, err = half(dir, trainHalf, o.Train, o.Seed); err != nil {
		return nil, nil, err
	}
	if test, err = half(dir, testHalf, o.Test, o.Seed); err != nil {
		return nil, nil, err
	}
	if err := enough(train, test); err != nil {
		return nil, nil, err
	}
	if o.Data != "" {
		err = o.check(ctx, slices.Concat(train, test))
	}
	return train, test, err
}

func (o *Options) simulate(ctx context.Context, dir string) error {
	stage := o.Stage("simulating recordings")
	defer stage.End()
	done := 0
	stage.Set(done, o.Train+o.Test)
	_, err := simulate.Write(ctx, simulate.Options{
		Dir: dir, Train: o.Train, Test: o.Test, Seed: o.Seed,
		Source: o.Source, Config: saccades.DefaultConfig(),
		Done: func() { done++; stage.Set(done, o.Train+o.Test) },
	})
	return err
}

// half lists the recordings of one half, at most so many if most is not 0.
func half(dir, name string, most int, seed uint64) ([]replay.Source, error) {
	sources, err := replay.Sources([]string{filepath.Join(dir, name)})
	if err != nil {
		return nil, err
	}
	for i := range sources {
		if sources[i].Truth == "" {
			return nil, fmt.Errorf("%s: expected it in a folder that is its label, as in N-MNIST", sources[i].Path)
		}
		sources[i].Recording = name + "/" + sources[i].Recording
	}
	// Not one label after the other.
	replay.Shuffle(sources, seed)
	return survey.Evenly(sources, truth, most), nil
}

// truth is the label of a recording.
func truth(s replay.Source) string { return s.Truth }

// enough tells whether a readout can be trained on one half and judged by the other.
func enough(train, test []replay.Source) error {
	known := map[string]int{}
	for _, s := range train {
		known[s.Truth]++
	}
	if len(known) < 2 {
		return fmt.Errorf("%s: expected recordings of two labels or more, found %d", trainHalf, len(known))
	}
	for _, label := range slices.Sorted(maps.Keys(known)) {
		if known[label] < 2 {
			return fmt.Errorf("%s: expected two recordings or more of each label to train on, found one of %s among %d", trainHalf, label, len(train))
		}
	}
	for _, s := range test {
		if known[s.Truth] == 0 {
			return fmt.Errorf("%s: label %s is not among those to train on: %s has %v", s.Recording, s.Truth, trainHalf, slices.Sorted(maps.Keys(known)))
		}
	}
	return nil
}

// maxTold is how many damaged recordings an error names.
const maxTold = 5

// check reads every recording once, which is quick beside what follows.
func (o *Options) check(ctx context.Context, sources []replay.Source) error {
	stage := o.Stage("checking recordings")
	defer stage.End()
	stage.Set(0, len(sources))
	var told []error
	damaged := 0
	for i, s := range sources {
		if err := o.checkOne(ctx, s.Path); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if damaged++; len(told) < maxTold {
				told = append(told, err)
			}
		}
		stage.Set(i+1, len(sources))
	}
	if damaged > len(told) {
		told = append(told, fmt.Errorf("and %d more", damaged-len(told)))
	}
	if damaged > 0 {
		return fmt.Errorf("%d of %d recordings cannot be used:\n%w", damaged, len(sources), errors.Join(told...))
	}
	return nil
}

func (o *Options) checkOne(ctx context.Context, path string) error {
	s, err := inspect.File(ctx, path, events.OpenOptions{}, false)
	switch {
	case err != nil:
		return err
	case s.Events == 0:
		return fmt.Errorf("%s: the recording has no events", path)
	case !o.Geometry.Contains(s.MaxX, s.MaxY):
		return fmt.Errorf("%s: events reach x %d, y %d, beyond %dx%d pixels: give the sensor's size with --geometry",
			path, s.MaxX, s.MaxY, o.Geometry.Width, o.Geometry.Height)
	}
	return nil
}
