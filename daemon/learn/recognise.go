package learn

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/hw"
)

// Recognised is what a model's network made of recordings.
type Recognised struct {
	Recordings []Course // one a recording
	Events     int64
	Counters   decide.Counters
}

// Course is what a recording was taken for, frame after frame.
type Course struct {
	// Singles are the decisions from single frames, Soon those from all frames up to
	// each. Their times count from the recording's first event to the frame's end, their
	// events are the frame's own, and those of all frames up to it.
	Singles, Soon []Decision
	// Final is the decision from all frames: that which a daemon gives at the end.
	Final Decision
}

// Recognise runs recordings through the layers and the network of a model, on all
// cores, learning off. Layers are left out where frames are of raw events. done,
// which may be nil, is called from several goroutines, once a recording.
func Recognise(ctx context.Context, m *model.Model, target hw.Target, recordings []nmnist.Recording, done func()) (_ *Recognised, err error) {
	if m.Network == nil {
		return nil, errors.New("expected a model with a network, found none")
	}
	out := &Recognised{Recordings: make([]Course, len(recordings))}
	var mu sync.Mutex
	var deciders []*decide.Decider
	var total atomic.Int64
	var open closing
	defer open.close(&err)
	err = OnAllCores(len(recordings), done, func() (func(i int) error, error) {
		r, err := newRecogniser(&open, m, target)
		if err != nil {
			return nil, err
		}
		mu.Lock()
		deciders = append(deciders, r.decider)
		mu.Unlock()
		return func(i int) error {
			course, n, err := r.follow(ctx, recordings[i])
			out.Recordings[i] = course
			total.Add(n)
			return err
		}, nil
	})
	if err != nil {
		return nil, err
	}
	out.Events = total.Load()
	for _, d := range deciders {
		c := d.Counters()
		out.Counters.Add(&c)
	}
	return out, nil
}

// recogniser follows one recording after the other.
type recogniser struct {
	lift     *lifter
	decider  *decide.Decider
	packet   *events.Packet
	geometry events.Geometry
}

func newRecogniser(open *closing, m *model.Model, target hw.Target) (*recogniser, error) {
	l, err := newLifter(open, m, target, m.Network.Frames)
	if err != nil {
		return nil, err
	}
	d, err := decide.New(m.Network, target)
	return &recogniser{lift: l, decider: d, packet: events.NewPacket(events.DefaultPacketEvents), geometry: m.Network.Frames.Geometry()}, err
}

// follow takes a recording, of n events, through layers and network.
func (r *recogniser) follow(ctx context.Context, rec nmnist.Recording) (c Course, n int64, err error) {
	r.lift.reset()
	r.decider.Reset()
	first := int64(0)
	decision := func(d decide.Decision) Decision {
		return Decision{Time: d.Last - first, Events: int64(d.Events), Class: d.Class, Confidence: d.Confidence}
	}
	then := func(*decide.Step) error { //nolint:unparam // it is what a decider calls
		c.Singles = append(c.Singles, decision(r.decider.Recent()))
		c.Soon = append(c.Soon, decision(r.decider.All()))
		r.decider.Forget()
		return nil
	}
	err = each(ctx, rec.Path, r.geometry, r.packet, func(in []events.Event) error {
		if n == 0 && len(in) > 0 {
			first = in[0].T
		}
		n += int64(len(in))
		winners, err := r.lift.process(in)
		if err != nil {
			return err
		}
		return r.decider.Add(in, winners, then)
	})
	if err != nil {
		return c, n, err
	}
	err = r.decider.End(then)
	c.Final = decision(r.decider.All())
	return c, n, err
}
