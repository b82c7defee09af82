package service

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/features/stack"
)

// sensor is one sensor's queue and pipeline.
type sensor struct {
	service  *Service
	name     string
	subjects bus.SensorSubjects

	queue    chan item
	waiting  atomic.Int64             // bytes in the queue
	refused  atomic.Int64             // messages that did not fit
	rejected atomic.Int64             // messages that did not get as far as the pipeline
	ended    chan struct{}            // closed when nothing is taken from the queue any more
	failed   error                    // why the state was not stored, to be read after that
	lost     error                    // to which later owner, which is nobody's fault: likewise
	seen     atomic.Pointer[Snapshot] // what others see of what follows; nil before there is anything
	outside  outside
	guard    guarded
	stream   *streamed // of a sensor whose messages come from a stream

	// The rest is of the sensor's goroutine.
	pipe    *pipeline.Pipeline
	broken  error   // why there is no pipeline
	chosen  string  // name of the pipeline
	outputs Outputs // of it
	pace    pace    // of its statuses
	before  *sensor // of the same name, which is being put away; nil as a rule
	leaves  bool    // nothing comes any more, and it ends with what waits
	out     publisher

	bytes    int64
	encoding string
	lastSeq  *uint64
	took     *uint64           // number of the last message with events that were processed, where it had one
	handled  time.Time         // when the last message was taken up
	failures int64             // of the pipeline's device
	failure  error             // the last of them
	base     pipeline.Counters // what was counted before this daemon
	look     look
	network  networkLook
}

// item is what waits in a queue: a message, or something to be done between two.
type item struct {
	message  *nats.Msg
	received time.Time // of a message
	job      *job
}

// job is done by the sensor's goroutine, unless whoever asked for it has gone.
type job struct {
	do      func(*pipeline.Pipeline) error
	change  bool       // it changes what comes of the messages behind
	mends   bool       // it is done where there is no pipeline, too
	done    chan error // has room for the answer
	claimed atomic.Bool
}

// claim tells whether the caller is the first to ask.
func (j *job) claim() bool { return j.claimed.CompareAndSwap(false, true) }

func newSensor(s *Service, name string) (*sensor, error) {
	subjects, err := s.options.Subjects.Sensor(name)
	if err != nil {
		return nil, err
	}
	return &sensor{
		service: s, name: name, subjects: subjects,
		queue: make(chan item, s.options.PendingMessages),
		ended: make(chan struct{}), outside: outside{pulse: pulse{from: s.started}}, guard: s.guard.sensor(),
	}, nil
}

// offer puts a message into the queue, unless it does not fit.
func (sn *sensor) offer(m *nats.Msg) bool {
	n := int64(len(m.Data))
	if sn.reserve(n) {
		select {
		case sn.queue <- item{message: m, received: time.Now()}:
			return true
		default:
			sn.release(n)
		}
	}
	sn.refused.Add(1)
	return false
}

// run processes the queue until the service is closing and the queue is empty,
// then stores the state.
func (sn *sensor) run(ctx context.Context) {
	defer close(sn.ended)
	sn.outside.pulse.beat()
	if sn.before != nil {
		<-sn.before.ended // its state is stored
		sn.before = nil
		sn.outside.pulse.beat()
	}
	defer sn.pace.stop()
	// Making a pipeline takes its time, which is not the other sensors'.
	made, err := sn.service.make(sn.name)
	if sn.broken = err; err == nil {
		sn.have(made)
		sn.restore(ctx)
		sn.begin()
	}
	sn.out = newPublisher(ctx, sn)
	sn.note(true)
	sn.outside.pulse.rest()

	var idle <-chan time.Time
	if o := &sn.service.options; o.Idle > 0 && o.Store != nil && sn.broken == nil {
		t := time.NewTicker(o.Idle)
		defer t.Stop()
		idle = t.C
	}
	quiet := false
	for {
		select {
		case it := <-sn.queue:
			quiet = false
			sn.take(it)
			if sn.leaves {
				sn.rest(ctx)
				return
			}
		case <-idle:
			if quiet {
				sn.leave()
			}
			if sn.leaves {
				sn.rest(ctx)
				return
			}
			quiet = true
		case <-sn.pace.due():
			sn.publishStatus()
		case <-sn.service.closing:
			for {
				select {
				case it := <-sn.queue:
					sn.take(it)
				default:
					sn.failed = sn.finish(ctx)
					return
				}
			}
		}
	}
}

func (sn *sensor) take(it item) {
	sn.outside.pulse.beat()
	defer sn.outside.pulse.rest()
	switch {
	case it.job == nil:
		taken := time.Now()
		sn.dequeued(it.message)
		sn.handle(it.message)
		sn.answered(it.received, taken)
	case !it.job.claim():
	default:
		err := sn.allows(it.job)
		if err == nil {
			err = it.job.do(sn.pipe)
		}
		if sn.broken == nil {
			sn.watchDevice()
		}
		sn.note(true) // before the answer, so that whoever has it sees what was done
		it.job.done <- err
	}
}

// handle processes one message and acknowledges it.
func (sn *sensor) handle(m *nats.Msg) {
	sn.waiting.Add(-int64(len(m.Data)))
	if sn.broken != nil {
		sn.rejected.Add(1)
		sn.refuse(m, bus.ReasonSensor, sn.broken)
		return
	}
	sn.bytes += int64(len(m.Data))
	sn.handled = time.Now()
	h, err := bus.ParseEventsHeader(m.Header)
	if err != nil {
		sn.rejected.Add(1)
		sn.note(false)
		sn.refuse(m, bus.ReasonHeader, err)
		return
	}
	if reason, err := sn.admit(m, &h); err != nil {
		sn.rejected.Add(1)
		sn.note(false)
		sn.refuse(m, reason, err)
		return
	}
	if sn.stopped() {
		return // without an acknowledgement: it comes again, to a daemon that can take it
	}
	before := sn.changes()
	sn.encoding, sn.lastSeq = h.Encoding, nil
	if h.HasSeq {
		sn.lastSeq = &h.Seq
	}
	sn.out.begin(m, h)
	computed := sn.compute()
	outcome, err := sn.pipe.Handle(&pipeline.Input{
		Encoding: h.Encoding, Header: h.Message(), Payload: m.Data,
		Session: h.Session, Seq: h.Seq, HasSeq: h.HasSeq, Oldest: h.Oldest, HasOldest: h.HasOldest,
		Recording: h.Recording, Truth: h.Truth, End: h.End,
	}, &sn.out)
	computed()
	sn.watchDevice()
	if err != nil {
		sn.note(false)
		// No acknowledgement: it would say that the results are out.
		sn.service.options.Log.Error("a message's results could not be published", logSensor, sn.name, logError, err)
		return
	}
	if outcome == pipeline.Processed || outcome == pipeline.Duplicate {
		sn.readable()
	}
	processed := sn.seen.Load().Status.Events
	sn.note(false) // before the acknowledgement, so that whoever has that sees what the message did
	// Of a message that was rejected, events around the damage may have been processed.
	if outcome == pipeline.Processed || sn.seen.Load().Status.Events > processed {
		sn.took = sn.lastSeq
	}
	sn.service.acknowledge(m, outcomes[outcome])
	for i, now := range sn.changes() {
		if now != before[i] {
			sn.tell(i+1, now)
		}
	}
}

// refuse rejects a message that does not get as far as the pipeline.
func (sn *sensor) refuse(m *nats.Msg, reason bus.Reason, why error) {
	if sn.stream == nil {
		sn.service.refuse(m, sn.name, reason, why)
		return
	}
	sn.service.rejected(sn.name, reason)
	if data, err := bus.Encode(sn.service.reject(m, sn.name, reason, why)); err != nil {
		sn.service.options.Log.Error("a reject could not be published", logSensor, sn.name, logError, err)
	} else {
		sn.stream.add(&nats.Msg{Subject: sn.subjects.Rejects, Data: data})
	}
}

// changes are what the monitor of each layer found last.
func (sn *sensor) changes() (out [stack.MaxLayers]monitor.Finding) {
	if layers := sn.pipe.Stack(); layers != nil {
		for i := range layers.Len() {
			out[i] = sn.pipe.MonitorOf(i).Last()
		}
	}
	return out
}

// tell says at once that a layer, from 1, has settled, or drifts: in the log and by a
// status.
func (sn *sensor) tell(layer int, f monitor.Finding) {
	log := sn.service.options.Log.With(logSensor, sn.name)
	if sn.pipe.Stack().Len() > 1 {
		log = log.With(logLayer, layer)
	}
	switch f.Change {
	case monitor.Settled:
		log.Info("the layer has settled", logEvents, f.At)
	case monitor.Drift:
		log.Warn("the layer drifts from what it had settled to", logEvents, f.At, logSignal, f.Signal)
	default:
		return // another model was put in
	}
	if sn.outputs.StatusEvery > 0 {
		sn.publishStatus()
	}
}

var outcomes = map[pipeline.Outcome]bus.Outcome{
	pipeline.Processed: bus.OutcomeProcessed,
	pipeline.Duplicate: bus.OutcomeDuplicate,
	pipeline.Rejected:  bus.OutcomeRejected,
	pipeline.Early:     bus.OutcomeBusy,
}

// storeTimeout bounds reading and writing a state, which a server that is there
// does in milliseconds.
const storeTimeout = 30 * time.Second

// finish is the end of a drained sensor.
func (sn *sensor) finish(ctx context.Context) (err error) {
	if sn.broken != nil {
		return nil // it has said so for every message
	}
	defer func() {
		if closed := sn.pipe.Close(); closed != nil {
			err = errors.Join(err, fmt.Errorf("its device could not be given back: %w", closed))
		}
	}()
	if sn.outputs.StatusEvery > 0 {
		sn.publishStatus()
	}
	_, err = sn.storeNow(ctx)
	return err
}

// storeNow stores the state, where states are stored, and tells its size.
func (sn *sensor) storeNow(ctx context.Context) (n int, err error) {
	store := sn.service.options.Store
	if store == nil {
		return 0, nil
	}
	state, err := sn.pipe.MarshalBinary()
	if err != nil {
		return 0, fmt.Errorf("its state cannot be taken: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := store.Save(ctx, sn.name, state); err != nil {
		return 0, fmt.Errorf("its state could not be stored: %w", err)
	}
	sn.service.options.Log.Info("state stored", logSensor, sn.name, logBytes, len(state))
	return len(state), nil
}

// asideSuffix is behind the name of a state that could not be used; no sensor's name has
// a dot.
const asideSuffix = ".unused"

// restore puts back the state that an earlier run stored.
func (sn *sensor) restore(ctx context.Context) {
	store := sn.service.options.Store
	if store == nil {
		return
	}
	log := sn.service.options.Log.With(logSensor, sn.name)
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	state, err := store.Load(ctx, sn.name)
	if err == nil && state != nil {
		err = sn.pipe.UnmarshalBinary(state)
	}
	switch {
	case err != nil && state != nil:
		// The next state would take its place: what was learned is kept beside it.
		aside := sn.name + asideSuffix
		if kept := store.Save(ctx, aside, state); kept != nil {
			err = errors.Join(err, fmt.Errorf("and it could not be kept aside: %w", kept))
		}
		log.Warn("the stored state cannot be used: starting anew", logError, err, logAside, aside)
	case err != nil:
		log.Warn("the stored state cannot be read: starting anew", logError, err)
	case state != nil:
		log.Info("going on from the stored state", logBytes, len(state))
	}
}

// reasonOf sorts an error of the pipeline.
func reasonOf(err error) bus.Reason {
	var fe *events.FormatError
	switch {
	case errors.As(err, &fe):
		return bus.ReasonPayload
	case errors.Is(err, pipeline.ErrEncoding):
		return bus.ReasonEncoding
	case errors.Is(err, pipeline.ErrGeometry):
		return bus.ReasonGeometry
	case errors.Is(err, pipeline.ErrSequence):
		return bus.ReasonHeader
	}
	return bus.ReasonInternal
}
