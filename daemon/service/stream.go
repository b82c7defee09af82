package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/durable"
)

// Streams has the messages of sensors come from a stream, their results go to another one,
// and their states to checkpoints: see package durable for what follows from that. Which
// sensors are worked on is then told by [Service.Take] and [Service.Drop].
type Streams struct {
	Streams     *durable.Streams
	Checkpoints *checkpoint.Store
	// Every and EveryBytes are after how long, and after how many bytes of messages, a
	// checkpoint follows the one before; Keep is how many are kept of a sensor.
	Every      time.Duration
	EveryBytes int64
	Keep       int
	// Idle is from when a sensor that sends nothing is put away: its state is in a
	// checkpoint, and its memory free. 0: never.
	Idle time.Duration
	// At, where it is not nil, is called between the steps of a message: a test ends the
	// process there.
	At func(sensor string, step Step, seq uint64)
}

// Step is a place between two steps of a message.
type Step string

// The steps, in their order.
const (
	StepTaken   Step = "taken"   // the message is here
	StepHandled Step = "handled" // its results are made
	StepStored  Step = "stored"  // and stored
	StepAcked   Step = "acked"   // and the message acknowledged
	StepSaving  Step = "saving"  // a checkpoint is about to be stored
	StepSaved   Step = "saved"   // and is
)

func (s *Streams) at(sensor string, step Step, seq uint64) {
	if s.At != nil {
		s.At(sensor, step, seq)
	}
}

// ErrNoStreams says that sensors come by their messages alone, and nobody gives or takes
// them.
var ErrNoStreams = errors.New("sensors' messages do not come from a stream")

// Why a sensor stops reading.
var (
	errDropped  = errors.New("the sensor is another daemon's now, or nobody's")
	errStopping = errors.New("the daemon is stopping")
	errAway     = errors.New("the sensor was put away")
	errAwake    = errors.New("the sensor has nothing to do, or has again: whoever gives it sees")
)

// Take has the service work on a sensor, from its newest checkpoint on. The term tells its
// owners apart: each has a larger one than the owner before. A sensor that is worked on
// already is left alone.
func (s *Service) Take(name string, term uint64) error {
	if s.options.Streams == nil {
		return ErrNoStreams
	}
	if s.find(name) != nil {
		return nil
	}
	sn, err := newSensor(s, name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed || s.work == nil:
		return ErrStopped
	case len(s.sensors) >= s.options.MaxSensors:
		return fmt.Errorf("%d sensors are worked on already, which is the limit", len(s.sensors))
	}
	if err := s.overtaken(name, term); err != nil {
		return err
	}
	reading, stop := context.WithCancelCause(s.work)
	sn.stream = &streamed{term: term, reading: reading, stop: stop}
	s.sensors[name] = sn
	delete(s.away, name)
	s.running.Go(func() { sn.runStream(s.work) })
	return nil
}

// Drop has the service stop working on a sensor, between two of its messages, and returns
// when its checkpoint is stored, or could not be.
func (s *Service) Drop(ctx context.Context, name string) error {
	s.mu.Lock()
	sn := s.sensors[name]
	delete(s.away, name)
	s.mu.Unlock()
	if sn == nil || sn.stream == nil {
		return nil
	}
	sn.stream.stop(errDropped)
	select {
	case <-sn.ended:
		s.mu.Lock()
		delete(s.away, name)
		s.mu.Unlock()
		return sn.failed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WorksOn tells whether a sensor is worked on at this moment; of one that was put away, behind
// which message of the stream.
func (s *Service) WorksOn(name string) (working bool, away *uint64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.sensors[name] != nil {
		return true, nil
	}
	if a, ok := s.away[name]; ok {
		return false, &a.seq
	}
	return false, nil
}

// resting is a sensor that was put away.
type resting struct {
	seq  uint64 // the last message that it has seen
	seen Snapshot
}

// left takes a sensor that has ended out of the list.
func (sn *sensor) left(why error) {
	s := sn.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if later, is := errors.AsType[*bus.FencedError](why); is {
		sn.lost = later
		s.fenced[sn.name] = later.Term
		s.options.Log.Warn("a sensor is another daemon's: what was not stored is left to it", logSensor, sn.name, logTerm, sn.stream.term, logError, why)
	}
	if s.closed {
		return // it is asked for its error
	}
	delete(s.sensors, sn.name)
	if errors.Is(why, errAway) {
		seen := sn.snapshot()
		seen.Away = true
		s.away[sn.name] = &resting{seq: sn.stream.position.Seq, seen: seen}
	}
}

// runStreams is Run of a service whose sensors are given to it.
func (s *Service) runStreams(ctx, work context.Context, cancel context.CancelCauseFunc) error {
	s.mu.Lock()
	s.work = work
	s.mu.Unlock()
	close(s.ready)
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-s.stopped:
	}
	s.options.Log.Info("draining", logSensors, s.count())
	watched := make(chan struct{})
	s.watching.Go(func() { s.watch(watched, cancel) })
	s.watching.Go(func() { s.watchStored(watched, cancel) })
	s.mu.Lock()
	s.closed = true
	for _, sn := range s.sensors {
		sn.stream.stop(errStopping)
	}
	s.mu.Unlock()
	err := errors.Join(failed, s.ended(work))
	close(watched)
	s.watching.Wait()
	return err
}

// errNotStored is why a drain ends that waits for the server to store something.
var errNotStored = fmt.Errorf("nothing could be stored for %v: it is made again from the last checkpoint on", drainPatience)

// watchStored gives up what waits to be stored when the server takes nothing any more, as it does
// where a stream is full. Nothing is lost by that.
func (s *Service) watchStored(done <-chan struct{}, abandon context.CancelCauseFunc) {
	t := time.NewTicker(drainPatience)
	defer t.Stop()
	for before := s.stored.Load(); ; {
		select {
		case <-done:
			return
		case <-t.C:
		}
		now := s.stored.Load()
		if now == before {
			abandon(errNotStored)
			return
		}
		before = now
	}
}
