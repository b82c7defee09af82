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
// each time that the number of counted events doubles, and what lies between them in
// between. Few events make vectors that
// lie far from those that a model was trained on, and scores that say little;
// without a schedule a confidence in them is near one, and wrong.
//
// A temperature is the one of least log loss at that number of events, as that of a
// whole recording is; see the package's comment. The schedule is ours.
type Schedule struct {
	betas []float64 // after 1, 2, 4, 8 ... events
}

// maxSchedule is how often the number of events may double.
const maxSchedule = 40

var (
	_ encoding.BinaryMarshaler   = (*Schedule)(nil)
	_ encoding.BinaryUnmarshaler = (*Schedule)(nil)
)

// beta is the inverse temperature after so many events: between two entries on the
// straight line from one to the other, beyond the last that of the last.
func (s *Schedule) beta(counted uint64) float64 {
	if counted == 0 || len(s.betas) == 0 {
		return 0
	}
	stage := bits.Len64(counted) - 1
	if stage >= len(s.betas)-1 {
		return s.betas[len(s.betas)-1]
	}
	low, high := s.betas[stage], s.betas[stage+1]
	// One rounding for each operation: there is nothing to fuse.
	way := float64(counted-1<<stage) / float64(uint64(1)<<stage)
	return float64(low*(1-way)) + float64(high*way)
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
	traces, labels := make([][][]float64, len(trials)), make([]int, len(trials))
	for i, trial := range trials {
		class, known := slices.BinarySearch(o.model.classes, trial.Label)
		if !known {
			return nil, fmt.Errorf("readout: recording %d is of class %q, which the model does not know", i, trial.Label)
		}
		if len(trial.Winners) != len(trial.Events) {
			return nil, fmt.Errorf("readout: recording %d has %d events and %d winners", i, len(trial.Events), len(trial.Winners))
		}
		labels[i] = class
		o.Reset()
		for k, e := range trial.Events {
			o.Add(e, trial.Winners[k])
			for len(traces[i]) < maxSchedule && o.Counted() >= 1<<len(traces[i]) {
				traces[i] = append(traces[i], slices.Clone(o.Scores()))
			}
		}
	}
	o.Reset()
	return Calibrate(traces, labels, len(o.model.classes))
}

// Calibrate finds the temperatures of scores that were taken while recordings were
// seen, see [Running.Trace]: a row of traces is a recording's scores each time that
// the number of its counted events had doubled, labels are the recordings' classes.
// A number of events that fewer than half of the recordings reach gets the
// temperature of the one before. The result depends on the order of the recordings
// in its last bits only, and on nothing else.
func Calibrate(traces [][][]float64, labels []int, classes int) (*Schedule, error) {
	if len(traces) != len(labels) {
		return nil, fmt.Errorf("readout: %d traces but %d labels", len(traces), len(labels))
	}
	s := new(Schedule)
	for stage := range maxSchedule {
		var scores []float64
		var y []int
		for i, trace := range traces {
			if labels[i] < 0 || labels[i] >= classes {
				return nil, fmt.Errorf("readout: recording %d is of class %d of %d", i, labels[i], classes)
			}
			if stage >= len(trace) {
				continue
			}
			if len(trace[stage]) != classes {
				return nil, fmt.Errorf("readout: recording %d has %d scores: expected one for each of %d classes", i, len(trace[stage]), classes)
			}
			scores, y = append(scores, trace[stage]...), append(y, labels[i])
		}
		if len(y) == 0 || 2*len(y) < len(traces) {
			break
		}
		beta, _ := calibrate(scores, y, classes)
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
