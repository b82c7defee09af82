package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// publisher is what a sender needs of a NATS connection.
type publisher interface {
	PublishMsg(m *nats.Msg) error
	IsClosed() bool
}

// source is what it needs of a maker.
type source interface {
	next(ctx context.Context) (*message, error) // io.EOF behind the last
	done(m *message)
	jump(ctx context.Context, from *message, at int, position int64) (where, error)
}

// backoff is how long to wait before sending again what was not taken.
const backoff = 50 * time.Millisecond

// settle is how long to wait before sending again where the connection was lost and is back: as a rule the server was
// started anew, and whoever looks at the results has to come back as well, which takes him some tens of milliseconds.
// Core NATS keeps nothing for those who are not there.
const settle = 300 * time.Millisecond

// napTime is the last part of a wait that is slept through, without looking at anything else: a timer may come as late
// as that, as the runtime waits for whole milliseconds.
const napTime = 1200 * time.Microsecond

// sender sends messages and sends them again until they are acknowledged.
type sender struct {
	options Options
	nc      publisher
	maker   source
	inbox   string
	replies chan reply
	status  <-chan nats.Status // told when the connection is lost, back, or gone for good

	window []*message // in order of number; the first is not acknowledged
	ahead  *message   // made, and waiting for its time or for room
	ended  bool       // there is no other to be made

	nap      func(time.Duration) // sleeps shortly and exactly; nil where timers have to do
	sources  []Source
	timeline timeline
	late     lateness
	sent     *message // the last one that was sent, without its data
	here     where    // how far the replay is: with sent, or where somebody jumped to
	pending  *request // what waits for all that is under way to be acknowledged

	lost     bool             // the connection is
	again    <-chan time.Time // set while what is under way waits to be sent again
	tried    time.Time        // when the window was last sent, or moved
	progress time.Time        // when it last moved, or was empty
	until    time.Time        // set once ctx has ended: how long to wait for what is under way

	report Report
	msg    nats.Msg
}

type reply struct {
	seq     uint64
	outcome bus.Outcome
	nobody  bool // there was nobody to take the message
}

// refused tells whether a reply says that a message was not taken.
func (a reply) refused() bool { return a.nobody || a.outcome == bus.OutcomeBusy }

func newSender(nc publisher, m source, o Options, inbox string) *sender {
	return &sender{
		options: o, nc: nc, maker: m, inbox: inbox, replies: make(chan reply, 4*o.Window),
		timeline: timeline{speed: o.Speed},
		msg:      nats.Msg{Subject: o.Subject, Header: nats.Header{}},
	}
}

// receive is called by the connection's goroutine.
func (s *sender) receive(m *nats.Msg) {
	seq, err := strconv.ParseUint(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:], 10, 64)
	if err != nil {
		return // not an answer to anything that was sent
	}
	outcome, err := bus.ParseAck(m)
	a := reply{seq: seq, outcome: outcome, nobody: errors.Is(err, nats.ErrNoResponders)}
	if err != nil && !a.nobody {
		return
	}
	select {
	case s.replies <- a:
	default: // it will be asked for again
	}
}

func (s *sender) run(ctx context.Context) error {
	for {
		if err := s.take(); err != nil {
			return err
		}
		if ctx.Err() != nil && s.until.IsZero() {
			s.until = time.Now().Add(s.options.AckTimeout)
		}
		stopping := !s.until.IsZero()
		s.tell()
		s.steer(ctx)
		// With nothing under way it is asked even then whether that was all.
		if s.ahead == nil && !s.ended && s.pending == nil && (!stopping || len(s.window) == 0) {
			s.make(ctx)
		}
		if len(s.window) == 0 && s.ended && (s.pending == nil && !s.timeline.held || stopping) {
			return nil
		}
		if len(s.window) == 0 && stopping {
			return ctx.Err()
		}
		ready := s.ahead != nil && len(s.window) < s.options.Window && s.again == nil && !s.lost && !stopping &&
			!s.timeline.held && s.pending == nil
		if now := time.Now(); ready && !s.timeline.due(s.ahead.play).After(now) {
			if err := s.first(now); err != nil {
				return err
			}
			continue
		}
		if err := s.wait(ctx, ready); err != nil {
			return err
		}
	}
}

// make makes the next message, unless ctx ends.
func (s *sender) make(ctx context.Context) {
	m, err := s.maker.next(ctx)
	if err != nil {
		s.ended = errors.Is(err, io.EOF)
		return
	}
	s.ahead = m
	s.timeline.begin(time.Now())
}

// first sends a message for the first time.
func (s *sender) first(now time.Time) error {
	m := s.ahead
	if due := s.timeline.due(m.play); !due.IsZero() {
		s.late.add(now.Sub(due))
	}
	if !m.cut { // or else it is where somebody jumped to
		s.here = m.where
	}
	sent := *m
	sent.data, s.sent = nil, &sent
	if len(s.window) == 0 {
		s.tried = now
		s.progress = s.tried
	}
	if s.options.OnSend != nil {
		s.options.OnSend(m.header.Seq)
	}
	s.window, s.ahead = append(s.window, m), nil
	return s.send(m)
}

// wait waits until something is to be done; ready tells whether a message may be
// sent when its time comes.
func (s *sender) wait(ctx context.Context, ready bool) error {
	var due, late <-chan time.Time
	if ready {
		left := time.Until(s.timeline.due(s.ahead.play))
		if s.nap != nil {
			if left <= napTime {
				s.nap(left)
				return nil
			}
			left -= napTime
		}
		due = time.After(left)
	}
	end := s.progress.Add(s.options.GiveUp)
	if !s.until.IsZero() {
		end = s.until
	}
	if len(s.window) > 0 || s.lost {
		next := end
		if again := s.tried.Add(s.options.AckTimeout); s.again == nil && !s.lost && again.Before(end) {
			next = again
		}
		late = time.After(time.Until(next))
	}
	done := ctx.Done()
	if !s.until.IsZero() {
		done = nil
	}
	select {
	case a := <-s.replies:
		s.answered(a)
		return nil
	case <-due:
		return nil
	case <-done:
		return nil
	case status := <-s.status:
		return s.changed(status)
	case r := <-s.requests():
		s.asked(r)
		return nil
	case r := <-s.options.Control.questions():
		r.answer <- answer{status: s.look(false)}
		return nil
	case <-s.again:
	case <-late:
	}
	switch {
	case time.Now().Before(end):
		return s.resend()
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %d messages are not known to have been processed", ctx.Err(), len(s.window))
	default:
		return fmt.Errorf("no acknowledgement for %v: %d messages are not known to have been processed; is the daemon running?",
			s.options.GiveUp, len(s.window))
	}
}

// take takes what has come, without waiting.
func (s *sender) take() error {
	for {
		select {
		case a := <-s.replies:
			s.answered(a)
		case status := <-s.status:
			if err := s.changed(status); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// changed takes note of what became of the connection.
func (s *sender) changed(status nats.Status) error {
	switch status {
	case nats.CLOSED:
		return fmt.Errorf("%w: %d messages are not known to have been processed", nats.ErrConnectionClosed, len(s.window))
	case nats.CONNECTED:
		// What was on the way when the connection was lost may never have come.
		s.lost, s.again = false, time.After(settle)
	default:
		if s.lost = true; len(s.window) == 0 {
			s.progress = time.Now()
		}
	}
	return nil
}

// answered takes note of a reply.
func (s *sender) answered(a reply) {
	if len(s.window) == 0 || a.seq < s.window[0].header.Seq {
		return // it is of a message sent twice
	}
	i := a.seq - s.window[0].header.Seq
	if i >= uint64(len(s.window)) || s.window[i].acked {
		return
	}
	if a.refused() {
		if s.again == nil {
			s.again = time.After(backoff)
		}
		return
	}
	if a.outcome == bus.OutcomeStored && i > 0 && !s.window[i-1].acked {
		// One before it may not be in the stream. It is then sent again, and all behind it
		// with it, as they are taken in their order only.
		return
	}
	s.window[i].acked = true
	if a.outcome == bus.OutcomeRejected {
		s.report.Rejected++
	}
	for len(s.window) > 0 && s.window[0].acked {
		s.acknowledged(s.window[0])
		s.window = s.window[1:]
		s.tried = time.Now()
		s.progress = s.tried
	}
}

// acknowledged ends a message.
func (s *sender) acknowledged(m *message) {
	s.report.Messages++
	s.report.Events += int64(m.events)
	if m.header.End && !m.cut {
		s.report.Recordings++
		if s.options.OnEnd != nil {
			s.options.OnEnd(m.source)
		}
	}
	s.maker.done(m)
}

// resend sends again what is under way.
func (s *sender) resend() error {
	s.again = nil
	s.tried = time.Now()
	for _, m := range s.window {
		if m.acked {
			continue
		}
		s.report.Resent++
		if err := s.send(m); err != nil {
			return err
		}
	}
	return nil
}

// send publishes a message of the window. What cannot be published as the
// connection is lost is sent again later.
func (s *sender) send(m *message) error {
	m.header.Oldest = s.window[0].header.Seq
	if err := m.header.Set(s.msg.Header); err != nil {
		return err
	}
	s.msg.Data = m.data
	s.msg.Reply = s.inbox + "." + strconv.FormatUint(m.header.Seq, 10)
	err := s.nc.PublishMsg(&s.msg)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("a message of %d bytes and its headers: %w: cut recordings into smaller messages", len(m.data), err)
	case s.nc.IsClosed(), errors.Is(err, nats.ErrConnectionDraining), errors.Is(err, nats.ErrBadSubject),
		errors.Is(err, nats.ErrHeadersNotSupported), errors.Is(err, nats.ErrInvalidConnection):
		return err
	default:
		return nil
	}
}
