package readout

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/saccade-dev/saccade/events"
)

// Schedule is the inverse temperature of confidences by how much has been seen: one
// each time that the number of counted events doubles. Few events make vectors that
// lie far from those that a model was trained on, and scores that say little;
// without a schedule a confidence in them is near one, and wrong.
//
// A temperature is the one of least log loss at that number of events, as that of a
// whole recording is; see the package's comment. The schedule is ours.
type Schedule struct {
	betas []float64 // by the bits that the number of events has, from 1
}

// maxSchedule is how often the number of events may double.
const maxSchedule = 40

var (
	_ encoding.BinaryMarshaler   = (*Schedule)(nil)
	_ encoding.BinaryUnmarshaler = (*Schedule)(nil)
)

// beta is the inverse temperature after so many events; what lies beyond the last
// entry has that of the last.
func (s *Schedule) beta(counted uint64) float64 {
	if counted == 0 || len(s.betas) == 0 {
		return 0
	}
	return s.betas[min(bits.Len64(counted), len(s.betas))-1]
}

// Trial is a labelled recording to calibrate with.
type Trial struct {
	Events  []events.Event
	Winners []int16
	Label   string
}

// NewSchedule finds the temperatures of an Online over recordings, which have to be
// others than its model was trained on. A number of events that fewer than half of
// them reach gets the temperature of the one before. The Online is reset.
func NewSchedule(o *Online, trials []Trial) (*Schedule, error) {
	classes := len(o.model.classes)
	scores := make([][]float64, maxSchedule)
	labels := make([][]int, maxSchedule)
	for i, trial := range trials {
		class, known := slices.BinarySearch(o.model.classes, trial.Label)
		if !known {
			return nil, fmt.Errorf("readout: recording %d is of class %q, which the model does not know", i, trial.Label)
		}
		if len(trial.Winners) != len(trial.Events) {
			return nil, fmt.Errorf("readout: recording %d has %d events and %d winners", i, len(trial.Events), len(trial.Winners))
		}
		o.Reset()
		stage := 0
		for k, e := range trial.Events {
			o.Add(e, trial.Winners[k])
			for stage < maxSchedule && o.Counted() >= 1<<stage {
				scores[stage] = append(scores[stage], o.Scores()...)
				labels[stage] = append(labels[stage], class)
				stage++
			}
		}
	}
	o.Reset()
	s := new(Schedule)
	for stage, y := range labels {
		if len(y) == 0 || 2*len(y) < len(trials) {
			break
		}
		beta, _ := calibrate(scores[stage], y, classes)
		s.betas = append(s.betas, beta)
	}
	if len(s.betas) == 0 {
		return nil, errors.New("readout: no events to calibrate with")
	}
	return s, nil
}

// The body of a marshalled schedule: entries N, uint32; N inverse temperatures, float64.
const scheduleMagic = "ssch"

var errNoSchedule = errors.New("readout: a zero schedule cannot be marshalled")

// MarshalBinary gives the whole schedule.
func (s *Schedule) MarshalBinary() ([]byte, error) {
	if len(s.betas) == 0 {
		return nil, errNoSchedule
	}
	b := binary.LittleEndian.AppendUint32(opening(scheduleMagic), uint32(len(s.betas)))
	for _, v := range s.betas {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return sealed(b), nil
}

// UnmarshalBinary reads a schedule, checking everything. A Schedule that gets an
// error keeps what it had.
func (s *Schedule) UnmarshalBinary(data []byte) error {
	c, err := opened(data, scheduleMagic)
	if err != nil {
		return err
	}
	var read Schedule
	for range c.count("entries", 1, maxSchedule) {
		read.betas = append(read.betas, c.number("an inverse temperature", 0, maxBeta))
	}
	if err := c.end(); err != nil {
		return err
	}
	*s = read
	return nil
}
