package command

import (
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/daemon/sweep"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
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
func (f *sweepFlags) search(base feast.Config, out string) (*search, error) {
	if !f.Sweep {
		return nil, f.unused()
	}
	for _, n := range []struct {
		flag      string
		v, lo, hi int
	}{
		{"trials", f.Trials, 0, sweep.MaxTrials},
		{"halving", f.Halving, 0, sweep.MaxTrials},
		{"limit", f.Limit, 0, predict.MaxPatterns},
		{"jobs", f.Jobs, 0, 1 << 12},
	} {
		if n.v < n.lo || n.v > n.hi {
			return nil, usageError{fmt.Errorf("--%s: expected %d to %d, found %d", n.flag, n.lo, n.hi, n.v)}
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
	if base.Decay == feast.DecayIndex && slices.Contains(s.space.Names(), "tau") {
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
			return s, err
		}
	case len(f.Vary) == 0:
		s = sweep.Default()
	}
	for _, v := range f.Vary {
		if err := s.Vary(v); err != nil {
			return s, usageError{fmt.Errorf("--vary: %w", err)}
		}
	}
	return s, nil
}

// unused refuses flags that mean nothing without a sweep: whoever gives them believes
// that there is one.
func (f *sweepFlags) unused() error {
	defaults := poolFlags{Cell: pool.DefaultCell, Spread: string(pool.SpreadBilinear), Transform: string(pool.TransformSqrt), Norm: string(pool.NormL2)}
	for _, flag := range []struct {
		name  string
		given bool
	}{
		{"vary", len(f.Vary) > 0},
		{"space", f.Space != ""},
		{"search", f.Search != "random"},
		{"trials", f.Trials != 0},
		{"halving", f.Halving != 0},
		{"limit", f.Limit != 0},
		{"jobs", f.Jobs != 0},
		{"results", f.Results != ""},
		{"cell", f.Pool.Cell != defaults.Cell},
		{"spread", f.Pool.Spread != defaults.Spread},
		{"transform", f.Pool.Transform != defaults.Transform},
		{"norm", f.Pool.Norm != defaults.Norm},
	} {
		if flag.given {
			return usageError{fmt.Errorf("--%s: expected with --sweep only", flag.name)}
		}
	}
	return nil
}
