package survey

import (
	"context"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/hw"
)

// learned is what a layer did while it learned on.
type learned struct {
	history curve[Moment]
	monitor *monitor.Monitor
	course  report.Course
	turned  float64 // how far its features turned, the mean of 1 - cosine
	seen    feast.Counters
}

// learnOn has a copy of a model learn from recordings, all its layers together.
func learnOn(ctx context.Context, m *model.Model, target hw.Target, order []nmnist.Recording, step func()) (*model.Model, []learned, error) {
	s, err := m.Stack(target)
	if err != nil {
		return nil, nil, err
	}
	before := s.Weights()
	out := make([]learned, s.Len())
	for i, c := range s.Configs() {
		l := &out[i]
		if l.monitor, err = monitor.New(c.Feast, monitor.DefaultOptions(c.Feast)); err != nil {
			return nil, nil, err
		}
		s.Watch(i, func(layer *feast.Layer, in []events.Event, winners []int16) error {
			findings, err := l.monitor.Process(layer, in, winners)
			l.course.Findings = append(l.course.Findings, findings...)
			return err
		})
	}
	s.SetLearning(true)
	err = learn.Pass(ctx, s, m.Feast.Geometry(), order, func() {
		for i := range out {
			out[i].history.add(Look(s.Layer(i)))
		}
		step()
	})
	if err != nil {
		return nil, nil, err
	}
	after := s.Weights()
	for i, c := range s.Configs() {
		l := &out[i]
		l.course.Intervals = l.monitor.Series().Whole()
		l.turned = monitor.WeightChange(c.Feast, before[i], after[i])
		l.seen = s.Layer(i).Counters()
	}
	next := *m
	next.SetStack(s)
	return &next, out, nil
}
