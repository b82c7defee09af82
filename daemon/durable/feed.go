package durable

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Message is a sensor's message out of the stream of events.
type Message struct {
	Position

	Pending uint64 // how many are behind it
	// Missing is how many messages of the sensor, at least, were removed from the stream between
	// the one before and this one, as far as the server tells.
	Missing  uint64
	Received time.Time
	Msg      *nats.Msg
	ack      func() error
}

// Ack tells the server that the message's results are stored. One that is lost does no
// harm.
func (m *Message) Ack() error {
	if m.ack == nil {
		return nil
	}
	return m.ack()
}

// Feed reads the messages of one sensor in their order, each once, through whatever
// happens to the consumer behind it: servers that end, leaders that change, consumers that
// are removed. It is used by one goroutine.
type Feed struct {
	streams *Streams
	sensor  string
	subject string
	last    Position // the last message that was handed out

	consumer string
	messages jetstream.MessagesContext
	expected uint64        // the consumer's number of the next message
	pending  uint64        // how many were behind the last one
	patience time.Duration // for the server to make a consumer
}

// Feed reads a sensor's messages behind a position. One of another stream begins anew.
func (s *Streams) Feed(sensor string, after Position) (*Feed, error) {
	subjects, err := s.options.Subjects.Sensor(sensor)
	if err != nil {
		return nil, err
	}
	return &Feed{streams: s, sensor: sensor, subject: subjects.Events, last: after}, nil
}

// Position is behind the last message that was handed out.
func (f *Feed) Position() Position { return f.last }

// Times of a consumer.
const (
	// ackWait is from when the server sends a message again. Those that come again are
	// left out; a pipeline that is slow is no reason to send anything again.
	ackWait = 10 * time.Minute
	// inactive is how long the server keeps a consumer that nobody asks.
	inactive = time.Minute
	// heartbeat is how often a server that has nothing says so: who hears nothing for
	// twice as long asks again.
	heartbeat = time.Second
	pullTime  = 10 * time.Second
)

// Next gives the next message. It waits for one, and tries again whatever goes wrong,
// until ctx ends; told is called with each reason.
func (f *Feed) Next(ctx context.Context, told func(error)) (*Message, error) {
	wait := firstWait
	for {
		m, err := f.next(ctx, told)
		if err == nil {
			return m, nil
		}
		f.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if !errors.Is(err, errAgain) {
			told(err)
			if made, err := f.streams.restore(ctx, &f.streams.wantEvents); err == nil && made {
				told(fmt.Errorf("the stream %s was not there any more, and what was in it is gone: it was made anew", f.streams.wantEvents.Name))
			}
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(wait):
		}
		wait = min(2*wait, lastWait)
	}
}

// errAgain is no fault: the consumer has missed a message on the way and is made anew.
var errAgain = errors.New("a message was lost on its way")

func (f *Feed) next(ctx context.Context, told func(error)) (*Message, error) {
	if f.messages == nil {
		if err := f.open(ctx, told); err != nil {
			return nil, err
		}
	}
	for {
		m, err := f.messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			return nil, fmt.Errorf("messages of %s: %w", f.sensor, err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return nil, fmt.Errorf("messages of %s: %w", f.sensor, err)
		}
		if meta.Sequence.Stream <= f.last.Seq {
			_ = m.Ack() // it was handed out, and its acknowledgement lost
			continue
		}
		if meta.NumDelivered != 1 || meta.Sequence.Consumer != f.expected {
			return nil, errAgain
		}
		// Of those that were behind the one before this is one. More may have come since, but
		// none go but those that were removed.
		missing := uint64(0)
		if left := meta.NumPending + 1; f.pending > left {
			missing = f.pending - left
		}
		f.expected++
		f.last.Seq, f.pending = meta.Sequence.Stream, meta.NumPending
		return &Message{
			Position: f.last, Pending: meta.NumPending, Missing: missing, Received: time.Now(), ack: m.Ack,
			Msg: &nats.Msg{Subject: m.Subject(), Header: m.Headers(), Data: m.Data()},
		}, nil
	}
}

// open makes a consumer behind the last message. Where another stream has taken the place of the
// one that the last message was of, it begins at its first.
func (f *Feed) open(ctx context.Context, told func(error)) error {
	// A leader that has just been elected may leave unanswered what was asked a moment before,
	// and answers the next one at once.
	f.patience = min(max(2*f.patience, askTime/4), askTime)
	ctx, cancel := context.WithTimeout(ctx, f.patience)
	defer cancel()
	epoch, state, err := f.streams.state(ctx)
	switch {
	case err != nil:
		return err
	case epoch != f.last.Epoch:
		if f.last.Epoch != 0 {
			told(fmt.Errorf("another stream of events has taken the place of the one that was read up to message %d: it is read from its first message on, and what was not read of the other one is lost", f.last.Seq))
		}
		f.last, f.pending = Position{Epoch: epoch}, 0
	case state.LastSeq < f.last.Seq:
		return fmt.Errorf("stream %s ends at message %d, and message %d was read: it has lost its end, and what is published now would be taken for that; remove the stream, so that numbers begin anew, or restore it", f.streams.options.Events.Name, state.LastSeq, f.last.Seq)
	case f.last.Seq > 0 && state.FirstSeq > f.last.Seq+1:
		told(fmt.Errorf("messages %d to %d were removed from the stream before they were read; those of them that were this sensor's are lost", f.last.Seq+1, state.FirstSeq-1))
	}
	// Its place is in our checkpoints, so that it is kept in memory; but on as many servers as
	// the stream, of which one may be cut off.
	name := "saccade-" + f.sensor + "-" + nuid.Next()
	c, err := f.streams.events.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Name: name, Description: "a pipeline of saccade", FilterSubject: f.subject,
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: f.last.Seq + 1,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: f.streams.options.PendingMessages,
		InactiveThreshold: inactive, MemoryStorage: true, Replicas: max(1, f.streams.options.Events.Replicas),
	})
	if err != nil {
		return fmt.Errorf("consumer of %s: %w", f.sensor, err)
	}
	messages, err := c.Messages(
		jetstream.PullMaxMessagesWithBytesLimit(f.streams.options.PendingMessages, f.streams.options.PendingBytes),
		jetstream.PullExpiry(pullTime), jetstream.PullHeartbeat(heartbeat),
	)
	if err != nil {
		return errors.Join(fmt.Errorf("consumer of %s: %w", f.sensor, err), f.remove(ctx, name))
	}
	// What was behind the last message is what is there now: what went since we looked last was
	// told of by the numbers, as far as it can be.
	f.patience = 0
	f.consumer, f.messages, f.expected, f.pending = name, messages, 1, max(f.pending, c.CachedInfo().NumPending)
	return nil
}

// Behind asks how many messages are behind the last one that was handed out, by now: a message that
// was handed out tells only of those that were there when the server sent it.
func (f *Feed) Behind(ctx context.Context) (uint64, error) {
	if f.messages == nil {
		return 0, errors.New("no consumer is open")
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	c, err := f.streams.events.Consumer(ctx, f.consumer)
	if err != nil {
		return 0, fmt.Errorf("consumer of %s: %w", f.sensor, err)
	}
	info := c.CachedInfo()
	handed := f.expected - 1
	return info.NumPending + max(info.Delivered.Consumer, handed) - handed, nil // some of them wait here
}

// Close ends the consumer. A feed that is closed opens another by itself.
func (f *Feed) Close() {
	if f.messages == nil {
		return
	}
	f.messages.Stop()
	f.messages = nil
	// The server would remove it by itself, later.
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	_ = f.remove(ctx, f.consumer)
}

// closeTime bounds what is done for order's sake alone.
const closeTime = 500 * time.Millisecond

func (f *Feed) remove(ctx context.Context, name string) error {
	err := f.streams.events.DeleteConsumer(ctx, name)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return nil
	}
	return err
}
