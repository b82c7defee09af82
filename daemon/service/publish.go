package service

import (
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// publisher publishes what comes of a sensor's messages. It reuses its memory:
// the connection copies what it is given.
type publisher struct {
	service *Service
	sensor  *sensor

	input    *nats.Msg
	header   bus.EventsHeader
	part     int
	features nats.Msg
}

func newPublisher(s *Service, sn *sensor) publisher {
	return publisher{
		service: s, sensor: sn,
		features: nats.Msg{Subject: sn.subjects.Features, Header: nats.Header{}},
	}
}

// begin names the message that the next outputs answer.
func (p *publisher) begin(m *nats.Msg, h bus.EventsHeader) {
	p.input, p.header, p.part = m, h, 0
}

// Features publishes the results of one packet.
func (p *publisher) Features(in []events.Event, winners []int16, last bool) error {
	if !p.service.options.Features {
		return nil
	}
	h := bus.FeaturesHeader{
		Session: p.header.Session, Seq: p.header.Seq, HasSeq: p.header.HasSeq,
		Recording: p.header.Recording, Part: p.part, More: !last,
	}
	p.part++
	p.features.Data, h.Counts = bus.AppendFeatures(p.features.Data[:0], in, winners)
	if err := h.Set(p.features.Header); err != nil {
		return err
	}
	return p.service.nc.PublishMsg(&p.features)
}

// Label publishes a decision.
func (p *publisher) Label(l pipeline.Label) error {
	if !p.service.options.Labels {
		return nil
	}
	m := bus.Label{
		Sensor: p.sensor.name, Recording: l.Recording, Label: l.Label, Confidence: l.Confidence,
		Truth: l.Truth, FirstUS: l.First, LastUS: l.Last, Events: l.Events,
	}
	if p.header.HasSeq {
		m.Seq = &p.header.Seq
	}
	return publish(p.service.nc, p.sensor.subjects.Labels, m)
}

// Reject publishes why a message, or a part of it, could not be read.
func (p *publisher) Reject(r pipeline.Reject) error {
	m := bus.NewReject(p.input.Subject, p.input.Data, reasonOf(r.Err), r.Err)
	m.Sensor = p.sensor.name
	if p.header.HasSeq {
		m.Seq = &p.header.Seq
	}
	return publish(p.service.nc, p.sensor.subjects.Rejects, m)
}

func publish[T bus.Document](nc *nats.Conn, subject string, m T) error {
	data, err := bus.Encode(m)
	if err != nil {
		return err
	}
	return nc.Publish(subject, data)
}

// publishStatus publishes what the sensor's pipeline says of itself.
func (sn *sensor) publishStatus() {
	s := sn.status()
	if err := publish(sn.service.nc, sn.subjects.Status, s); err != nil {
		sn.service.options.Log.Error("the status could not be published", logSensor, sn.name, logError, err)
	}
}

func (sn *sensor) status() bus.Status {
	c := sn.pipe.Counters()
	s := bus.Status{
		Sensor: sn.name, Time: time.Now(), UptimeS: time.Since(sn.service.started).Seconds(),
		Device: sn.pipe.Target(), Encoding: sn.encoding,
		Recordings: int64(c.Recordings), Seq: sn.lastSeq,
		Messages: int64(c.Messages), Bytes: sn.bytes, Events: int64(c.Events),
		Labels: int64(c.Labels), Rejects: int64(c.Rejects), Gaps: int64(c.Gaps),
		Duplicates: int64(c.Duplicates), Refused: sn.refused.Load(),
		Learning:   sn.pipe.Learning(),
		QueueDepth: len(sn.queue), QueueBytes: sn.waiting.Load(),
	}
	layer := sn.pipe.Layer()
	if layer == nil {
		return s
	}
	config, counters := layer.Config(), layer.Counters()
	s.Width, s.Height = config.Width, config.Height
	s.Features, s.Missed = int64(counters.Hits), int64(counters.Missed)
	s.Border, s.Outside = int64(counters.Border), int64(counters.Outside)
	s.MissedRate = counters.MissedRate()
	thresholds := layer.Weights().Thresholds
	low, high, sum := thresholds[0], thresholds[0], int64(0)
	for _, t := range thresholds {
		low, high, sum = min(low, t), max(high, t), sum+int64(t)
	}
	const one = 1 << hw.ThresholdFraction
	s.ThresholdMin, s.ThresholdMax = float64(low)/one, float64(high)/one
	s.ThresholdMean = float64(sum) / float64(len(thresholds)) / one
	return s
}
