package pipeline

import (
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/model"
)

// setNetwork puts a model's network behind the layers, where it has one.
func (s *stages) setNetwork(m *model.Model, o *Options) (err error) {
	if m.Network == nil {
		return nil
	}
	s.layer = decide.Layer(m.Network.Frames, s.layers.Len())
	s.network, err = decide.New(m.Network, o.Target)
	return err
}

// Network is what the pipeline decides by, nil where that is no network. It is the
// pipeline's own: look, and leave it as it is.
func (p *Pipeline) Network() *decide.Decider {
	if p.stages == nil {
		return nil
	}
	return p.stages.network
}

// frames hands events to the network, with the winners of the last layer. Labels that
// are due are left in p.labels.
func (p *Pipeline) frames(m *Input, in []events.Event, winners []int16) error {
	s := p.stages
	if s.layer >= 0 && s.layer < s.layers.Len()-1 {
		winners = s.layers.Winners(s.layer)
	}
	// The message that a label names is the last that one of its events came with: of
	// the first frame that may be one before this.
	before, seq, hasSeq := s.network.Pending(), p.place.Seq, p.place.HasSeq
	return s.network.Add(in, winners, func(step *decide.Step) error {
		if step.Frame.Events > before {
			seq, hasSeq = m.Seq, m.HasSeq
		}
		before = 0
		p.frame(seq, hasSeq)
		return nil
	})
}

// lastFrame ends the network's recording, which may have another frame.
func (p *Pipeline) lastFrame(out Output) error {
	p.labels = p.labels[:0]
	err := p.stages.network.End(func(*decide.Step) error {
		p.frame(p.place.Seq, p.place.HasSeq)
		return nil
	})
	if err != nil {
		return err
	}
	return p.handOut(out)
}

// frame is told that the network has seen a frame, which may be one that a label is
// due at: each where no interval is asked for, and otherwise the first at whose end
// the interval is over.
func (p *Pipeline) frame(seq uint64, hasSeq bool) {
	v := interval{every: p.options.LabelEvery.Microseconds(), events: p.options.LabelEvents}
	network := p.stages.network
	recent := network.Recent()
	took := recent.Last - recent.First
	switch {
	case v.none():
	case v.every > 0 && (took >= v.every || took < 0): // time that runs back is a new start
	case v.events > 0 && recent.Events >= uint64(v.events):
	default:
		return
	}
	kind, of := KindInterval, recent
	if p.options.LabelMode == Running {
		kind, of = KindRunning, network.All()
	}
	if recent.Events > 0 { // nobody asks what nothing looks like
		l := p.said(kind, of)
		l.First, l.Last, l.Events = of.First, of.Last, int64(of.Events)
		l.Seq, l.HasSeq = seq, hasSeq
		p.labels = append(p.labels, l)
	}
	network.Forget()
}

// said is a label by the network, of the recording as far as it has been pooled.
func (p *Pipeline) said(kind LabelKind, d decide.Decision) Label {
	p.counters.Labels++
	return Label{
		Kind: kind, Recording: p.place.Recording, Truth: p.place.Truth,
		Label: p.stages.network.Network().Labels[d.Class], Confidence: d.Confidence,
		First: p.place.First, Last: p.place.Last, Events: p.place.Events,
		Seq: p.place.Seq, HasSeq: p.place.HasSeq,
	}
}

// finalLabel is that of the whole recording.
func (p *Pipeline) finalLabel() (l Label, due bool) {
	d := p.stages.network.All()
	if d.Frames == 0 {
		return Label{}, false
	}
	return p.said(KindFinal, d), true
}
