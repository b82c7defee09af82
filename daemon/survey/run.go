package survey

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
)

// pictured is how many recordings the report shows as frames, rastered how many as
// events of features.
const (
	pictured = 6
	rastered = 12
)

// Run looks at a model. The error names the first recording that cannot be used.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.Stage == nil {
		o.Stage = func(string, int) (step, end func()) { return func() {}, func() {} }
	}
	if len(o.Recordings) == 0 {
		return nil, errors.New("survey: expected one recording or more, found none")
	}
	order := learn.Shuffled(Evenly(o.Recordings, label, o.Most), o.Model.Feast.Seed)
	if err := known(o.Model, order); err != nil {
		return nil, err
	}
	s := &survey{options: o, model: o.Model, order: order}
	r := &Result{Learned: o.Learn, Recordings: len(order), Device: o.Target.Name(), Started: time.Now()}
	if o.Learn {
		step, end := o.Stage("learning on", len(order))
		var err error
		s.model, s.learned, err = learnOn(ctx, o.Model, o.Target, order, step)
		end()
		if err != nil {
			return nil, err
		}
	}
	step, end := o.Stage("looking at features", len(order))
	err := s.follow(ctx, r, step)
	end()
	if err != nil {
		return nil, err
	}
	r.survey = s
	r.describe()
	return r, s.picture(ctx)
}

// known refuses recordings that the model cannot name, before it has run
// over all the others.
func known(m *model.Model, order []nmnist.Recording) error {
	classes := classesOf(m)
	for _, r := range order {
		if classes != nil && !slices.Contains(classes, r.Label) {
			return fmt.Errorf("%s: label %s is not among those that the model knows: %s", r.Path, r.Label, strings.Join(classes, ", "))
		}
	}
	return nil
}

// survey is a run under way.
type survey struct {
	options Options
	model   *model.Model // that is looked at
	order   []nmnist.Recording
	learned []learned // what its layers did while they learned on, nil where they did not
	levels  []*level
	rasters [][]report.Raster // [layer], of a recording of each label
	shown   []report.Recording
	named   []string // [recording] what the model named it; empty where it did not
}

// follow takes all recordings through the frozen model, on all cores, and puts
// together what was found in their order.
func (s *survey) follow(ctx context.Context, r *Result, step func()) error {
	labels := Labels(s.order, label)
	weights := []feast.Weights{s.model.Weights}
	for _, u := range s.model.Upper {
		weights = append(weights, u.Weights)
	}
	for i, c := range s.model.Layers() {
		s.levels = append(s.levels, newLevel(c.Feast, weights[i], NewCounts(s.model.Feast.Geometry(), c.Feast.Features(), len(labels))))
	}
	s.rasters = make([][]report.Raster, len(s.levels))
	s.named = make([]string, len(s.order))
	classes := classesOf(s.model)
	if classes != nil {
		r.Confusion = readout.NewConfusion(classes)
	}
	raster := map[string]bool{}
	for _, f := range Firsts(s.order, label, rastered) {
		raster[f.Path] = true
	}
	var free followers
	// What was found in a few recordings at a time waits to be put together: events of
	// features are many.
	block := make([]found, min(4*runtime.GOMAXPROCS(0), len(s.order)))
	for i := range block {
		block[i].now, block[i].ruled = make([]feast.Counters, len(s.levels)), make([]feast.Counters, len(s.levels))
		for _, l := range s.levels {
			block[i].tallies = append(block[i].tallies, l.counts.Tally())
		}
	}
	start := time.Now()
	for from := 0; from < len(s.order); from += len(block) {
		part := s.order[from:min(from+len(block), len(s.order))]
		err := learn.OnAllCores(len(part), step, func() (func(i int) error, error) {
			w, err := free.take(s.model, s.options)
			if err != nil {
				return nil, err
			}
			return func(i int) error { return w.follow(ctx, part[i], &block[i], raster[part[i].Path]) }, nil
		})
		if err != nil {
			return err
		}
		free.back()
		for i := range part {
			s.merge(r, from+i, &block[i], classes)
		}
	}
	r.Seconds = time.Since(start).Seconds()
	return nil
}

// merge takes in what was found in a recording.
func (s *survey) merge(r *Result, at int, f *found, classes []string) {
	of := s.order[at]
	r.Events += f.events
	switch {
	case f.class >= 0:
		s.named[at] = classes[f.class]
		r.Confusion.Add(slices.Index(classes, of.Label), f.class)
	case classes != nil:
		r.Unnamed++
	}
	for i, l := range s.levels {
		l.counts.Add(of.Label, f.tallies[i])
		l.merge(f.now[i], f.ruled[i])
		if f.rasters != nil {
			s.rasters[i] = append(s.rasters[i], report.Raster{Name: name(of), Label: of.Label, Predicted: s.named[at], Events: f.rasters[i]})
		}
	}
}

// picture reads the recordings that are shown: the first of each label, as far as there
// is room.
func (s *survey) picture(ctx context.Context) error {
	g := s.model.Feast.Geometry()
	for _, of := range Firsts(s.order, label, pictured) {
		in, err := Read(ctx, of.Path, g)
		if err != nil {
			return err
		}
		s.shown = append(s.shown, report.Recording{
			Name: name(of), Label: of.Label, Predicted: s.named[slices.Index(s.order, of)], Geometry: g, Events: in,
		})
	}
	return nil
}

// followers are kept from one block of recordings to the next.
type followers struct {
	mu          sync.Mutex
	idle, taken []*follower
}

func (p *followers) take(m *model.Model, o Options) (*follower, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		w := p.idle[n-1]
		p.idle, p.taken = p.idle[:n-1], append(p.taken, w)
		return w, nil
	}
	w, err := newFollower(m, o.Target)
	if err == nil {
		p.taken = append(p.taken, w)
	}
	return w, err
}

// back says that nobody uses any of them.
func (p *followers) back() { p.idle, p.taken = append(p.idle, p.taken...), nil }
