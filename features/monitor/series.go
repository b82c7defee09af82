package monitor

import (
	"errors"
	"fmt"
	"slices"
)

// Series is a history of bounded size: the latest intervals as they were, and the
// whole stream in steps that grow with it. Where the whole is full, neighbours are
// merged, so that a month needs no more memory than an hour.
type Series struct {
	capacity int
	state    seriesState
}

type seriesState struct {
	Recent  []Interval `json:"recent"`
	Whole   []Interval `json:"whole"` // each made of Stride intervals
	Stride  int        `json:"stride"`
	Pending []Interval `json:"pending"` // at most one: the next of Whole, not yet complete
	Count   int        `json:"count"`   // intervals in it
}

// The bounds of a series.
const (
	MinPoints = 2
	MaxPoints = 1 << 16
)

// PanicPoints is the panic of NewSeries for a capacity out of range, or odd.
const PanicPoints = "monitor: a series holds an even number of points, 2 to 65536"

// NewSeries makes a series that holds so many of the latest intervals, and as many
// steps of the whole stream.
func NewSeries(points int) *Series {
	if points < MinPoints || points > MaxPoints || points%2 != 0 {
		panic(PanicPoints)
	}
	return &Series{capacity: points, state: seriesState{Stride: 1}}
}

// Add takes the next interval in. Its thresholds by neuron are not kept.
func (s *Series) Add(in Interval) {
	in.Thresholds = nil
	t := &s.state
	if len(t.Recent) == s.capacity {
		copy(t.Recent, t.Recent[1:])
		t.Recent = t.Recent[:s.capacity-1]
	}
	t.Recent = append(t.Recent, in)
	if len(t.Whole) == s.capacity {
		for i := range s.capacity / 2 {
			t.Whole[i] = Merge(t.Whole[2*i], t.Whole[2*i+1])
		}
		t.Whole = t.Whole[:s.capacity/2]
		t.Stride *= 2
	}
	if len(t.Pending) == 0 {
		t.Pending = append(t.Pending, in)
	} else {
		t.Pending[0] = Merge(t.Pending[0], in)
	}
	if t.Count++; t.Count == t.Stride {
		t.Whole = append(t.Whole, t.Pending[0])
		t.Pending, t.Count = t.Pending[:0], 0
	}
}

// Recent gives the latest intervals, the oldest first.
func (s *Series) Recent() []Interval { return slices.Clone(s.state.Recent) }

// Whole gives the whole stream, in steps of [Series.Stride] intervals; the last may
// have fewer.
func (s *Series) Whole() []Interval { return slices.Concat(s.state.Whole, s.state.Pending) }

// Stride is how many intervals a step of the whole stream has: a power of two.
func (s *Series) Stride() int { return s.state.Stride }

// Merge makes one interval of two, the earlier first. Counts are added; rates are
// those of the sums. Thresholds and their change are means weighted by events, what
// is said of usage a mean weighted by hits, of the two intervals' values; the least and
// the greatest stay what they are.
func Merge(a, b Interval) Interval {
	out := Interval{
		From: a.From, To: b.To, Events: a.Events + b.Events, Learning: a.Learning && b.Learning,
		All:   merge(a.All, b.All, a.Events, b.Events),
		Banks: make([]Signals, len(a.Banks)),
	}
	if a.WeightChange != nil && b.WeightChange != nil {
		out.WeightChange = new(weighted(*a.WeightChange, *b.WeightChange, a.Events, b.Events))
	}
	for i := range out.Banks {
		out.Banks[i] = merge(a.Banks[i], b.Banks[i], a.Events, b.Events)
	}
	return out
}

func merge(a, b Signals, eventsA, eventsB uint64) Signals {
	out := Signals{
		Hits: a.Hits + b.Hits, Missed: a.Missed + b.Missed,
		ThresholdMean:   weighted(a.ThresholdMean, b.ThresholdMean, eventsA, eventsB),
		ThresholdSD:     weighted(a.ThresholdSD, b.ThresholdSD, eventsA, eventsB),
		ThresholdMin:    min(a.ThresholdMin, b.ThresholdMin),
		ThresholdMax:    max(a.ThresholdMax, b.ThresholdMax),
		ThresholdChange: weighted(a.ThresholdChange, b.ThresholdChange, eventsA, eventsB),
		UsageEntropy:    weighted(a.UsageEntropy, b.UsageEntropy, a.Hits, b.Hits),
		UsageRelative:   weighted(a.UsageRelative, b.UsageRelative, a.Hits, b.Hits),
		UsageCV:         weighted(a.UsageCV, b.UsageCV, a.Hits, b.Hits),
		UsageLeast:      min(a.UsageLeast, b.UsageLeast),
		UsageMost:       max(a.UsageMost, b.UsageMost),
	}
	// Without hits there is no least share.
	switch {
	case a.Hits == 0:
		out.UsageLeast = b.UsageLeast
	case b.Hits == 0:
		out.UsageLeast = a.UsageLeast
	}
	out.rates()
	return out
}

// weighted is the mean of two values, between them whatever is rounded.
func weighted(a, b float64, weightA, weightB uint64) float64 {
	if weightA+weightB == 0 {
		weightA, weightB = 1, 1
	}
	share := float64(weightB) / (float64(weightA) + float64(weightB))
	return min(max(a+float64((b-a)*share), min(a, b)), max(a, b))
}

// validate returns an error for a state that no series of the capacity has.
func (s seriesState) validate(capacity, banks int) error {
	switch {
	case len(s.Recent) > capacity || len(s.Whole) > capacity:
		return fmt.Errorf("series: expected at most %d points, found %d and %d", capacity, len(s.Recent), len(s.Whole))
	case s.Stride < 1 || s.Stride&(s.Stride-1) != 0:
		return fmt.Errorf("series: expected a power of two as stride, found %d", s.Stride)
	case s.Count < 0 || s.Count >= s.Stride || len(s.Pending) != min(s.Count, 1):
		return errors.New("series: the step that is not complete does not fit its count")
	}
	for _, in := range slices.Concat(s.Recent, s.Whole, s.Pending) {
		if len(in.Banks) != banks {
			return fmt.Errorf("series: expected signals of %d banks, found %d", banks, len(in.Banks))
		}
	}
	return nil
}
