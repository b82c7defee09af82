package replay

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
)

// patience bounds what should take milliseconds.
const patience = 30 * time.Second

// connect starts a server and connects to it twice.
func connect(t testing.TB, o bus.ServerOptions) (a, b *nats.Conn) {
	t.Helper()
	server, err := bus.Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	for _, nc := range []**nats.Conn{&a, &b} {
		*nc, err = bus.Connect(t.Context(), bus.ConnectOptions{Server: server})
		require.NoError(t, err)
		t.Cleanup((*nc).Close)
	}
	return a, b
}

// listener is a daemon over NATS that takes messages in their order and keeps them.
type listener struct {
	t  testing.TB
	nc *nats.Conn

	mu       sync.Mutex
	session  string
	messages []*message
	leaves   func(n int) bool // whether it leaves behind the nth message
	left     chan struct{}
}

func (l *listener) listen() {
	var sub *nats.Subscription
	sub, err := l.nc.Subscribe("test.a.events", func(m *nats.Msg) {
		l.mu.Lock()
		defer l.mu.Unlock()
		h, err := bus.ParseEventsHeader(m.Header)
		if err != nil {
			l.t.Errorf("header: %v", err)
			return
		}
		o := bus.OutcomeProcessed
		switch n := uint64(len(l.messages)); {
		case h.Seq < n:
			o = bus.OutcomeDuplicate
		case h.Seq > n:
			o = bus.OutcomeBusy
		default:
			l.session, h.Session = h.Session, "session"
			l.messages = append(l.messages, &message{header: h, data: m.Data, events: len(decode(l.t, h, m.Data))})
		}
		if l.leaves != nil && l.leaves(len(l.messages)) {
			// It goes without an answer, and what else it was sent is lost.
			l.leaves = nil
			if err := sub.Unsubscribe(); err != nil {
				l.t.Errorf("unsubscribe: %v", err)
			}
			close(l.left)
			return
		}
		if err := m.RespondMsg(bus.Ack(o)); err != nil {
			l.t.Errorf("answer: %v", err)
		}
	})
	require.NoError(l.t, err)
	require.NoError(l.t, bus.Flush(l.t.Context(), l.nc))
}

func TestRun(t *testing.T) {
	a, b := connect(t, bus.ServerOptions{})
	dir := t.TempDir()
	sources := []Source{write(t, dir, "3/a", ramp(95, 100)), write(t, dir, "4/b", ramp(40, 100))}
	l := &listener{t: t, nc: a}
	l.listen()
	o := testOptions()
	r, err := Run(t.Context(), b, sources, o)
	require.NoError(t, err)
	require.Positive(t, r.Seconds)
	r.Seconds = 0
	require.Equal(t, Report{Recordings: 2, Messages: 14, Events: 135}, r)
	require.Equal(t, []made{
		{"3/a", "truth of 3/a", ramp(95, 100), 10, true}, {"4/b", "truth of 4/b", ramp(40, 100), 4, true},
	}, gather(t, l.messages))
	for _, m := range l.messages {
		require.Equal(t, geometry, m.header.Geometry)
	}
	first := l.session
	l.messages = nil
	_, err = Run(t.Context(), b, sources, o)
	require.NoError(t, err)
	require.NotEqual(t, first, l.session, "two runs are two sessions")

	// What was replayed before an error is told beside it.
	missing := append([]Source{{Path: dir + "/missing"}}, sources...)
	l.messages = nil
	r, err = Run(t.Context(), b, missing, o)
	require.ErrorContains(t, err, "missing")
	require.EqualValues(t, 2, r.Recordings)
}

// A daemon that leaves without an answer, and comes back with what it knew, gets
// every message once.
func TestDaemonLeavesAndReturns(t *testing.T) {
	a, b := connect(t, bus.ServerOptions{})
	in := ramp(2000, 10)
	sources := []Source{write(t, t.TempDir(), "a", in)}
	l := &listener{t: t, nc: a}
	var back sync.WaitGroup
	away := func(n int) {
		l.left = make(chan struct{})
		l.leaves = func(have int) bool { return have == n }
	}
	away(20)
	l.listen()
	back.Go(func() {
		for _, n := range []int{21, 70, 199, 200} {
			<-l.left
			l.mu.Lock()
			away(n)
			l.mu.Unlock()
			l.listen()
		}
		<-l.left
		l.listen()
	})
	o := testOptions()
	o.AckTimeout = 100 * time.Millisecond
	r, err := Run(t.Context(), b, sources, o)
	require.NoError(t, err)
	back.Wait()
	require.EqualValues(t, 200, r.Messages)
	require.Positive(t, r.Resent)
	require.Equal(t, []made{{"a", "truth of a", in, 200, true}}, gather(t, l.messages))
}

// Nobody there at all is an error, which asks the right question.
func TestNobodyListens(t *testing.T) {
	_, b := connect(t, bus.ServerOptions{})
	o := testOptions()
	o.GiveUp = 3 * backoff
	_, err := Run(t.Context(), b, []Source{write(t, t.TempDir(), "a", ramp(20, 1))}, o)
	require.ErrorContains(t, err, "2 messages are not known to have been processed; is the daemon running?")
}

func TestServerTakesSmallMessagesOnly(t *testing.T) {
	a, b := connect(t, bus.ServerOptions{MaxPayload: 1024})
	l := &listener{t: t, nc: a}
	l.listen()
	o := testOptions()
	o.PacketEvents = 1000
	_, err := Run(t.Context(), b, []Source{write(t, t.TempDir(), "a", ramp(500, 1))}, o)
	require.ErrorIs(t, err, nats.ErrMaxPayload)
	require.ErrorContains(t, err, "a message of 4000 bytes")
}

func init() { events.RegisterEncoding(&events.Encoding{Name: "readonly"}) }

// An encoding that is only read cannot be replayed in.
func TestEncodingThatIsOnlyRead(t *testing.T) {
	o := testOptions()
	o.Encoding = "readonly"
	_, err := Run(t.Context(), nil, nil, o)
	require.ErrorContains(t, err, "only read")
}
