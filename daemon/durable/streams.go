package durable

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// Stream configures one of the streams.
type Stream struct {
	Name     string
	Memory   bool // in memory, lost with the server
	Replicas int
	MaxBytes int64         // 0: no limit
	MaxAge   time.Duration // 0: no limit
	// Full says that a stream that has reached MaxBytes refuses what comes, in the stead
	// of removing what is oldest.
	Full bool
}

// Options configure the streams.
type Options struct {
	Prefix   string
	Subjects bus.Subjects
	Events   Stream
	Results  Stream

	MaxMessageBytes int // of events
	PendingMessages int // of a sensor, that are under way
	PendingBytes    int // of a sensor, that wait for its pipeline
}

// Streams are both streams.
type Streams struct {
	options Options
	nc      *nats.Conn
	js      jetstream.JetStream
	events  jetstream.Stream
	results jetstream.Stream
	epoch   atomic.Int64

	wantEvents, wantResults jetstream.StreamConfig
	restoring               sync.Mutex
}

// outputs are the kinds of subjects that are stored: of results, and of who makes them.
var outputs = [...]bus.Kind{bus.KindFeatures, bus.KindLabels, bus.KindRejects, bus.KindOwner}

// duplicateWindow is how long the server remembers the Nats-Msg-Id of a result. See the
// package's comment: it is for those who look, and for senders of events.
const duplicateWindow = 2 * time.Minute

// Open makes the streams, or checks those that are there.
func Open(ctx context.Context, nc *nats.Conn, o Options) (*Streams, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	s := &Streams{options: o, nc: nc, js: js}
	s.wantEvents = s.config(&o.Events, "what saccade's sensors publish", o.Subjects.All(bus.KindEvents))
	if s.events, err = s.open(ctx, &s.wantEvents); err != nil {
		return nil, err
	}
	subjects := make([]string, len(outputs))
	for i, k := range outputs {
		subjects[i] = o.Subjects.All(k)
	}
	s.wantResults = s.config(&o.Results, "what saccade made of it", subjects...)
	if s.results, err = s.open(ctx, &s.wantResults); err != nil {
		return nil, err
	}
	s.epoch.Store(s.events.CachedInfo().Created.UnixNano())
	return s, nil
}

// Epoch tells this stream of events from another one that had its name, as it was seen last.
func (s *Streams) Epoch() int64 { return s.epoch.Load() }

// restore makes a stream that was removed under us, as publishers and pipelines wait for it, and
// tells whether it did.
func (s *Streams) restore(ctx context.Context, want *jetstream.StreamConfig) (made bool, err error) {
	s.restoring.Lock()
	defer s.restoring.Unlock()
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	if _, err := s.js.Stream(ctx, want.Name); !errors.Is(err, jetstream.ErrStreamNotFound) {
		return false, err
	}
	_, err = s.open(ctx, want)
	return err == nil, err
}

// state asks for the state of the stream of events, and takes note of its epoch.
func (s *Streams) state(ctx context.Context) (epoch int64, state jetstream.StreamState, err error) {
	info, err := s.events.Info(ctx)
	if err != nil {
		return 0, state, fmt.Errorf("stream %s: %w", s.options.Events.Name, err)
	}
	epoch = info.Created.UnixNano()
	s.epoch.Store(epoch)
	return epoch, info.State, nil
}

// Name is a stream's name where none is configured: no dots are allowed in one.
func Name(prefix, what string) string { return strings.ReplaceAll(prefix, ".", "-") + "-" + what }

func (s *Streams) config(c *Stream, description string, subjects ...string) jetstream.StreamConfig {
	out := jetstream.StreamConfig{
		Name: c.Name, Description: description, Subjects: subjects,
		Replicas: max(1, c.Replicas), MaxBytes: -1, MaxAge: c.MaxAge,
		Duplicates: duplicateWindow, AllowDirect: true,
	}
	if c.MaxAge > 0 {
		out.Duplicates = min(duplicateWindow, c.MaxAge)
	}
	if c.MaxBytes > 0 {
		out.MaxBytes = c.MaxBytes
	}
	if c.Memory {
		out.Storage = jetstream.MemoryStorage
	}
	if c.Full {
		out.Discard = jetstream.DiscardNew
	}
	return out
}

// open makes a stream, or checks the one that is there: an operator may have set its
// limits otherwise, which stays, but not what it takes.
func (s *Streams) open(ctx context.Context, want *jetstream.StreamConfig) (jetstream.Stream, error) {
	st, err := s.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		st, err = s.js.CreateStream(ctx, *want)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // made by another daemon meanwhile
			st, err = s.js.Stream(ctx, want.Name)
		}
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && api.ErrorCode == codeNoStorage {
		return nil, fmt.Errorf("stream %s: the server has no %d bytes to set aside for it: a smaller max_bytes, or more storage for the server: %w", want.Name, want.MaxBytes, err)
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", want.Name, err)
	}
	if err := check(&st.CachedInfo().Config, want); err != nil {
		return nil, fmt.Errorf("stream %s, which is there: %w", want.Name, err)
	}
	return st, nil
}

// codeNoStorage is JetStream's error code for more storage than the server has.
const codeNoStorage = 10047

// check tells whether a stream does what exactly once rests on.
func check(have, want *jetstream.StreamConfig) error {
	covered := func(subject string) bool {
		return slices.ContainsFunc(have.Subjects, func(s string) bool { return s == subject || covers(s, subject) })
	}
	for _, subject := range want.Subjects {
		if !covered(subject) {
			return fmt.Errorf("subjects: expected %s among them, found %s", subject, strings.Join(have.Subjects, ", "))
		}
	}
	switch {
	case have.Retention != jetstream.LimitsPolicy:
		// Messages that were acknowledged are read again from the last checkpoint on.
		return fmt.Errorf("retention: expected %v, as messages are read again after a crash, found %v", jetstream.LimitsPolicy, have.Retention)
	case have.Sealed || have.NoAck:
		return errors.New("sealed and no_ack: expected false")
	}
	return nil
}

// covers tells whether a pattern takes all that another one does.
func covers(pattern, subject string) bool {
	p, q := strings.Split(pattern, "."), strings.Split(subject, ".")
	for i, t := range p {
		switch {
		case t == ">":
			return i < len(q)
		case i >= len(q) || t != "*" && t != q[i]:
			return false
		}
	}
	return len(p) == len(q)
}

// maxListed bounds the sensors that are listed.
const maxListed = 100_000

// Sensors gives how many messages of each sensor are in the stream of events, by subjects
// that hold a valid name.
func (s *Streams) Sensors(ctx context.Context) (map[string]uint64, error) {
	info, err := s.events.Info(ctx, jetstream.WithSubjectFilter(s.options.Subjects.All(bus.KindEvents)))
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", s.options.Events.Name, err)
	}
	if len(info.State.Subjects) > maxListed {
		return nil, fmt.Errorf("stream %s: expected at most %d sensors, found %d", s.options.Events.Name, maxListed, len(info.State.Subjects))
	}
	out := make(map[string]uint64, len(info.State.Subjects))
	for subject, n := range info.State.Subjects {
		if name, _, err := s.options.Subjects.Parse(subject); err == nil {
			out[name] = n
		}
	}
	return out, nil
}
