package control_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/monitor"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

func TestMain(m *testing.M) {
	// The library's object store, which tests put models into, publishes asynchronously, and
	// leaves this one behind now and then.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect"))
}

// patience bounds what should take milliseconds.
const patience = 30 * time.Second

var geometry = events.Geometry{Width: 12, Height: 10}

// pipelineOptions are of a small layer that is looked at often.
func pipelineOptions(t testing.TB) pipeline.Options {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	c := feast.Default()
	c.Neurons, c.Radius, c.Eta, c.DeltaI, c.DeltaE = 5, 1, 0.05, 0.01, 0.02
	look := monitor.DefaultOptions(c)
	look.Sample, look.Interval, look.Points = 16, 32, 16
	return pipeline.Options{Target: target, Geometry: geometry, Feast: c, Learning: true, PacketEvents: 128, Monitor: &look}
}

// network is a server with a client.
type network struct {
	t      testing.TB
	server *bus.Server
	nc     *nats.Conn
}

func newNetwork(t testing.TB, so bus.ServerOptions) *network {
	t.Helper()
	server, err := bus.Start(t.Context(), so)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, server.Shutdown(ctx))
	})
	n := &network{t: t, server: server}
	n.nc = n.connect()
	return n
}

func (n *network) connect() *nats.Conn {
	n.t.Helper()
	nc, err := bus.Connect(n.t.Context(), bus.ConnectOptions{Server: n.server})
	require.NoError(n.t, err)
	n.t.Cleanup(nc.Close)
	return nc
}

// start starts a daemon with control that serves sensors whose names begin so, and
// gives what stops it.
func (n *network) start(prefix string, timeout time.Duration, newPipeline func(string) (*pipeline.Pipeline, error)) (stop func()) {
	n.t.Helper()
	subjects, err := bus.NewSubjects("test")
	require.NoError(n.t, err)
	nc := n.connect()
	s := service.New(nc, service.Options{
		Subjects: subjects, NewPipeline: newPipeline,
		Accepts:    func(name string) bool { return strings.HasPrefix(name, prefix) },
		MaxSensors: 100, MaxMessageBytes: 1 << 20, PendingMessages: 1000, PendingBytes: 1 << 24,
		Features: true, Log: slog.New(slog.DiscardHandler),
	})
	c, err := control.Start(n.t.Context(), nc, s, control.Options{Prefix: "test", Timeout: timeout, Metadata: map[string]string{"sensors": prefix + "*"}})
	require.NoError(n.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			n.t.Error(err)
		}
	})
	running.Go(func() {
		if err := c.Run(ctx); err != nil {
			n.t.Error(err)
		}
	})
	stop = func() {
		cancel()
		running.Wait()
	}
	n.t.Cleanup(stop)
	<-s.Ready()
	return stop
}

func (n *network) pipelines() func(string) (*pipeline.Pipeline, error) {
	o := pipelineOptions(n.t)
	return func(string) (*pipeline.Pipeline, error) { return pipeline.New(o) }
}

// ask asks, for at most as long as is given.
func (n *network) ask(limit time.Duration, endpoint string, request any) ([]byte, error) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), limit)
	defer cancel()
	return control.Ask(ctx, n.nc, "test", endpoint, request)
}

// get asks for what must be answered.
func get[T any](n *network, endpoint string, request any) T {
	n.t.Helper()
	data, err := n.ask(patience, endpoint, request)
	require.NoError(n.t, err)
	var v T
	require.NoError(n.t, json.Unmarshal(data, &v))
	return v
}

// refused asks for what must be refused with a code.
func (n *network) refused(code, text, endpoint string, request any) {
	n.t.Helper()
	_, err := n.ask(patience, endpoint, request)
	no, ok := errors.AsType[*control.Error](err)
	require.True(n.t, ok, "%v", err)
	require.Equal(n.t, code, no.Code, no.Description)
	require.Contains(n.t, no.Description, text)
}

// packet is n events of a sensor in a message.
func (n *network) packet(sensor string, h bus.EventsHeader, seed uint64, count int) *nats.Msg {
	n.t.Helper()
	e, err := events.EncodingByName(mono.Name)
	require.NoError(n.t, err)
	encoder := e.NewEncoder()
	h.Encoding, h.Geometry = mono.Name, geometry
	m := &nats.Msg{Subject: "test." + sensor + ".events", Header: nats.Header{}}
	rng := rand.New(rand.NewPCG(seed, 1))
	in := make([]events.Event, count)
	for i := range in {
		in[i] = events.Event{T: int64(i * 30), X: uint16(rng.IntN(12)), Y: uint16(rng.IntN(10)), P: events.Polarity(i % 2)}
	}
	m.Data, _, err = encoder.Encode(h.Message(), nil, in)
	require.NoError(n.t, err)
	require.NoError(n.t, h.Set(m.Header))
	return m
}

// send sends a message that must be processed.
func (n *network) send(m *nats.Msg) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), patience)
	defer cancel()
	answer, err := n.nc.RequestMsgWithContext(ctx, m)
	require.NoError(n.t, err)
	o, err := bus.ParseAck(answer)
	require.NoError(n.t, err)
	require.Equal(n.t, bus.OutcomeProcessed, o)
}

func learning(sensor string, on bool) control.LearningRequest {
	return control.LearningRequest{Sensor: sensor, Learning: &on}
}
