package readout

import (
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

// Running decides on a descriptor while events are added to it, as often as it is
// asked. A linear model on counts, in bins of time or not, is followed by an
// [Online], event by event; anything else computes the descriptor's vector for every
// decision. Which of the two it is depends on the types alone, so that the same
// events give the same decisions, whenever the Running was made.
//
// Not safe for concurrent use.
type Running struct {
	classifier Classifier
	descriptor pool.Descriptor
	schedule   *Schedule
	online     *Online // nil where a decision takes a vector
	raw        bool    // events count without a winner
	counted    uint64
	vector     []float32
	scores     []float64
}

// NewRunning makes a Running over a descriptor, which it takes over with what it has
// counted; counted says of how many events that was. The schedule may be nil, and
// confidences are then the classifier's own. The error is that the lengths differ.
func NewRunning(c Classifier, d pool.Descriptor, s *Schedule, counted uint64) (*Running, error) {
	if c.Dim() != d.Len() {
		return nil, fmt.Errorf("readout: the readout takes vectors of %d, and the descriptor gives %d", c.Dim(), d.Len())
	}
	r := &Running{classifier: c, descriptor: d, schedule: s, counted: counted}
	m, linear := c.(*Model)
	var bins *pool.Bins
	switch d := d.(type) {
	case *pool.Pool:
		bins, r.raw = d.AsBins(), d.Config().Source == pool.SourceEvents
	case *pool.Bins:
		bins, r.raw = d, d.Config().Pool.Source == pool.SourceEvents
	}
	if !linear || bins == nil {
		return r, nil
	}
	var err error
	r.online, err = NewOnline(m, bins)
	return r, err
}

// Reset forgets all events, those of the descriptor, too.
func (r *Running) Reset() {
	r.counted = 0
	if r.online != nil {
		r.online.Reset()
		return
	}
	r.descriptor.Reset()
}

// Add takes the events of a packet, with one winner an event.
func (r *Running) Add(in []events.Event, winners []int16) {
	for i := range in {
		if r.raw || winners[i] >= 0 {
			r.counted++
		}
	}
	if r.online == nil {
		r.descriptor.Add(in, winners)
		return
	}
	for i, e := range in {
		winner := int16(-1)
		if !r.raw {
			winner = winners[i]
		}
		r.online.Add(e, winner)
	}
}

// Counted is how many events were added that a feature won.
func (r *Running) Counted() uint64 { return r.counted }

// Scores are the scores of the classes after the events so far. They are the
// Running's own: the next call overwrites them.
func (r *Running) Scores() ([]float64, error) {
	if r.online != nil {
		return r.online.Scores(), nil
	}
	r.vector = r.descriptor.Vector(r.vector)
	var err error
	r.scores, err = r.classifier.Scores(r.scores, r.vector)
	return r.scores, err
}

// Decide is the class with the largest score, the first of equals, and the
// confidence in it: by the schedule, or the classifier's own without one.
func (r *Running) Decide() (class int, confidence float64, err error) {
	if r.schedule == nil {
		if r.online != nil {
			class, confidence = r.online.Decide()
			return class, confidence, nil
		}
		r.vector = r.descriptor.Vector(r.vector)
		return r.classifier.Predict(r.vector)
	}
	scores, err := r.Scores()
	if err != nil {
		return 0, 0, err
	}
	class = softmax(scores, r.schedule.beta(r.counted))
	return class, scores[class], nil
}

// Trace does as Add, and appends to trace the scores of each time that the number of
// counted events reaches 1, 2, 4, 8 ...; it is what [Calibrate] takes. Trace begins
// empty, with a Running that has counted nothing.
func (r *Running) Trace(trace [][]float64, in []events.Event, winners []int16) ([][]float64, error) {
	for at, n := 0, r.counted; at < len(in); {
		end := at
		for end < len(in) && (len(trace) >= maxSchedule || n < 1<<len(trace)) {
			if r.raw || winners[end] >= 0 {
				n++
			}
			end++
		}
		if r.raw {
			r.Add(in[at:end], nil)
		} else {
			r.Add(in[at:end], winners[at:end])
		}
		at = end
		for len(trace) < maxSchedule && r.counted >= 1<<len(trace) {
			scores, err := r.Scores()
			if err != nil {
				return trace, err
			}
			trace = append(trace, slices.Clone(scores))
		}
	}
	return trace, nil
}
