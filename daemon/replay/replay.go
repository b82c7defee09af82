package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
)

// Options say how to replay.
type Options struct {
	Subject  string // the sensor's subject for events
	Encoding string
	// Geometry of the recordings; zero to take each recording's own.
	Geometry events.Geometry
	// Topic is that to read of bags; empty for the first with events.
	Topic string
	// Speed is how many times faster than recorded; 0 is as fast as they are taken.
	Speed float64
	// PacketEvents and PacketTime bound a message; the time may be 0.
	PacketEvents int
	PacketTime   time.Duration
	// Window is how many messages may be under way.
	Window int
	// AckTimeout is how long to wait for an acknowledgement before what is under
	// way is sent again, GiveUp how long to go on without one.
	AckTimeout, GiveUp time.Duration
	// From and To bound what is replayed of every recording, each event by its own time: from a
	// time on, and before another; nil for its beginning and its end.
	From, To *edit.Time
	// Control steers the replay while it runs; nil for nobody.
	Control *Control
	// Loop begins again after the last recording, until ctx ends or a whole round
	// has given no event.
	Loop bool

	// OnMake is told of the events of every message as it is made, and whether it
	// is its recording's last (which may have none); OnSend of every message when it is first sent, with
	// its number; OnEnd of every recording when its last message is acknowledged.
	// All may be nil. Of a replay that is steered OnMake is told of messages that are not sent
	// as well, and OnEnd of none that was jumped out of.
	OnMake func(s Source, in []events.Event, last bool)
	OnSend func(seq uint64)
	OnEnd  func(Source)
}

func (o *Options) validate() error {
	switch {
	case o.Subject == "":
		return errors.New("replay: no subject")
	case o.PacketEvents < 1 || o.PacketTime < 0:
		return errors.New("replay: expected messages of one event or more")
	case o.Window < 1:
		return errors.New("replay: expected a window of one message or more")
	case o.AckTimeout <= 0 || o.GiveUp <= 0:
		return errors.New("replay: expected a time to wait for an acknowledgement")
	case !(o.Speed >= 0) || o.Speed > MaxSpeed: // NaN neither
		return fmt.Errorf("replay: expected a speed of 0 to %g", MaxSpeed)
	case o.From != nil && o.To != nil && o.From.Absolute == o.To.Absolute && o.To.US <= o.From.US:
		return fmt.Errorf("replay: expected a part that ends behind its beginning, found %v to %v", o.From, o.To)
	}
	return nil
}

// MaxSpeed is the largest factor of a pace.
const MaxSpeed = 1e9

// Report is what was replayed.
type Report struct {
	Recordings int64   `json:"recordings"`
	Messages   int64   `json:"messages"` // acknowledged
	Events     int64   `json:"events"`   // in these
	Rejected   int64   `json:"rejected"` // of the messages, those of which not all could be read
	Resent     int64   `json:"resent"`   // messages sent more than once, counted each time
	Seconds    float64 `json:"seconds"`
	Jumps      int64   `json:"jumps"` // seeks, and other recordings chosen
	// Lateness is that of messages sent at a pace.
	Lateness Lateness `json:"lateness"`
}

// Run replays the sources in their order. It returns when every message is
// acknowledged, when ctx ends and what was under way by then is acknowledged, or
// when there is no acknowledgement for GiveUp. A recording that is damaged is
// replayed up to the damage, and the error comes when all the others were
// replayed.
func Run(ctx context.Context, nc *nats.Conn, sources []Source, o Options) (Report, error) {
	if err := o.validate(); err != nil {
		return Report{}, err
	}
	encoding, err := events.EncodingByName(o.Encoding)
	if err != nil {
		return Report{}, err
	}
	if encoding.NewEncoder == nil {
		return Report{}, fmt.Errorf("encoding %s is only read", o.Encoding)
	}
	start := time.Now()
	defer o.Control.end()
	m := newMaker(sources, o, encoding.NewEncoder(), nuid.Next())
	s := newSender(nc, m, o, nc.NewInbox())
	s.sources, s.nap = sources, napper()
	sub, err := nc.Subscribe(s.inbox+".*", s.receive)
	if err != nil {
		return Report{}, err
	}
	status := nc.StatusChanged(nats.RECONNECTING, nats.CONNECTED, nats.CLOSED)
	s.status = status
	err = s.run(ctx)
	nc.RemoveStatusListener(status)
	err = errors.Join(err, unsubscribe(sub), m.close())
	s.report.Lateness = s.late.report()
	s.report.Seconds = time.Since(start).Seconds()
	return s.report, err
}

func unsubscribe(sub *nats.Subscription) error {
	if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		return err
	}
	return nil
}
