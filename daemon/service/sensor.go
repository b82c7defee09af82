package service

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
)

// sensor is one sensor's queue and pipeline.
type sensor struct {
	service  *Service
	name     string
	subjects bus.SensorSubjects

	queue   chan item
	waiting atomic.Int64 // bytes in the queue
	refused atomic.Int64 // messages that did not fit

	pipe *pipeline.Pipeline
	out  publisher

	bytes    int64
	encoding string
	lastSeq  *uint64
}

// item is what waits in a queue: a message, or something to be done between two.
type item struct {
	message *nats.Msg
	do      func(*pipeline.Pipeline)
}

func newSensor(s *Service, name string) (*sensor, error) {
	subjects, err := s.options.Subjects.Sensor(name)
	if err != nil {
		return nil, err
	}
	pipe, err := s.options.NewPipeline(name)
	if err != nil {
		return nil, err
	}
	sn := &sensor{
		service: s, name: name, subjects: subjects, pipe: pipe,
		queue: make(chan item, s.options.PendingMessages),
	}
	sn.out = newPublisher(s, sn)
	return sn, nil
}

// offer puts a message into the queue, unless it does not fit.
func (sn *sensor) offer(m *nats.Msg) bool {
	n := int64(len(m.Data))
	if sn.waiting.Add(n) <= int64(sn.service.options.PendingBytes) {
		select {
		case sn.queue <- item{message: m}:
			return true
		default:
		}
	}
	sn.waiting.Add(-n)
	sn.refused.Add(1)
	return false
}

// run processes the queue until it is closed and empty, then stores the state.
func (sn *sensor) run(ctx context.Context) {
	log := sn.service.options.Log.With(logSensor, sn.name)
	sn.restore(ctx)

	var tick <-chan time.Time
	if every := sn.service.options.StatusEvery; every > 0 {
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
	}
	for {
		select {
		case it, more := <-sn.queue:
			switch {
			case !more:
				sn.finish(ctx)
				return
			case it.do != nil:
				it.do(sn.pipe)
			default:
				if err := sn.handle(it.message); err != nil {
					log.Error("a message's results could not be published", logError, err)
				}
			}
		case <-tick:
			sn.publishStatus()
		}
	}
}

// handle processes one message and acknowledges it.
func (sn *sensor) handle(m *nats.Msg) error {
	sn.waiting.Add(-int64(len(m.Data)))
	sn.bytes += int64(len(m.Data))
	h, err := bus.ParseEventsHeader(m.Header)
	if err != nil {
		sn.service.refuse(m, sn.name, bus.ReasonHeader, err)
		return nil
	}
	sn.encoding, sn.lastSeq = h.Encoding, nil
	if h.HasSeq {
		sn.lastSeq = &h.Seq
	}
	sn.out.begin(m, h)
	outcome, err := sn.pipe.Handle(&pipeline.Input{
		Encoding: h.Encoding, Header: h.Message(), Payload: m.Data,
		Session: h.Session, Seq: h.Seq, HasSeq: h.HasSeq, Oldest: h.Oldest, HasOldest: h.HasOldest,
		Recording: h.Recording, Truth: h.Truth, End: h.End,
	}, &sn.out)
	if err != nil {
		return err // no acknowledgement: the sender sends it again
	}
	sn.service.acknowledge(m, outcomes[outcome])
	return nil
}

var outcomes = map[pipeline.Outcome]bus.Outcome{
	pipeline.Processed: bus.OutcomeProcessed,
	pipeline.Duplicate: bus.OutcomeDuplicate,
	pipeline.Rejected:  bus.OutcomeRejected,
	pipeline.Early:     bus.OutcomeBusy,
}

// finish is the end of a drained sensor.
func (sn *sensor) finish(ctx context.Context) {
	if sn.service.options.StatusEvery > 0 {
		sn.publishStatus()
	}
	store := sn.service.options.Store
	if store == nil {
		return
	}
	log := sn.service.options.Log.With(logSensor, sn.name)
	state, err := sn.pipe.MarshalBinary()
	if err == nil {
		err = store.Save(ctx, sn.name, state)
	}
	if err != nil {
		log.Error("the state could not be stored", logError, err)
		return
	}
	log.Info("state stored", logBytes, len(state))
}

// restore puts back the state that an earlier run stored.
func (sn *sensor) restore(ctx context.Context) {
	store := sn.service.options.Store
	if store == nil {
		return
	}
	log := sn.service.options.Log.With(logSensor, sn.name)
	state, err := store.Load(ctx, sn.name)
	if err == nil && state != nil {
		err = sn.pipe.UnmarshalBinary(state)
	}
	switch {
	case err != nil:
		log.Warn("the stored state cannot be used: starting anew", logError, err)
	case state != nil:
		log.Info("going on from the stored state", logBytes, len(state))
	}
}

// reasonOf sorts an error of the pipeline.
func reasonOf(err error) bus.Reason {
	var fe *events.FormatError
	if errors.As(err, &fe) {
		return bus.ReasonPayload
	}
	return bus.ReasonInternal
}
