package serve_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// The sensors of the story, and how often their daemon is sent a SIGTERM meanwhile.
var sensors = [...]string{"left", "right"}

const (
	recordings   = 20 // of each sensor
	packetEvents = 256
	kills        = 6
)

// simulated gives each sensor recordings of N-MNIST's kind.
func simulated(t testing.TB) map[string][]replay.Source {
	t.Helper()
	dir := t.TempDir()
	fonts, err := digits.NewFonts(digits.DefaultStyle())
	require.NoError(t, err)
	_, err = simulate.Write(t.Context(), simulate.Options{
		Dir: dir, Train: recordings, Test: recordings, Seed: 1, Source: fonts, Config: saccades.DefaultConfig(),
	})
	require.NoError(t, err)
	out := map[string][]replay.Source{}
	for i, half := range []string{"Train", "Test"} {
		out[sensors[i]], err = replay.Sources([]string{filepath.Join(dir, half)})
		require.NoError(t, err)
		require.Len(t, out[sensors[i]], recordings)
	}
	return out
}

// replayAll replays the recordings of all sensors at once, as fast as they are
// taken. sending is told how many messages were sent before this one.
func replayAll(t testing.TB, nc *nats.Conn, sources map[string][]replay.Source, sending func(n int64)) (messages, resent int64) {
	t.Helper()
	var replays sync.WaitGroup
	var n, acknowledged, again atomic.Int64
	for _, sensor := range sensors {
		replays.Go(func() {
			r, err := replay.Run(t.Context(), nc, sources[sensor], replay.Options{
				Subject: "saccade." + sensor + ".events", Encoding: "mono",
				PacketEvents: packetEvents, Window: 8, AckTimeout: 5 * time.Second, GiveUp: patience,
				OnSend: func(uint64) { sending(n.Add(1) - 1) },
			})
			if err != nil || r.Recordings != recordings || r.Rejected != 0 {
				t.Errorf("%s: %+v, %v", sensor, r, err)
			}
			acknowledged.Add(r.Messages)
			again.Add(r.Resent)
		})
	}
	replays.Wait()
	return acknowledged.Load(), again.Load()
}

// subscriber sees features, labels and rejects, those of a sensor in their order.
type subscriber struct {
	nc  *nats.Conn
	got map[string]chan *nats.Msg
}

func subscribe(t testing.TB, nc *nats.Conn) *subscriber {
	t.Helper()
	s := &subscriber{nc: nc, got: map[string]chan *nats.Msg{}}
	for _, sensor := range sensors {
		s.got[sensor] = make(chan *nats.Msg, 1<<16)
		for _, kind := range []string{"features", "labels", "rejects"} {
			_, err := nc.ChanSubscribe("saccade."+sensor+"."+kind, s.got[sensor])
			require.NoError(t, err)
		}
	}
	require.NoError(t, bus.Flush(t.Context(), nc))
	return s
}

// seen is what came by now, by sensor, without the names of sessions, which differ
// from run to run.
func (s *subscriber) seen(t testing.TB) map[string][]string {
	t.Helper()
	require.NoError(t, bus.Flush(t.Context(), s.nc)) // results are before acknowledgements
	out := map[string][]string{}
	for _, sensor := range sensors {
		for len(s.got[sensor]) > 0 {
			m := <-s.got[sensor]
			shown := fmt.Sprintf("%s %s", m.Subject, m.Data)
			if m.Subject == "saccade."+sensor+".features" {
				h, err := bus.ParseFeaturesHeader(m.Header)
				require.NoError(t, err)
				require.NotEmpty(t, h.Session)
				h.Session = ""
				shown = fmt.Sprintf("%s %+v %x", m.Subject, h, m.Data)
			}
			out[sensor] = append(out[sensor], shown)
		}
	}
	return out
}

// stored is the state that a daemon has left behind in its folder.
func stored(t testing.TB, c config.Config, sensor string) *pipeline.Pipeline {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	server, err := bus.Start(ctx, bus.ServerOptions{JetStream: true, DataDir: filepath.Join(c.NATS.Embedded.DataDir, "nats")})
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Shutdown(ctx)) }()
	nc, err := bus.Connect(ctx, bus.ConnectOptions{Server: server})
	require.NoError(t, err)
	defer nc.Close()
	store, err := checkpoint.Open(ctx, nc, c.NATS.Prefix, 1)
	require.NoError(t, err)
	state, err := store.Load(ctx, sensor)
	require.NoError(t, err)
	require.NotNil(t, state)
	m, err := model.Load(c.Pipeline.Model)
	require.NoError(t, err)
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	p, err := pipeline.New(pipeline.Options{
		Target: target, Model: m, Learning: true, PacketEvents: packetEvents, Pool: pool.Config{},
	})
	require.NoError(t, err)
	require.NoError(t, p.UnmarshalBinary(state))
	return p
}

// gate is a replay's way to the daemon: open while a subscriber sees what that
// daemon publishes. What nobody subscribed to when it was published is seen by
// nobody, and could not be counted.
type gate struct {
	started, subscribed atomic.Int64 // the daemon that runs, and the one whose subscriber is there
}

// Dial implements nats.CustomDialer.
func (g *gate) Dial(network, address string) (net.Conn, error) {
	if g.started.Load() != g.subscribed.Load() {
		return nil, errors.New("the subscriber is not back yet")
	}
	return net.DialTimeout(network, address, patience)
}

// The story of issue 2: a daemon is stopped by SIGTERM in the middle of replays, as
// fast as they go, and started again on the same port and folder, several times.
// Subscribers see each result once, and the same bits as of a daemon that was never
// stopped; the daemon has learned the same.
func TestTerminatedInTheMiddle(t *testing.T) {
	sources := simulated(t)

	// A daemon that is left alone.
	whole := testConfig(t, t.TempDir())
	whole.Pipeline.Labels.Every = 40 * time.Millisecond
	d, stop := run(t, whole, serve.Hooks{})
	s := subscribe(t, connect(t, d))
	messages, _ := replayAll(t, connect(t, d), sources, func(int64) {})
	want := s.seen(t)
	require.NoError(t, stop())

	c := whole
	c.NATS.Embedded.DataDir, c.NATS.Embedded.Port = t.TempDir(), freePort(t)
	file := filepath.Join(t.TempDir(), "saccade.yaml")
	p, err := startProcess(t.Context(), c, file)
	require.NoError(t, err)
	var g gate
	url := fmt.Sprintf("nats://127.0.0.1:%d", c.NATS.Embedded.Port)
	dial := func(options ...nats.Option) *nats.Conn {
		nc, err := nats.Connect(url, append(
			options, nats.MaxReconnects(-1),
			nats.ReconnectWait(5*time.Millisecond), nats.ReconnectJitter(0, 0),
			nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // writes to a server that has gone
		)...)
		require.NoError(t, err)
		t.Cleanup(nc.Close)
		return nc
	}
	s = subscribe(t, dial(nats.ReconnectHandler(func(nc *nats.Conn) {
		daemon := g.started.Load()
		if nc.Flush() == nil { // its subscriptions are known to the server
			g.subscribed.Store(daemon)
		}
	})))

	// Somewhere in the stream, another time each time; and the last daemon is left
	// to its end.
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var at []int64
	for len(at) < kills {
		if n := rng.Int64N(messages); !slices.Contains(at, n) {
			at = append(at, n)
		}
	}
	due := make(chan struct{}, kills)
	stopped := make(chan error, 1)
	go func() {
		for range kills {
			<-due
			err := p.terminate()
			if err == nil {
				g.started.Add(1)
				p, err = startProcess(t.Context(), c, file)
			}
			if err != nil {
				stopped <- err
				return
			}
		}
		stopped <- nil
	}()
	acknowledged, resent := replayAll(t, dial(nats.SetCustomDialer(&g)), sources, func(n int64) {
		if slices.Contains(at, n) {
			due <- struct{}{}
		}
	})
	require.NoError(t, <-stopped)
	require.Equal(t, messages, acknowledged)
	got := s.seen(t)
	require.NoError(t, p.terminate())
	t.Logf("%d messages, %d sent again", messages, resent)

	for _, sensor := range sensors {
		require.Len(t, got[sensor], len(want[sensor]), "%s: results", sensor)
		for i := range want[sensor] {
			require.Equal(t, want[sensor][i], got[sensor][i], "%s: result %d", sensor, i)
		}
		a, b := stored(t, whole, sensor), stored(t, c, sensor)
		require.Equal(t, a.Layer().Weights(), b.Layer().Weights())
		require.Equal(t, a.Layer().Counters(), b.Layer().Counters())
		ca, cb := a.Counters(), b.Counters()
		// A message whose acknowledgement was lost comes again, and is known.
		require.Equal(t, ca.Messages, cb.Messages-cb.Duplicates)
		cb.Messages, cb.Duplicates = ca.Messages, ca.Duplicates
		require.Equal(t, ca, cb)
		la, err := a.Layer().MarshalBinary()
		require.NoError(t, err)
		lb, err := b.Layer().MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, la, lb)
	}
}
