package service

import (
	"context"
	"fmt"

	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// Switched says where in a sensor's stream learning was turned on or off: behind so
// many events, and behind the message of this number, where messages are numbered.
type Switched struct {
	Learning bool
	Changed  bool // it was not so before
	Events   uint64
	Seq      *uint64 // nil where the daemon has processed no numbered message
}

// SetLearning turns a sensor's learning on or off between two of its messages, behind
// all that were received before, and tells where. The sensor's state keeps it. Where
// ctx ends before its turn, nothing changes.
func (s *Service) SetLearning(ctx context.Context, name string, on bool) (Switched, error) {
	sn := s.find(name)
	if sn == nil {
		return Switched{}, fmt.Errorf("%s: %w", name, ErrNoSensor)
	}
	var done Switched
	err := s.Change(ctx, name, func(p *pipeline.Pipeline) error { // runs in the sensor's goroutine
		done = Switched{Learning: on, Changed: p.Learning() != on, Events: p.Counters().Events, Seq: sn.took}
		if !done.Changed {
			return nil
		}
		p.SetLearning(on)
		s.options.Log.Info("learning was switched", logSensor, name, logLearning, on, logEvents, done.Events)
		if sn.outputs.StatusEvery > 0 {
			sn.publishStatus()
		}
		return nil
	})
	return done, err
}
