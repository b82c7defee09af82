package service

import (
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/feast"
)

// ErrBroken says that a sensor has no pipeline: each of its messages is rejected.
var ErrBroken = errors.New("the sensor has no pipeline")

// Snapshot is what can be seen of a sensor from outside its goroutine, which stores
// one behind every message. Looking at one holds nobody up.
type Snapshot struct {
	// Status is as it is published, but for the queue, rejects and refusals, which are
	// those of the moment at which it is looked at. Of a sensor that has no pipeline,
	// or not yet, it has no more than those, the name and the bytes.
	Status bus.Status
	// Before is what had been counted when this daemon took the sensor in: nothing, or
	// what the stored state says. Rejects and Refused of the status have nothing of
	// what an earlier daemon counted outside the pipeline.
	Before pipeline.Counters
	// LayersBefore is what each layer of the status had counted when this daemon took the
	// sensor in: nothing, or what the stored state says. Layers that were put in since
	// had counted nothing.
	LayersBefore []feast.Counters
	// NetworkBefore is the same of the network over frames, where there is one.
	NetworkBefore decide.Counters
	// DeviceFailures is how often the pipeline's device has failed.
	DeviceFailures int64
	// Handled is when the last message was taken up, zero before the first.
	Handled time.Time
	// Running tells whether there is a pipeline; Broken is why there is none, nil
	// where one is being made.
	Running bool
	Broken  error

	rejects int64 // of the pipeline
}

// note lets others see what the sensor's goroutine sees.
func (sn *sensor) note(fresh bool) {
	s := &Snapshot{Broken: sn.broken, Running: sn.broken == nil}
	if s.Running {
		c := sn.pipe.Counters()
		sn.look.at(sn.pipe.Stack(), &c, fresh)
		s.LayersBefore = sn.look.before
		network := sn.network.at(sn.pipe.Network())
		s.NetworkBefore = sn.network.before
		s.Status, s.Before, s.Handled, s.rejects = sn.status(&c), sn.base, sn.handled, int64(c.Rejects)
		s.Status.Network = network
		s.DeviceFailures = sn.failures
	}
	sn.seen.Store(s)
}

// snapshot is what can be seen now.
func (sn *sensor) snapshot() Snapshot {
	var s Snapshot
	if seen := sn.seen.Load(); seen != nil {
		s = *seen
	}
	s.Status.Sensor = sn.name
	s.Status.Rejects = s.rejects + sn.rejected.Load()
	s.Status.Refused = sn.refused.Load()
	s.Status.QueueDepth, s.Status.QueueBytes = len(sn.queue), sn.waiting.Load()
	return s
}

// Sensors gives a snapshot of every sensor that has appeared, in the order of their
// names.
func (s *Service) Sensors() []Snapshot {
	sensors := s.sorted()
	out := make([]Snapshot, len(sensors))
	for i, sn := range sensors {
		out[i] = sn.snapshot()
	}
	return out
}

// Sensor gives the snapshot of one sensor, or [ErrNoSensor].
func (s *Service) Sensor(name string) (Snapshot, error) {
	sn := s.find(name)
	if sn == nil {
		return Snapshot{}, fmt.Errorf("%s: %w", name, ErrNoSensor)
	}
	return sn.snapshot(), nil
}

// Accepts tells whether a sensor of this name is, or would be, this service's.
func (s *Service) Accepts(name string) bool { return s.options.Accepts(name) }
