package replay

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
)

// Options say how to replay.
type Options struct {
	Subject  string // the sensor's subject for events
	Encoding string
	// Geometry of the recordings; zero to take each recording's own.
	Geometry events.Geometry
	// Speed is how many times faster than recorded; 0 is as fast as they are taken.
	Speed float64
	// PacketEvents and PacketTime bound a message; the time may be 0.
	PacketEvents int
	PacketTime   time.Duration
	// Window is how many messages may be under way.
	Window int
	// AckTimeout is how long to wait for an acknowledgement before a message is
	// sent again, GiveUp how long to go on without one.
	AckTimeout, GiveUp time.Duration
	// Loop begins again after the last recording.
	Loop bool

	// OnMake is told of the events of every message as it is made, and whether it
	// is its recording's last; OnSend of every message when it is first sent, with
	// its number; OnEnd of every recording when its last message is acknowledged.
	// All may be nil.
	OnMake func(s Source, in []events.Event, last bool)
	OnSend func(seq uint64)
	OnEnd  func(Source)
}

// Report is what was replayed.
type Report struct {
	Recordings int64   `json:"recordings"`
	Messages   int64   `json:"messages"` // acknowledged
	Events     int64   `json:"events"`   // in these
	Rejected   int64   `json:"rejected"` // of the messages, those of which not all could be read
	Resent     int64   `json:"resent"`   // messages sent more than once, counted each time
	Seconds    float64 `json:"seconds"`
}

// Run replays the sources in their order. It returns when every message is
// acknowledged, when ctx ends, or when there is no acknowledgement for GiveUp. A
// recording that is damaged is replayed up to the damage, and the error comes
// when all the others were replayed.
func Run(ctx context.Context, nc *nats.Conn, sources []Source, o Options) (Report, error) {
	encoding, err := events.EncodingByName(o.Encoding)
	if err != nil {
		return Report{}, err
	}
	if encoding.NewEncoder == nil {
		return Report{}, fmt.Errorf("encoding %s is only read", o.Encoding)
	}
	r := &run{
		options: o, nc: nc, encoder: encoding.NewEncoder(), sources: sources,
		session: nuid.Next(), inbox: nats.NewInbox(), replies: make(chan reply, 2*o.Window),
	}
	start := time.Now()
	sub, err := nc.Subscribe(r.inbox+".*", r.receive)
	if err != nil {
		return Report{}, err
	}
	err = r.run(ctx)
	// The subscription is ended before the channel that it fills is left.
	err = errors.Join(err, unsubscribe(sub), r.closeFile(), errors.Join(r.damage...))
	r.report.Seconds = time.Since(start).Seconds()
	return r.report, err
}

func unsubscribe(sub *nats.Subscription) error {
	if err := sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		return err
	}
	return nil
}

// message is one that was sent and is not acknowledged.
type message struct {
	seq    uint64
	header bus.EventsHeader
	data   []byte
	events int
	due    time.Time // when a camera would have sent it
	source int
	acked  bool
}

type reply struct {
	seq     uint64
	outcome bus.Outcome
	nobody  bool // there was nobody to take the message
}

type run struct {
	options Options
	nc      *nats.Conn
	encoder events.Encoder
	sources []Source
	session string
	inbox   string
	replies chan reply

	file    *events.File
	cutter  *cutter
	at      int // the source that is being replayed
	ended   bool
	offset  int64 // what looping has added to the times
	latest  int64
	rest    []events.Event // of a chunk that took more than one message
	restEnd bool
	seq     uint64

	// origin maps a recording's time to the clock's, for pacing.
	origin     time.Time
	originTime int64

	window []*message // in order of number; the first is not acknowledged
	next   *message   // made, and waiting for its time or for room
	report Report
	damage []error
	msg    nats.Msg
}

// receive is called by the connection's goroutine.
func (r *run) receive(m *nats.Msg) {
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
	case r.replies <- a:
	default: // it will be asked for again
	}
}

// backoff is how long to wait before sending again what was not taken.
const backoff = 50 * time.Millisecond

func (r *run) run(ctx context.Context) error {
	var again <-chan time.Time // set while what was sent waits to be sent again
	progress := time.Now()
	done := ctx.Done()
	stopping := false
	for {
		if r.next == nil && !r.ended && !stopping {
			if err := r.make(); err != nil {
				return err
			}
		}
		if (r.ended || stopping) && len(r.window) == 0 && (r.next == nil || stopping) {
			return ctx.Err()
		}
		var due <-chan time.Time
		if r.next != nil && len(r.window) < r.options.Window && again == nil && !stopping {
			wait := time.Until(r.next.due)
			if wait <= 0 {
				if len(r.window) == 0 {
					progress = time.Now()
				}
				if r.options.OnSend != nil {
					r.options.OnSend(r.next.seq)
				}
				if err := r.send(r.next); err != nil {
					return err
				}
				r.window = append(r.window, r.next)
				r.next = nil
				// Take what has come meanwhile, without waiting.
				select {
				case a := <-r.replies:
					if r.acknowledge(a) {
						progress = time.Now()
					} else if again == nil && r.refused(a) {
						again = time.After(backoff)
					}
				default:
				}
				continue
			}
			due = time.After(wait)
		}
		var late <-chan time.Time
		if len(r.window) > 0 && again == nil {
			late = time.After(r.options.AckTimeout)
		}
		select {
		case a := <-r.replies:
			if r.acknowledge(a) {
				progress = time.Now()
			} else if again == nil && r.refused(a) {
				again = time.After(backoff)
			}
		case <-due:
		case <-late:
			again = time.After(0)
		case <-again:
			again = nil
			if time.Since(progress) > r.options.GiveUp {
				return fmt.Errorf("no acknowledgement for %v: %d messages are not known to have been processed; is the daemon running?",
					r.options.GiveUp, len(r.window))
			}
			for _, m := range r.window {
				if m.acked {
					continue
				}
				r.report.Resent++
				if err := r.send(m); err != nil {
					return err
				}
			}
		case <-done:
			// What is under way is waited for, for as long as one
			// acknowledgement may take.
			stopping, done = true, nil
			if r.nc.IsClosed() || len(r.window) == 0 {
				return ctx.Err()
			}
			r.options.GiveUp = r.options.AckTimeout
		}
	}
}

// refused tells whether a reply says that a message was not taken.
func (r *run) refused(a reply) bool { return a.nobody || a.outcome == bus.OutcomeBusy }

// acknowledge takes note of a reply; it tells whether the window moved.
func (r *run) acknowledge(a reply) bool {
	if r.refused(a) || len(r.window) == 0 || a.seq < r.window[0].seq {
		return false
	}
	i := a.seq - r.window[0].seq
	if i >= uint64(len(r.window)) || r.window[i].acked {
		return false
	}
	r.window[i].acked = true
	if a.outcome == bus.OutcomeRejected {
		r.report.Rejected++
	}
	n := 0
	for n < len(r.window) && r.window[n].acked {
		m := r.window[n]
		r.report.Messages++
		r.report.Events += int64(m.events)
		if m.header.End {
			r.report.Recordings++
			if r.options.OnEnd != nil {
				r.options.OnEnd(r.sources[m.source])
			}
		}
		n++
	}
	r.window = r.window[n:]
	return n > 0
}

// send publishes a message. While the connection is lost the client buffers, and
// what it cannot buffer is sent again later.
func (r *run) send(m *message) error {
	m.header.Oldest = m.seq
	if len(r.window) > 0 {
		m.header.Oldest = min(m.header.Oldest, r.window[0].seq)
	}
	if r.msg.Header == nil {
		r.msg.Header = nats.Header{}
	}
	if err := m.header.Set(r.msg.Header); err != nil {
		return err
	}
	r.msg.Subject, r.msg.Data = r.options.Subject, m.data
	r.msg.Reply = r.inbox + "." + strconv.FormatUint(m.seq, 10)
	err := r.nc.PublishMsg(&r.msg)
	if errors.Is(err, nats.ErrReconnectBufExceeded) {
		return nil
	}
	return err
}

// make makes the next message; at the end of the last recording it sets ended.
func (r *run) make() error {
	for len(r.rest) == 0 {
		if r.cutter == nil {
			if err := r.open(); err != nil || r.ended {
				return err
			}
			if r.cutter == nil {
				continue // that source could not be opened
			}
		}
		c, err := r.cutter.next()
		if err != nil { // io.EOF, before any event: an end is known with the last chunk
			if r.cutter.damage == nil {
				r.cutter.damage = fmt.Errorf("%s: the recording has no events", r.sources[r.at].Path)
			}
			r.finish()
			continue
		}
		r.rest, r.restEnd = c.events, c.last
	}
	return r.encode()
}

// encode makes a message of the rest of the chunk, or of as much as fits.
func (r *run) encode() error {
	if !r.geometry().Known() {
		return fmt.Errorf("%s: the recording does not say how large the sensor is: give --geometry", r.sources[r.at].Path)
	}
	first := r.rest[0].T
	h := bus.EventsHeader{
		Encoding: r.options.Encoding, Geometry: r.geometry(), TimeBase: r.encoder.TimeBase(first),
		Session: r.session, Seq: r.seq, HasSeq: true, HasOldest: true,
		Recording: r.sources[r.at].Recording, Truth: r.sources[r.at].Truth,
	}
	data, n, err := r.encoder.Encode(h.Message(), nil, r.rest)
	if err == nil && n == 0 {
		err = errors.New("no event fits in a message")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.sources[r.at].Path, err)
	}
	end := n == len(r.rest) && r.restEnd
	if r.options.OnMake != nil {
		r.options.OnMake(r.sources[r.at], r.rest[:n], end)
	}
	last := r.rest[n-1].T
	r.latest = max(r.latest, last)
	m := &message{seq: r.seq, header: h, data: data, events: n, due: r.due(last), source: r.at}
	r.rest = r.rest[n:]
	r.seq++
	r.next = m
	if end {
		m.header.End = true
		r.finish()
	}
	return nil
}

// due is when an event of that time is due; the zero time where there is no pace.
func (r *run) due(t int64) time.Time {
	if r.options.Speed <= 0 {
		return time.Time{}
	}
	if r.origin.IsZero() {
		r.origin, r.originTime = time.Now(), t
	}
	return r.origin.Add(time.Duration(float64(t-r.originTime) / r.options.Speed * float64(time.Microsecond)))
}

func (r *run) geometry() events.Geometry {
	if r.options.Geometry.Known() {
		return r.options.Geometry
	}
	return r.file.Header().Geometry
}

// open opens the next source.
func (r *run) open() error {
	if r.at >= len(r.sources) {
		if !r.options.Loop || len(r.damage) >= len(r.sources) {
			r.ended = true
			return nil
		}
		r.at = 0
		r.offset = r.latest + 1
	}
	f, err := events.Open(r.sources[r.at].Path, events.OpenOptions{Geometry: r.options.Geometry})
	if err != nil {
		r.damage = append(r.damage, err)
		r.at++
		return nil
	}
	r.file = f
	r.cutter = &cutter{
		reader: f, maxEvents: r.options.PacketEvents, maxTime: r.options.PacketTime.Microseconds(),
		packet: events.NewPacket(max(r.options.PacketEvents, events.DefaultPacketEvents)), timeOffset: r.offset,
	}
	r.origin = time.Time{}
	return nil
}

// finish leaves the source behind.
func (r *run) finish() {
	if r.cutter != nil && r.cutter.damage != nil {
		r.damage = append(r.damage, r.cutter.damage)
	}
	if err := r.closeFile(); err != nil {
		r.damage = append(r.damage, err)
	}
	r.cutter = nil
	r.at++
}

func (r *run) closeFile() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}
