package benchmarks

import (
	"context"
	"log/slog"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/features/feast"
)

// startDaemon runs a daemon with its embedded server for as long as the benchmark
// runs: all defaults, learning on, but for a server that listens nowhere.
func startDaemon(b *testing.B) *serve.Daemon {
	b.Helper()
	c := config.Default()
	c.NATS.Embedded.Port = 0
	c.NATS.Embedded.DataDir = b.TempDir()
	d, err := serve.Start(b.Context(), c, slog.New(slog.DiscardHandler), serve.Hooks{})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		require.NoError(b, <-ended)
	})
	<-d.Service.Ready()
	return d
}

func connect(b *testing.B, d *serve.Daemon) *nats.Conn {
	b.Helper()
	nc, err := d.Connect(b.Context(), "benchmark")
	require.NoError(b, err)
	b.Cleanup(nc.Close)
	return nc
}

func subjectsOf(b *testing.B, sensor string) bus.SensorSubjects {
	b.Helper()
	all, err := bus.NewSubjects(config.Default().NATS.Prefix)
	require.NoError(b, err)
	subjects, err := all.Sensor(sensor)
	require.NoError(b, err)
	return subjects
}

// window is how many messages of a camera are under way at the most.
const window = 8

// camera publishes a stream as fast as the daemon takes it: acknowledgements give
// back room in its window.
type camera struct {
	nc       *nats.Conn
	stream   *stream
	messages *messages
	message  *nats.Msg
	room     chan struct{}
}

func newCamera(b *testing.B, d *serve.Daemon, sensor string, s *stream) *camera {
	b.Helper()
	c := &camera{
		nc: connect(b, d), stream: s, messages: newMessages(b, s, feast.Default().Geometry()),
		message: &nats.Msg{Subject: subjectsOf(b, sensor).Events, Reply: nats.NewInbox(), Header: nats.Header{}},
		room:    make(chan struct{}, window),
	}
	for range window {
		c.room <- struct{}{}
	}
	_, err := c.nc.Subscribe(c.message.Reply, func(*nats.Msg) { c.room <- struct{}{} })
	require.NoError(b, err)
	return c
}

// publish publishes one round of the stream, and goes on to the next.
func (c *camera) publish(b *testing.B) {
	for i := range c.stream.packets {
		var h bus.EventsHeader
		h, c.message.Data = c.messages.encode(b, c.stream.packets[i])
		require.NoError(b, h.Set(c.message.Header))
		<-c.room
		require.NoError(b, c.nc.PublishMsg(c.message))
	}
	c.stream.next()
}

// wait waits until all that was published is acknowledged.
func (c *camera) wait() {
	for range window {
		<-c.room
	}
	for range window {
		c.room <- struct{}{}
	}
}
