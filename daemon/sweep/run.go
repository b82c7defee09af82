package sweep

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/predict"
)

// Trial is a configuration with the result on the most recordings that it saw.
type Trial struct {
	Number int    `json:"number"` // index into Options.Trials
	Result Result `json:"result"`
}

// Outcome is what a sweep found.
type Outcome struct {
	// Ranked has all configurations, the best first: by the recordings that they got to
	// see, then by score, then by their numbers.
	Ranked []Trial
	Start  Trial // the first of Options.Trials
	// Rungs are the numbers of recordings, ascending: one without halving.
	Rungs []int
	// Computed results are new, Known ones were in the file.
	Computed, Known int
}

// Run runs a sweep, or goes on with one that was stopped. When ctx ends, the results
// that are there are in the file, and the error is a [*StoppedError] one around ctx's.
func Run(ctx context.Context, o Options) (*Outcome, error) {
	chosen, err := o.check()
	if err != nil {
		return nil, err
	}
	h := header{Version: version, Recordings: len(chosen.order), Score: scoreVersion}
	if h.Pool, err = poolOf(o); err != nil {
		return nil, err
	}
	step, end := o.stage("reading recordings", len(chosen.order))
	h.Data, err = chosen.digest(ctx, step)
	end()
	if err != nil {
		return nil, err
	}
	j, before, err := openJournal(o.Results, h)
	if err != nil {
		return nil, err
	}
	r := &run{Options: o, chosen: chosen, journal: j, known: map[place]Result{}}
	for _, one := range before {
		r.known[place{one.Recordings, key(one.Config)}] = one
	}
	out, err := r.rungs(ctx)
	if err = errors.Join(err, j.close()); err != nil {
		return nil, err
	}
	return out, nil
}

// StoppedError is the error of a sweep that came to its end before it was done.
type StoppedError struct {
	Done, All int    // results of the part that was stopped
	Results   string // the file that they are in
	err       error
}

func (s *StoppedError) Error() string {
	return fmt.Sprintf("%d of %d configurations are in %s: the same command goes on from there", s.Done, s.All, s.Results)
}

// Unwrap gives the reason.
func (s *StoppedError) Unwrap() error { return s.err }

// run is a sweep that runs.
type run struct {
	Options
	chosen   choice
	journal  *journal
	known    map[place]Result
	computed int
}

// place is what a result depends on, within a results file.
type place struct {
	recordings int
	config     string
}

// rungs are the parts of a sweep, each with more recordings and fewer configurations.
func (r *run) rungs(ctx context.Context) (*Outcome, error) {
	out := &Outcome{Rungs: ladder(len(r.chosen.order), r.Halving, fewest*r.chosen.labels)}
	going := make([]int, len(r.Trials))
	for i := range going {
		going[i] = i
	}
	latest := make([]Trial, len(r.Trials))
	for level, n := range out.Rungs {
		results, err := r.rung(ctx, level, len(out.Rungs), n, going)
		if err != nil {
			return nil, err
		}
		for k, i := range going {
			latest[i] = Trial{Number: i, Result: results[k]}
		}
		out.Known += len(going)
		if level+1 < len(out.Rungs) {
			going = better(latest, going, (len(going)+r.Halving-1)/r.Halving)
		}
	}
	out.Computed = r.computed
	out.Known -= r.computed
	out.Start = latest[0]
	out.Ranked = latest
	slices.SortFunc(out.Ranked, compare)
	return out, nil
}

// ladder is the numbers of recordings of the parts, of which each is 1/h of the next,
// as far as it has the fewest that make sense.
func ladder(n, h, fewest int) []int {
	out := []int{n}
	for h > 1 && out[0]/h >= fewest {
		out = slices.Insert(out, 0, out[0]/h)
	}
	return out
}

// compare ranks trials: the better one is less.
func compare(a, b Trial) int {
	return cmp.Or(
		cmp.Compare(b.Result.Recordings, a.Result.Recordings),
		cmp.Compare(b.Result.Score.Separability, a.Result.Score.Separability),
		cmp.Compare(a.Number, b.Number),
	)
}

// better gives the n best of the configurations that were going, and the first one in
// any case, to compare with. They are in the order of their numbers.
func better(latest []Trial, going []int, n int) []int {
	best := slices.Clone(going)
	slices.SortFunc(best, func(a, b int) int { return compare(latest[a], latest[b]) })
	best = best[:max(n, 1)]
	if !slices.Contains(best, 0) {
		best = append(best, 0)
	}
	slices.Sort(best)
	return best
}

// rung gives the results of some configurations on n recordings, in their order.
func (r *run) rung(ctx context.Context, level, levels, n int, going []int) ([]Result, error) {
	name := "configurations"
	if levels > 1 {
		name = fmt.Sprintf("round %d of %d", level+1, levels)
	}
	recordings := r.chosen.first(n)
	results := make([]Result, len(going))
	var missing []int // indexes into going: what is known would spoil a forecast of the time
	for k, i := range going {
		known, ok := r.known[place{n, key(r.Trials[i])}]
		if results[k] = known; !ok {
			missing = append(missing, k)
		}
	}
	if len(missing) == 0 {
		return results, ctx.Err()
	}
	step, end := r.stage(name, len(missing))
	defer end()
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(r.Jobs)
	for _, k := range missing {
		group.Go(func() error {
			one, err := r.one(inner, r.Trials[going[k]], recordings)
			if err == nil {
				err = r.journal.add(one)
			}
			if err != nil {
				return err
			}
			results[k] = one
			step()
			return nil
		})
	}
	err := group.Wait()
	done := len(going)
	for _, k := range missing {
		if results[k].Recordings > 0 {
			r.computed++
		} else {
			done--
		}
	}
	if err != nil && ctx.Err() != nil {
		return nil, &StoppedError{Done: done, All: len(going), Results: r.Results, err: err}
	}
	return results, err
}

// one lets a configuration learn, and scores the patterns of what it has learned.
func (r *run) one(ctx context.Context, c feast.Config, recordings []nmnist.Recording) (Result, error) {
	start := time.Now()
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	m, counters, err := learn.Features(ctx, c, r.Target, recordings, nil)
	if err != nil {
		return Result{}, err
	}
	v, err := learn.ModelVectors(ctx, m, r.Target, learn.PoolConfig(c, r.Pool), recordings, nil)
	if err != nil {
		return Result{}, err
	}
	score, err := predict.Of(ctx, predict.Patterns{Rows: v.Rows, Labels: v.Labels})
	if err != nil {
		return Result{}, err
	}
	return Result{
		Recordings: len(recordings), Config: c, Score: score, MissedRate: counters.MissedRate(),
		Seconds: time.Since(start).Seconds(),
	}, nil
}
