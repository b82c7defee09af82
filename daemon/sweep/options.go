package sweep

import (
	"fmt"
	"runtime"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/predict"
	"github.com/saccade-dev/saccade/hw"
)

// Options say what to search.
type Options struct {
	Trials     []feast.Config // no two the same; the first is what the sweep starts from
	Recordings []nmnist.Recording
	// Limit is the most recordings that are learned from and scored, those of a folder
	// with all labels in equal numbers; DefaultLimit if 0, at most predict.MaxPatterns.
	Limit int
	// Halving h, of 2 or more, lets all configurations see 1/h of the recordings first,
	// or 1/(h*h) and so on while each label has 10, and 1/h of the configurations go on.
	// 0 and 1 let all see all.
	Halving int
	Pool    pool.Config // geometry, source and features are the layers'
	Target  hw.Target
	Results string // file to write results to and to go on from
	Jobs    int    // configurations at once, GOMAXPROCS if 0
	// Stage, if set, is told of a part of the work and its number of steps. It gives
	// what is called at each step, from several goroutines, and at its end.
	Stage func(name string, steps int) (step, end func())
}

// DefaultLimit of the recordings that a configuration is judged by.
const DefaultLimit = 1000

// fewest is how many recordings of a label a score is not worth much below.
const fewest = 10

// check fills defaults in and chooses the recordings.
func (o *Options) check() (choice, error) {
	if len(o.Trials) < 1 || len(o.Trials) > MaxTrials {
		return choice{}, fmt.Errorf("%d configurations: expected 1 to %d", len(o.Trials), MaxTrials)
	}
	for _, c := range o.Trials {
		if err := c.Validate(); err != nil {
			return choice{}, err
		}
		if err := learn.PoolConfig(c, o.Pool).Validate(); err != nil {
			return choice{}, err
		}
	}
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	if o.Limit < 1 || o.Limit > predict.MaxPatterns {
		return choice{}, fmt.Errorf("at most %d recordings: expected 1 to %d", o.Limit, predict.MaxPatterns)
	}
	if o.Halving < 0 {
		return choice{}, fmt.Errorf("halving by %d: expected 0 or more", o.Halving)
	}
	if o.Jobs == 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	if o.Jobs < 1 {
		return choice{}, fmt.Errorf("%d configurations at once: expected 1 or more", o.Jobs)
	}
	chosen := choose(o.Recordings, o.Limit)
	for _, c := range o.Trials {
		if n := int64(len(chosen.order)) * int64(patternLen(c, o.Pool)); n > maxEntries {
			return choice{}, fmt.Errorf("%d neurons: the patterns of %d recordings have %d entries: expected at most %d; take larger cells or fewer recordings",
				c.Neurons, len(chosen.order), n, maxEntries)
		}
	}
	return chosen, nil
}

// maxEntries of all patterns of a configuration bound its memory to 1 GiB.
const maxEntries = 1 << 28

// patternLen is the length of a layer's patterns, without making one.
func patternLen(c feast.Config, p pool.Config) int {
	cells := func(side, cell int) int {
		if cell == 0 {
			cell = pool.DefaultCell
		}
		return (side + cell - 1) / cell
	}
	return cells(c.Width, p.CellWidth) * cells(c.Height, p.CellHeight) * c.Features()
}

// poolOf is how patterns are pooled, whatever the layer, with defaults filled in.
func poolOf(o Options) (pool.Config, error) {
	p, err := pool.New(learn.PoolConfig(o.Trials[0], o.Pool))
	if err != nil {
		return pool.Config{}, err
	}
	c := p.Config()
	c.Geometry, c.Features = events.Geometry{}, 0
	return c, nil
}

func (o *Options) stage(name string, steps int) (step, end func()) {
	if o.Stage == nil {
		return func() {}, func() {}
	}
	return o.Stage(name, steps)
}
