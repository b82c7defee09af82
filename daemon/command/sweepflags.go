package command

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/daemon/sweep"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/predict"
)

// sweepFlags say how to search for parameters. Without --sweep none of them may be
// given.
type sweepFlags struct {
	Sweep   bool      `help:"Search for the parameters whose features separate the labels best, without training a readout, and learn with these."`
	Vary    []string  `help:"A parameter and its values: a list (neurons=8,16,32), a range (tau=5ms..50ms) or so many values of one (eta=0.001..0.1/5). May be repeated; what is not varied stays as its flag says. Default: neurons, radius, tau, eta and both deltas." placeholder:"NAME=VALUES" sep:"none"`
	Space   string    `help:"YAML file of parameters with their values, in place of the default ones." placeholder:"FILE"`
	Search  string    `help:"random: draw configurations, by --seed; grid: all of them." enum:"random,grid" placeholder:"HOW" default:"random"`
	Trials  int       `help:"How many configurations to draw, besides the one that the flags give. Default: 40." placeholder:"N"`
	Halving int       `help:"Let all configurations see 1/N of the recordings first, and 1/N of them go on with more." placeholder:"N"`
	Limit   int       `help:"The most recordings to judge by. Default: 1000." placeholder:"N"`
	Jobs    int       `help:"Configurations at once. Default: one a core." placeholder:"N"`
	Results string    `help:"File of results, from which a sweep that was stopped goes on. Default: MODEL.sweep.jsonl." placeholder:"FILE"`
	Pool    poolFlags `embed:""`
}

// defaultTrials is how many configurations are drawn where nothing is said: of these,
// one in the best twentieth of the space is there with a probability of 87 %.
const defaultTrials = 40

// search is a sweep that was asked for.
type search struct {
	space   sweep.Space
	options sweep.Options // without what to compute on and from
}

// search checks the flags. It gives nil where no sweep was asked for.
func (f *sweepFlags) search(base feast.Config, out string, g given) (*search, error) {
	if err := f.partners(g); err != nil || !f.Sweep {
		return nil, err
	}
	for _, n := range []struct {
		flag  string
		v, hi int
	}{
		{"trials", f.Trials, sweep.MaxTrials},
		{"halving", f.Halving, sweep.MaxTrials},
		{"limit", f.Limit, predict.MaxPatterns},
		{"jobs", f.Jobs, 1 << 12},
	} {
		if g[n.flag] && (n.v < 1 || n.v > n.hi) {
			return nil, usageError{fmt.Errorf("--%s: expected 1 to %d, found %d", n.flag, n.hi, n.v)}
		}
	}
	s := &search{options: sweep.Options{Halving: f.Halving, Limit: f.Limit, Jobs: f.Jobs, Results: f.Results}}
	if s.options.Results == "" {
		s.options.Results = out + ".sweep.jsonl"
	}
	var err error
	if s.options.Pool, err = f.Pool.config(); err != nil {
		return nil, err
	}
	if s.space, err = f.space(); err != nil {
		return nil, err
	}
	names := s.space.Names()
	if base.Decay != feast.DecayIndex && slices.Contains(names, "last") {
		return nil, usageError{errors.New("--sweep: last is of --decay index: expected that flag with it")}
	}
	if base.Decay == feast.DecayIndex && slices.Contains(names, "tau") {
		return nil, usageError{errors.New("--sweep: tau changes nothing with --decay index: say with --vary what is to be tried, such as last=100..2000")}
	}
	if f.Search == "grid" {
		s.options.Trials, err = s.space.Grid(base)
	} else {
		trials := f.Trials
		if trials == 0 {
			trials = defaultTrials
		}
		s.options.Trials, err = s.space.Random(base, trials)
	}
	if err != nil {
		return nil, usageError{err}
	}
	return s, writable(s.options.Results)
}

// space is what the flags say may vary.
func (f *sweepFlags) space() (s sweep.Space, err error) {
	switch {
	case f.Space != "":
		if s, err = sweep.ReadSpace(f.Space); err != nil {
			if _, unread := errors.AsType[*fs.PathError](err); unread {
				return s, err
			}
			return s, usageError{fmt.Errorf("--space: %w", err)} // what it says is as a flag's value
		}
	case len(f.Vary) == 0:
		s = sweep.Default()
	}
	varied := make([]string, len(f.Vary))
	for i, v := range f.Vary {
		name, _, _ := strings.Cut(v, "=")
		varied[i] = strings.ReplaceAll(strings.TrimSpace(name), "_", "-")
	}
	if name, found := twice(varied); found {
		return s, usageError{fmt.Errorf("--vary: expected each parameter once, found %s twice", name)}
	}
	for _, v := range f.Vary {
		if err := s.Vary(v); err != nil {
			return s, usageError{fmt.Errorf("--vary: %w", err)}
		}
	}
	return s, nil
}

// partners refuses flags that mean nothing without a sweep: whoever gives them believes
// that there is one. A grid has as many configurations as it has.
func (f *sweepFlags) partners(g given) error {
	switch {
	case !f.Sweep:
		return g.unused("with --sweep only", "vary", "space", "search", "trials", "halving", "limit", "jobs", "results",
			"cell", "spread", "transform", "norm")
	case f.Search == "grid":
		return g.unused("without --search grid, which tries all configurations", "trials")
	}
	return nil
}
