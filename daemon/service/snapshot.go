package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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
	// Latency is how long messages took from their receipt to their results and
	// acknowledgement being published, Rejected what was rejected by reason, and
	// FeatureEvents how many events were published with what they won; all of them since
	// this daemon took the sensor in.
	Latency       Latency
	Rejected      Rejects
	FeatureEvents uint64
	// Checkpoint is the newest stored state of a sensor whose messages come from a
	// stream, Reprocessed how many of them were processed again since this daemon took the
	// sensor in, to come from a checkpoint to where the sensor was, and Lag how many are in
	// the stream and not processed; nil where there is no stream, or it is not known yet where
	// in it the sensor stands.
	Checkpoint  Checkpoint
	Reprocessed uint64
	Lag         *uint64
	// Position is the number of the last message of the stream that the sensor has seen, Term
	// tells which of its owners this daemon is, counted from 1; 0 where there is no stream.
	Position, Term uint64
	// Pipeline is the name of the sensor's pipeline, empty where pipelines have none.
	Pipeline string
	// Running tells whether there is a pipeline; Broken is why there is none, nil
	// where one is being made.
	Running bool
	Broken  error
	// Away says that the sensor sends nothing and was put away: this is what was seen of it
	// last.
	Away bool

	rejects int64 // of the pipeline
}

// note lets others see what the sensor's goroutine sees.
func (sn *sensor) note(fresh bool) {
	s := &Snapshot{Broken: sn.broken, Running: sn.broken == nil, Pipeline: sn.chosen}
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
	s.Status.Refused, s.Status.Throttled = sn.refused.Load(), sn.guard.throttled.Load()
	s.Status.QueueDepth, s.Status.QueueBytes = len(sn.queue), sn.waiting.Load()
	s.Latency, s.Rejected, s.FeatureEvents = sn.outside.latency.read(), sn.outside.rejects.read(), sn.outside.published.Load()
	if st := sn.stream; st != nil {
		if saved := st.saved.Load(); saved != nil {
			s.Checkpoint = *saved
		}
		lag := st.lag.Load()
		s.Reprocessed, s.Term = st.reprocessed.Load(), st.term
		if st.opened.Load() {
			s.Position, s.Lag = st.stands.Load(), &lag
		}
	}
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
	s.mu.RLock()
	for _, a := range s.away {
		out = append(out, a.seen)
	}
	s.mu.RUnlock()
	if len(out) > len(sensors) {
		slices.SortFunc(out, func(a, b Snapshot) int { return strings.Compare(a.Status.Sensor, b.Status.Sensor) })
		out = slices.CompactFunc(out, func(a, b Snapshot) bool { return a.Status.Sensor == b.Status.Sensor })
	}
	return out
}

// Sensor gives the snapshot of one sensor, or [ErrNoSensor].
func (s *Service) Sensor(name string) (Snapshot, error) {
	s.mu.RLock()
	sn, away := s.sensors[name], s.away[name]
	s.mu.RUnlock()
	switch {
	case sn != nil:
		return sn.snapshot(), nil
	case away != nil:
		return away.seen, nil
	}
	return Snapshot{}, fmt.Errorf("%s: %w", name, ErrNoSensor)
}

// Accepts tells whether a sensor of this name is, or would be, this service's.
func (s *Service) Accepts(name string) bool { return s.options.Accepts(name) }
