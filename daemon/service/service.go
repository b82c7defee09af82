package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// Keys of log records.
const (
	logSensor  = "sensor"
	logError   = "error"
	logSensors = "sensors"
	logBytes   = "bytes"
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
	// Accepts tells whether a sensor is served, by its name.
	Accepts func(sensor string) bool
	// Store may be nil: states are then lost with the process.
	Store Store

	MaxSensors      int
	MaxMessageBytes int
	PendingMessages int // of one sensor
	PendingBytes    int // of one sensor

	Features    bool // publish feature events
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

	mu      sync.RWMutex
	sensors map[string]*sensor
	running sync.WaitGroup
	closed  bool
}

// New makes a service on a connection, which stays the caller's.
func New(nc *nats.Conn, o Options) *Service {
	return &Service{
		options: o, nc: nc, started: time.Now(),
		ready:   make(chan struct{}),
		sensors: map[string]*sensor{},
	}
}

// Ready is closed when the service takes messages.
func (s *Service) Ready() <-chan struct{} { return s.ready }

// maxPending bounds what the connection buffers before the callback sorts it,
// which it does faster than a network delivers.
const (
	maxPendingMessages = 1 << 16
	maxPendingBytes    = 256 << 20
)

// Run takes messages until ctx ends, then drains and returns. It returns early
// where the connection is closed for good.
func (s *Service) Run(ctx context.Context) error {
	// Pipelines go on after ctx has ended until they are drained.
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)

	subject := s.options.Subjects.All(bus.KindEvents)
	sub, err := s.nc.Subscribe(subject, func(m *nats.Msg) { s.receive(work, m) })
	if err != nil {
		return fmt.Errorf("subscribing to %s: %w", subject, err)
	}
	gone := make(chan struct{})
	sub.SetClosedHandler(func(string) { close(gone) })
	err = sub.SetPendingLimits(maxPendingMessages, maxPendingBytes)
	if err == nil {
		err = bus.Flush(ctx, s.nc)
	}
	if err != nil {
		return errors.Join(err, s.stop(sub, gone))
	}
	close(s.ready)

	select {
	case <-ctx.Done():
	case <-gone:
		return errors.Join(errors.New("the connection to NATS was closed"), s.stop(nil, gone))
	}
	s.options.Log.Info("draining", logSensors, len(s.names()))
	return s.stop(sub, gone)
}

// stop ends the subscription, waits for what was accepted to be processed and
// for every sensor to have stored its state.
func (s *Service) stop(sub *nats.Subscription, gone <-chan struct{}) error {
	var err error
	if sub != nil {
		if err = sub.Drain(); err == nil {
			<-gone
		}
	}
	s.mu.Lock()
	s.closed = true
	for _, sensor := range s.sensors {
		close(sensor.queue)
	}
	s.mu.Unlock()
	s.running.Wait()
	if !s.nc.IsClosed() {
		err = errors.Join(err, bus.Flush(context.Background(), s.nc))
	}
	return err
}

// receive sorts one message into its sensor's queue. It is called by one
// goroutine only and does not wait.
func (s *Service) receive(ctx context.Context, m *nats.Msg) {
	name, _, err := s.options.Subjects.Parse(m.Subject)
	if err != nil {
		s.refuse(m, "", bus.ReasonSubject, err)
		return
	}
	sn, err := s.sensor(ctx, name)
	if err != nil {
		s.refuse(m, name, bus.ReasonSensor, err)
		return
	}
	if len(m.Data) > s.options.MaxMessageBytes {
		s.refuse(m, name, bus.ReasonSize, fmt.Errorf("expected a message of at most %d bytes, found %d", s.options.MaxMessageBytes, len(m.Data)))
		return
	}
	if !sn.offer(m) {
		s.acknowledge(m, bus.OutcomeBusy)
	}
}

// refuse publishes why a message is not taken, and answers it.
func (s *Service) refuse(m *nats.Msg, name string, reason bus.Reason, why error) {
	subject := s.options.Subjects.Unnamed()
	if subjects, err := s.options.Subjects.Sensor(name); err == nil {
		subject = subjects.Rejects
	}
	r := bus.NewReject(m.Subject, m.Data, reason, why)
	r.Sensor = name
	data, err := bus.Encode(r)
	if err == nil {
		err = s.nc.Publish(subject, data)
	}
	if err != nil {
		s.options.Log.Error("a reject could not be published", logSensor, name, logError, err)
	}
	s.acknowledge(m, bus.OutcomeRejected)
}

func (s *Service) acknowledge(m *nats.Msg, o bus.Outcome) {
	if m.Reply == "" {
		return
	}
	a := bus.Ack(o)
	a.Subject = m.Reply
	if err := s.nc.PublishMsg(a); err != nil {
		s.options.Log.Error("an acknowledgement could not be published", logError, err)
	}
}

// sensor finds a sensor, or takes a new one in.
func (s *Service) sensor(ctx context.Context, name string) (*sensor, error) {
	s.mu.RLock()
	sn := s.sensors[name]
	s.mu.RUnlock()
	if sn != nil {
		return sn, nil
	}
	if !s.options.Accepts(name) {
		return nil, errors.New("the sensor's name is not one of those that are served")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sensors) >= s.options.MaxSensors {
		return nil, fmt.Errorf("%d sensors are served already, which is the limit", len(s.sensors))
	}
	sn, err := newSensor(s, name)
	if err != nil {
		return nil, err
	}
	s.sensors[name] = sn
	s.running.Go(func() { sn.run(ctx) })
	s.options.Log.Info("a sensor appeared", logSensor, name)
	return sn, nil
}

func (s *Service) names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.sensors))
	for name := range s.sensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ErrNoSensor says that no such sensor has appeared, or that the service stopped.
var ErrNoSensor = errors.New("no such sensor")

// Do runs f on a sensor's pipeline, between two of its messages and after all
// that were received before.
func (s *Service) Do(ctx context.Context, name string, f func(*pipeline.Pipeline) error) error {
	done := make(chan error, 1)
	if err := s.enqueue(ctx, name, item{do: func(p *pipeline.Pipeline) { done <- f(p) }}); err != nil {
		return err
	}
	// Once queued, it runs to its end.
	return <-done
}

// enqueue waits for room in a sensor's queue. The lock keeps the queue open
// meanwhile; the sensor needs no lock to make room.
func (s *Service) enqueue(ctx context.Context, name string, it item) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sn := s.sensors[name]
	if sn == nil || s.closed {
		return fmt.Errorf("%s: %w", name, ErrNoSensor)
	}
	select {
	case sn.queue <- it:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
