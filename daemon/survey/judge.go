package survey

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/hw"
)

// judge names recordings as a model does.
type judge interface {
	reset()
	// add takes a packet of events, and what each layer answered, from 0.
	add(in []events.Event, answers func(layer int) []int16) error
	// end gives the class of the recording that is over, -1 where there was nothing to
	// judge by.
	end() (class int, err error)
}

// classesOf are what a model can name, nil where it names nothing.
func classesOf(m *model.Model) []string {
	switch {
	case m.Network != nil:
		return m.Network.Labels
	case m.Readout != nil:
		return m.Readout.Classes()
	}
	return nil
}

// newJudge gives a model's judge: its network where there is one, else its readout, and
// nil where it has neither.
func newJudge(m *model.Model, target hw.Target) (judge, error) {
	last := len(m.Upper)
	switch {
	case m.Network != nil:
		d, err := decide.New(m.Network, target)
		return &networkJudge{d, decide.Layer(m.Network.Frames, last+1)}, err
	case m.Readout != nil:
		return newReadoutJudge(m)
	}
	return nil, nil //nolint:nilnil // no judge is an answer, and not a failure
}

// readoutJudge describes a recording and has the readout name the description.
type readoutJudge struct {
	model      *model.Model
	join       *pool.Join // nil where the last layer alone is counted
	descriptor pool.Descriptor
	vector     []float32
}

func newReadoutJudge(m *model.Model) (*readoutJudge, error) {
	recipe := m.Recipe()
	d, err := recipe.New()
	if err != nil {
		return nil, fmt.Errorf("readout: %w", err)
	}
	join, err := m.Join(recipe)
	return &readoutJudge{model: m, join: join, descriptor: d, vector: make([]float32, d.Len())}, err
}

func (j *readoutJudge) reset() { j.descriptor.Reset() }

func (j *readoutJudge) add(in []events.Event, answers func(layer int) []int16) error {
	if j.join == nil {
		j.descriptor.Add(in, answers(len(j.model.Upper)))
		return nil
	}
	a := j.join.Packet(in, answers)
	j.descriptor.Add(a.In, a.Winners)
	return nil
}

func (j *readoutJudge) end() (class int, err error) {
	class, _, err = j.model.Readout.Predict(j.descriptor.Vector(j.vector))
	return class, err
}

// networkJudge has a delta network decide on frames.
type networkJudge struct {
	decider *decide.Decider
	layer   int // that frames are made of, from 0; -1 for raw events
}

func (j *networkJudge) reset() { j.decider.Reset() }

func (j *networkJudge) add(in []events.Event, answers func(layer int) []int16) error {
	var winners []int16
	if j.layer >= 0 {
		winners = answers(j.layer)
	}
	return j.decider.Add(in, winners, ignored)
}

func (j *networkJudge) end() (class int, err error) {
	if err := j.decider.End(ignored); err != nil {
		return -1, err
	}
	if d := j.decider.All(); d.Frames > 0 {
		return d.Class, nil
	}
	return -1, nil
}

// ignored is for those who ask at the end alone.
func ignored(*decide.Step) error { return nil }
