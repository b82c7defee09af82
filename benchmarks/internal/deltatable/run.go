package deltatable

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/saccade-dev/saccade/features/frames"
)

// Run trains and measures all that the plan asks for and the journal does not have, on all cores,
// a study each; done, which may be nil, is told of each result, by one goroutine at a time. folder is
// that of the real recordings and of MNIST's images.
func Run(ctx context.Context, p *Plan, j *Journal, folder string, done func(Result)) error {
	var mu sync.Mutex
	tell := func(r Result) {
		if done != nil {
			mu.Lock()
			defer mu.Unlock()
			done(r)
		}
	}
	data := sets{folder: folder, plan: p, of: map[string]*one{}}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, of := range p.Studies {
		for seed := 1; seed <= p.Seeds; seed++ {
			for _, counts := range []bool{false, true} {
				group.Go(func() error {
					s := &study{plan: p, journal: j, of: of, name: of.Data, counts: counts, seed: uint64(seed)}
					if counts {
						s.name += Counts
					}
					if s.complete() {
						return nil
					}
					var err error
					if s.data, err = data.get(ctx, of.Data, counts, s.seed); err != nil {
						return err
					}
					if s.top, err = Net(of.Net, s.data.Frames); err != nil {
						return err
					}
					return s.run(ctx, tell)
				})
			}
		}
	}
	return group.Wait()
}

// sets makes data sets when they are first asked for.
type sets struct {
	folder string
	plan   *Plan

	mu sync.Mutex
	of map[string]*one
}

type one struct {
	once sync.Once
	data *Data
	err  error
}

// get is a data set. Simulated ones are the same for all seeds; of the real one a seed draws
// what is held out.
func (s *sets) get(ctx context.Context, name string, counted bool, seed uint64) (*Data, error) {
	if name != Real {
		seed = 1
	}
	s.mu.Lock()
	key := fmt.Sprint(name, counted, seed)
	o := s.of[key]
	if o == nil {
		o = new(one)
		s.of[key] = o
	}
	s.mu.Unlock()
	o.once.Do(func() {
		frames := map[bool]func(int) frames.Config{false: surface, true: counts}[counted]
		side := 34
		if name == Moving {
			side = MovingSide
		}
		size := s.plan.Sizes[name]
		switch name {
		case Real:
			o.data, o.err = NewReal(ctx, s.folder, frames(side), size, seed)
		case Saccades:
			o.data, o.err = NewSaccades(ctx, s.folder, frames(side), size, seed)
		case Moving:
			o.data, o.err = NewMoving(ctx, frames(side), size, seed)
		default:
			o.err = fmt.Errorf("deltatable: data set %q: expected one of %q", name, []string{Real, Saccades, Moving})
		}
		if counted && o.err == nil {
			o.data.Name += Counts
		}
	})
	return o.data, o.err
}
