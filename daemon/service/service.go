package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// Keys of log records.
const (
	logSensor   = "sensor"
	logError    = "error"
	logSensors  = "sensors"
	logBytes    = "bytes"
	logEvents   = "events"
	logSignal   = "signal"
	logLayer    = "layer"
	logAside    = "kept_as"
	logLearning = "learning"
	logDevice   = "device"
	logSeq      = "seq"
	logTerm     = "term"
	logAge      = "age"
	logMessages = "messages"
	logFrom     = "from"
	logTo       = "to"
)

// Store keeps the states of pipelines while the daemon is not running.
type Store interface {
	// Load gives the newest state of a sensor, nil where there is none.
	Load(ctx context.Context, sensor string) ([]byte, error)
	Save(ctx context.Context, sensor string, state []byte) error
}

// Options configure a service. All fields but Store are needed.
type Options struct {
	Subjects bus.Subjects
	// NewPipeline makes the pipeline of a sensor that appears.
	NewPipeline func(sensor string) (*pipeline.Pipeline, error)
	// Make, where it is not nil, does so with what is published of the sensor, in the stead of
	// NewPipeline and of Features, Missed, Labels and StatusEvery.
	Make func(sensor string) (Made, error)
	// Accepts tells whether a sensor is served, by its name.
	Accepts func(sensor string) bool
	// Store may be nil: states are then lost with the process.
	Store Store
	// Streams has messages come from a stream, in the stead of a subscription; nil where they
	// do not. Store is then not used.
	Streams *Streams

	// Idle is from when a sensor that sends nothing is put away, where there is a Store. 0: never.
	Idle time.Duration

	MaxSensors      int
	MaxMessageBytes int
	PendingMessages int // of one sensor
	PendingBytes    int // of one sensor
	Limits          Limits

	Features    bool // publish feature events
	Missed      bool // and missed events among them
	Labels      bool // publish labels
	StatusEvery time.Duration

	Log *slog.Logger
}

// Service is a running daemon's work.
type Service struct {
	options Options
	nc      *nats.Conn
	started time.Time
	ready   chan struct{}
	overall overall
	guard   *guard

	mu      sync.RWMutex
	sensors map[string]*sensor
	away    map[string]*resting // those that were put away
	fenced  map[string]uint64   // the term that a sensor was lost to
	leaving map[string]*sensor  // those that are being put away, of which there may be another already
	closed  bool                // no sensor comes any more
	running sync.WaitGroup

	entry sync.RWMutex // held by receive, from when it finds a sensor until the message is in its queue

	work     context.Context //nolint:containedctx // of sensors that are given to the service; nil before Run
	watching sync.WaitGroup
	stored   atomic.Uint64 // what went to streams and checkpoints

	closing chan struct{} // closed when sensors are to process what waits, and to end
	stopped chan error    // what a sensor cannot go on for; room for the first
}

// New makes a service on a connection, which stays the caller's. It runs once.
func New(nc *nats.Conn, o Options) *Service {
	return &Service{
		options: o, nc: nc, started: time.Now(),
		ready:   make(chan struct{}),
		closing: make(chan struct{}),
		stopped: make(chan error, 1),
		sensors: map[string]*sensor{}, away: map[string]*resting{}, fenced: map[string]uint64{}, leaving: map[string]*sensor{},
		guard: newGuard(o.Limits),
	}
}

// Ready is closed when the service takes messages.
func (s *Service) Ready() <-chan struct{} { return s.ready }

// What the connection buffers before the callback sorts it, which it does faster
// than a network delivers. What is beyond is dropped, is not acknowledged, and so
// comes again.
const (
	maxPendingMessages = 1 << 16
	maxPendingBytes    = 256 << 20
)

// Run takes messages until ctx ends, then drains and returns. It returns early
// where the connection is closed for good, and where a sensor's device has failed whose pipeline is to stop then. Its error holds those of all sensors
// whose state could not be stored.
func (s *Service) Run(ctx context.Context) error {
	// Pipelines go on after ctx has ended until they are drained.
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	if s.options.Streams != nil {
		return s.runStreams(ctx, work, cancel)
	}
	stop := func(sub *nats.Subscription, gone <-chan struct{}) error {
		watched := make(chan struct{})
		var watching sync.WaitGroup
		watching.Go(func() { s.watch(watched, cancel) })
		defer watching.Wait()
		defer close(watched)
		return s.stop(work, sub, gone)
	}

	subject := s.options.Subjects.All(bus.KindEvents)
	sub, err := s.nc.Subscribe(subject, func(m *nats.Msg) { s.receive(work, m) })
	if err != nil {
		return fmt.Errorf("subscribing to %s: %w", subject, err)
	}
	gone := make(chan struct{})
	sub.SetClosedHandler(func(string) { close(gone) })
	err = sub.SetPendingLimits(maxPendingMessages, maxPendingBytes)
	if err == nil {
		err = bus.Subscribed(ctx, s.nc)
	}
	switch {
	case ctx.Err() != nil: // it ended before it began
		return stop(sub, gone)
	case err != nil:
		return errors.Join(err, stop(sub, gone))
	}
	close(s.ready)

	select {
	case <-ctx.Done():
	case <-gone:
		return errors.Join(errors.New("the connection to NATS was closed"), stop(nil, gone))
	case err := <-s.stopped:
		s.options.Log.Info("draining", logSensors, s.count())
		return errors.Join(err, stop(sub, gone))
	}
	s.options.Log.Info("draining", logSensors, s.count())
	return stop(sub, gone)
}

const (
	// drainPatience is how long a drain goes on without a connection.
	drainPatience = 10 * time.Second
	watchEvery    = 250 * time.Millisecond
)

// errAlone is why a drain gives up.
var errAlone = fmt.Errorf("there was no connection to NATS for %v: what was not published by then is lost", drainPatience)

// watch gives up what waits for NATS when the connection does not come back.
func (s *Service) watch(done <-chan struct{}, abandon context.CancelCauseFunc) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	alone := 0
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if alone++; s.nc.IsConnected() {
			alone = 0
		}
		if time.Duration(alone)*watchEvery >= drainPatience {
			abandon(errAlone)
			return
		}
	}
}

// stop ends the subscription, waits for what was accepted to be processed and
// for every sensor to have stored its state.
func (s *Service) stop(work context.Context, sub *nats.Subscription, gone <-chan struct{}) error {
	var err error
	if sub != nil {
		// A connection that is closed drains nothing, and closes the subscription.
		if err = sub.Drain(); err == nil {
			<-gone
		}
	}
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	close(s.closing)
	return errors.Join(err, s.ended(work))
}

// ended waits for all sensors, and gives what went wrong.
func (s *Service) ended(work context.Context) (err error) {
	s.running.Wait()
	for _, sn := range s.sorted() {
		if sn.failed != nil {
			err = errors.Join(err, fmt.Errorf("sensor %s: %w", sn.name, sn.failed))
		}
	}
	switch {
	case s.nc.IsClosed():
		return err
	case work.Err() != nil:
		return errors.Join(err, context.Cause(work))
	default:
		return errors.Join(err, bus.Flush(work, s.nc))
	}
}

// receive sorts one message into its sensor's queue. It is called by one
// goroutine only and does not wait.
func (s *Service) receive(ctx context.Context, m *nats.Msg) {
	name, _, err := s.options.Subjects.Parse(m.Subject)
	if err != nil {
		s.refuse(m, "", bus.ReasonSubject, err)
		return
	}
	if err := s.answerable(m); err != nil {
		s.refuse(m, name, bus.ReasonHeader, err)
		return
	}
	s.entry.RLock()
	defer s.entry.RUnlock()
	sn, err := s.sensor(ctx, name)
	if err != nil {
		s.refuse(m, name, bus.ReasonSensor, err)
		return
	}
	if !sn.within(m) {
		s.acknowledge(m, bus.OutcomeBusy)
		return
	}
	if len(m.Data) > s.options.MaxMessageBytes {
		sn.rejected.Add(1)
		s.refuse(m, name, bus.ReasonSize, fmt.Errorf("expected a message of at most %d bytes, found %d", s.options.MaxMessageBytes, len(m.Data)))
		return
	}
	if err := headersBounded(m.Header); err != nil {
		sn.rejected.Add(1)
		s.refuse(m, name, bus.ReasonHeader, err)
		return
	}
	if !sn.offer(m) {
		s.acknowledge(m, bus.OutcomeBusy)
	}
}

// refuse publishes why a message is not taken, and answers it.
func (s *Service) refuse(m *nats.Msg, name string, reason bus.Reason, why error) {
	s.rejected(name, reason)
	through, held := s.rejectOf(name)
	if !through {
		s.acknowledge(m, bus.OutcomeRejected)
		return
	}
	subject := s.options.Subjects.Unnamed()
	if subjects, err := s.options.Subjects.Sensor(name); err == nil {
		subject = subjects.Rejects
	}
	r := s.reject(m, name, reason, why)
	r.More = held
	data, err := bus.Encode(r)
	if err == nil {
		err = s.nc.Publish(subject, data)
	}
	if err != nil {
		s.options.Log.Error("a reject could not be published", logSensor, name, logError, err)
	}
	s.acknowledge(m, bus.OutcomeRejected)
}

func (*Service) reject(m *nats.Msg, name string, reason bus.Reason, why error) bus.Reject {
	r := bus.NewReject(m.Subject, m.Data, reason, why)
	r.Sensor = name
	return r
}

// acknowledge answers a message. An answer that is lost is asked for again.
func (s *Service) acknowledge(m *nats.Msg, o bus.Outcome) {
	if !s.options.Subjects.IsInbox(m.Reply) {
		return
	}
	a := bus.Ack(o)
	a.Subject = m.Reply
	if err := s.nc.PublishMsg(a); err != nil {
		s.options.Log.Debug("an acknowledgement could not be published", logError, err)
	}
}

// sensor finds a sensor, or takes a new one in.
func (s *Service) sensor(ctx context.Context, name string) (*sensor, error) {
	if sn := s.find(name); sn != nil {
		return sn, nil
	}
	if !s.options.Accepts(name) {
		return nil, errors.New("the sensor's name is not one of those that are served")
	}
	// Before anything is made for it: somebody may have a new name for every message.
	if n := s.count(); n >= s.options.MaxSensors {
		return nil, fmt.Errorf("%d sensors are served already, which is the limit", n)
	}
	sn, err := newSensor(s, name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, errors.New("the daemon is stopping")
	case len(s.sensors) >= s.options.MaxSensors:
		return nil, fmt.Errorf("%d sensors are served already, which is the limit", len(s.sensors))
	}
	s.sensors[name] = sn
	delete(s.away, name)
	sn.before = s.leaving[name]
	s.running.Go(func() { sn.run(ctx) })
	s.options.Log.Info("a sensor appeared", logSensor, name)
	return sn, nil
}

func (s *Service) find(name string) *sensor {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sensors[name]
}

func (s *Service) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.sensors)
}

// sorted gives the sensors in the order of their names.
func (s *Service) sorted() []*sensor {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.sensors), func(a, b *sensor) int { return strings.Compare(a.name, b.name) })
}

// ErrNoSensor says that no such sensor has appeared, or that the service stopped.
var ErrNoSensor = errors.New("no such sensor")

// ErrStopped is the ErrNoSensor of a sensor that was there.
var ErrStopped = fmt.Errorf("the daemon has stopped: %w", ErrNoSensor)

// Do runs f on a sensor's pipeline, between two of its messages and after all
// that were received before. Where ctx ends before f's turn, f is not run.
func (s *Service) Do(ctx context.Context, name string, f func(*pipeline.Pipeline) error) error {
	return s.do(ctx, name, &job{do: f, done: make(chan error, 1)})
}

// Change is Do of what changes what comes of the messages behind. Where messages come from a
// stream, it returns when the change is in a checkpoint.
func (s *Service) Change(ctx context.Context, name string, f func(*pipeline.Pipeline) error) error {
	return s.do(ctx, name, &job{do: f, change: true, done: make(chan error, 1)})
}

func (s *Service) do(ctx context.Context, name string, j *job) error {
	sn := s.find(name)
	if sn == nil {
		return fmt.Errorf("%s: %w", name, ErrNoSensor)
	}
	select {
	case sn.queue <- item{job: j}:
	case <-sn.ended:
		return sn.gone()
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.done:
		return err
	case <-sn.ended:
	case <-ctx.Done():
	}
	if j.claim() {
		if err := ctx.Err(); err != nil {
			return err
		}
		return sn.gone()
	}
	return <-j.done // it runs, or has run
}
