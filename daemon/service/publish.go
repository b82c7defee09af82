package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
)

// publisher publishes what comes of a sensor's messages. It reuses its memory:
// the connection copies what it is given.
type publisher struct {
	ctx     context.Context //nolint:containedctx // of the sensor's goroutine; pipeline.Output has none
	service *Service
	sensor  *sensor

	input    *nats.Msg
	header   bus.EventsHeader
	part     int
	features nats.Msg
}

func newPublisher(ctx context.Context, sn *sensor) publisher {
	return publisher{
		ctx: ctx, service: sn.service, sensor: sn,
		features: nats.Msg{Subject: sn.subjects.Features, Header: nats.Header{}},
	}
}

// begin names the message that the next outputs answer.
func (p *publisher) begin(m *nats.Msg, h bus.EventsHeader) {
	p.input, p.header, p.part = m, h, 0
}

// featuresHeaderBytes is more than the headers of a features message take.
const featuresHeaderBytes = 704

// Features publishes the results of one packet, in more than one part where the
// server takes no message as large as that.
func (p *publisher) Features(in []events.Event, winners []int16, last bool) error {
	p.sensor.outside.pulse.beat() // a packet is done
	p.sensor.computed()
	if !p.sensor.outputs.Features {
		return nil
	}
	most := max(1, int(p.service.nc.MaxPayload()-featuresHeaderBytes)/bus.FeatureBytes)
	for {
		n := min(len(in), most)
		end := n == len(in)
		h := bus.FeaturesHeader{
			Session: p.header.Session, Seq: p.header.Seq, HasSeq: p.header.HasSeq,
			Recording: p.header.Recording, Part: p.part, More: !last || !end,
		}
		p.part++
		p.features.Data, h.Counts = bus.AppendFeatures(p.features.Data[:0], in[:n], winners[:n], p.sensor.outputs.Missed)
		if err := h.Set(p.features.Header); err != nil {
			return err
		}
		if err := p.deliver(&p.features); err != nil {
			return err
		}
		p.sensor.outside.published.Add(uint64(len(p.features.Data) / bus.FeatureBytes))
		if end {
			return nil
		}
		in, winners = in[n:], winners[n:]
	}
}

// Label publishes a decision.
func (p *publisher) Label(l pipeline.Label) error {
	if !p.sensor.outputs.Labels {
		return nil
	}
	m := bus.Label{
		Sensor: p.sensor.name, Recording: l.Recording, Label: l.Label, Kind: bus.LabelKind(l.Kind), Confidence: l.Confidence,
		Truth: l.Truth, FirstUS: l.First, LastUS: l.Last, Events: l.Events,
	}
	if l.HasSeq {
		m.Seq = &l.Seq
	}
	data, err := bus.Encode(m)
	if err != nil {
		return err
	}
	return p.deliver(&nats.Msg{Subject: p.sensor.subjects.Labels, Data: data})
}

// Reject publishes why a message, or a part of it, could not be read.
func (p *publisher) Reject(r pipeline.Reject) error {
	why, reason := r.Err, reasonOf(r.Err)
	p.sensor.outside.rejects.add(reason)
	through, held := p.sensor.reject()
	if !through {
		return nil
	}
	if r.Count > 1 {
		why = fmt.Errorf("%w, and %d more places of the message", why, r.Count-1)
	}
	m := bus.NewReject(p.input.Subject, p.input.Data, reason, why)
	m.Sensor, m.More = p.sensor.name, held
	if p.header.HasSeq {
		m.Seq = &p.header.Seq
	}
	data, err := bus.Encode(m)
	if err != nil {
		return err
	}
	return p.deliver(&nats.Msg{Subject: p.sensor.subjects.Rejects, Data: data})
}

// deliverAgain is how long to wait before what could not be published is published
// again.
const deliverAgain = 20 * time.Millisecond

// deliver publishes a result. The pipeline that it came from cannot go back, so
// that a result that is given up is lost: while the connection is lost and its
// buffer full, deliver waits. The sensor's queue fills meanwhile, and then its
// sender is told. Only in a drain does this have an end.
func (p *publisher) deliver(m *nats.Msg) error {
	if st := p.sensor.stream; st != nil {
		st.add(m)
		return nil
	}
	for {
		err := p.service.nc.PublishMsg(m)
		if err == nil || !passes(err) {
			return err
		}
		select {
		case <-p.ctx.Done():
			return errors.Join(err, context.Cause(p.ctx))
		case <-time.After(deliverAgain):
			p.sensor.outside.pulse.beat() // it waits for NATS
		}
	}
}

// passes tells whether an error of publishing may be gone at the next try.
func passes(err error) bool {
	for _, final := range []error{
		nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrMaxPayload,
		nats.ErrBadSubject, nats.ErrHeadersNotSupported, nats.ErrInvalidMsg,
	} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}
