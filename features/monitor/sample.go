package monitor

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
)

// Sample is what a layer tells about itself at one moment. It holds no weights.
type Sample struct {
	Counters   feast.Counters `json:"counters"`
	Thresholds []int32        `json:"thresholds"` // Q24, [bank][neuron]
	Learning   bool           `json:"learning"`
}

// Layer is what a monitor asks of a layer: [feast.Layer] has it.
type Layer interface {
	Process(in []events.Event, winners []int16) error
	Counters() feast.Counters
	Thresholds() []int32
	Learning() bool
}

var _ Layer = (*feast.Layer)(nil)

// Take takes a sample of a layer.
func Take(l Layer) Sample {
	return Sample{Counters: l.Counters(), Thresholds: l.Thresholds(), Learning: l.Learning()}
}

// validate returns an error for a sample that no layer of the configuration gives.
func (s Sample) validate(c feast.Config) error {
	switch {
	case len(s.Thresholds) != c.Features():
		return fmt.Errorf("thresholds: expected %d, found %d", c.Features(), len(s.Thresholds))
	case len(s.Counters.Wins) != c.Features():
		return fmt.Errorf("wins: expected %d, found %d", c.Features(), len(s.Counters.Wins))
	case len(s.Counters.BankMissed) != c.Banks():
		return fmt.Errorf("missed events by bank: expected %d, found %d", c.Banks(), len(s.Counters.BankMissed))
	}
	return nil
}

// follows tells whether no counter has run back since another sample was taken, as
// it does where an older state was put back into the layer.
func (s Sample) follows(before Sample) bool {
	a, b := before.Counters, s.Counters
	if b.Hits < a.Hits || b.Missed < a.Missed || b.Border < a.Border || b.Outside < a.Outside || b.Noise < a.Noise || b.Ignored < a.Ignored {
		return false
	}
	for i, n := range a.Wins {
		if b.Wins[i] < n {
			return false
		}
	}
	for i, n := range a.BankMissed {
		if b.BankMissed[i] < n {
			return false
		}
	}
	return true
}
