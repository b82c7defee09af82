package pipeline

import "github.com/saccade-dev/saccade/events"

// every is how often labels by a readout are due within a recording: never without one,
// or where there is a network, whose frames its labels follow.
func (p *Pipeline) every() interval {
	if p.stages.readout == nil || p.stages.network != nil {
		return interval{}
	}
	return interval{every: p.options.LabelEvery.Microseconds(), events: p.options.LabelEvents}
}

// until is how many of the events come before the next label within the recording;
// due tells that it comes before all of them.
func (p *Pipeline) until(in []events.Event) (n int, due bool) {
	v := p.every()
	switch {
	case v.none():
		return len(in), false
	case p.stages.running != nil:
		return v.until(in, p.place.Since, p.place.Pending)
	default:
		return v.until(in, p.place.First, p.place.Events)
	}
}

// full tells whether a running label is due without waiting for another event. One
// that ends an interval waits: should the recording end here, the label at its end
// is the interval's, and there is none without events.
func (p *Pipeline) full() bool {
	v := p.every()
	return p.stages.running != nil && v.events > 0 && p.place.Pending >= v.events
}

// interval gives the label that is due within the recording.
func (p *Pipeline) interval() error {
	kind := KindInterval
	if p.stages.running != nil {
		kind = KindRunning
	}
	l, due, err := p.label(kind)
	if err != nil {
		return err
	}
	if due {
		p.labels = append(p.labels, l)
	}
	if kind == KindRunning {
		p.place.Pending = 0
		return nil
	}
	p.stages.reset()
	p.place.restart()
	return nil
}

// label decides on what was pooled, or on what the network saw; due tells whether there
// is a readout or a network, and something to decide on.
func (p *Pipeline) label(kind LabelKind) (l Label, due bool, err error) {
	s := p.stages
	if s.network != nil {
		l, due = p.finalLabel()
		return l, due, nil
	}
	if s.readout == nil || p.place.Events == 0 {
		return Label{}, false, nil
	}
	class, confidence, err := s.decide(kind)
	if err != nil {
		return Label{}, false, err
	}
	p.counters.Labels++
	return Label{
		Kind: kind, Recording: p.place.Recording, Truth: p.place.Truth,
		Label: s.readout.Class(class), Confidence: confidence,
		First: p.place.First, Last: p.place.Last, Events: p.place.Events,
		Seq: p.place.Seq, HasSeq: p.place.HasSeq,
	}, true, nil
}
