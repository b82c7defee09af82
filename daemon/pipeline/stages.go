package pipeline

import (
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
)

// stages is what is computed, for a known geometry.
type stages struct {
	layers   *stack.Stack
	monitors []*monitor.Monitor // one a layer
	geometry events.Geometry

	recipe   pool.Recipe
	join     *pool.Join         // of the layers that are counted, nil where that is the last alone
	counts   pool.Stateful      // what recipe makes
	readout  readout.Classifier // nil until one is trained
	schedule *readout.Schedule  // nil where the model has none
	running  *readout.Running   // nil unless labels are running; counts is then its own
	vector   []float32

	network *decide.Decider // nil without one; where there is one, labels are by it
	layer   int             // whose winners its frames are made of, from 0; -1 for raw events
}

// follow has running labels follow counts, with what these have counted: won events.
func (s *stages) follow(won uint64) (err error) {
	s.running, err = readout.NewRunning(s.readout, s.counts, s.schedule, won)
	return err
}

// add pools the events of a packet that went through the layers just now, and tells how
// many features were counted of them.
func (s *stages) add(in []events.Event, winners []int16) (won uint64) {
	a := pool.Single(in, winners)
	if s.join != nil {
		a = s.join.Packet(in, func(layer int) []int16 {
			if layer == s.layers.Len()-1 {
				return winners
			}
			return s.layers.Winners(layer)
		})
	}
	if s.running != nil {
		s.running.Add(a.In, a.Winners)
	} else {
		s.counts.Add(a.In, a.Winners)
	}
	return a.Won()
}

// begin is told of a recording.
func (s *stages) begin() {
	s.layers.Reset()
	s.reset()
	if s.network != nil {
		s.network.Reset()
	}
}

// reset forgets what was pooled.
func (s *stages) reset() {
	if s.running != nil {
		s.running.Reset()
		return
	}
	s.counts.Reset()
}

// decide names the class of what was pooled. What ends a recording or an interval is
// judged by its vector, as package learn judges a whole recording: the two agree in
// every bit.
func (s *stages) decide(kind LabelKind) (class int, confidence float64, err error) {
	if kind == KindRunning {
		return s.running.Decide()
	}
	s.vector = s.counts.Vector(s.vector)
	return s.readout.Predict(s.vector)
}
