package benchmarks

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
)

// idleDaemon is a daemon on the data of the one before, if any.
func idleDaemon(t *testing.T, dir string, idle time.Duration) (d *serve.Daemon, js jetstream.JetStream, stop func()) {
	t.Helper()
	c := config.Default()
	c.NATS.Embedded.Port, c.NATS.Embedded.DataDir = 0, dir
	c.Ingest.Mode, c.Ingest.Sensors.Max, c.Ingest.Sensors.Idle = config.IngestStream, 2000, idle
	c.Pipeline.Outputs.StatusEvery = 0
	c.Durable.Checkpoint.Every, c.Cluster.Name, c.Cluster.Lease = time.Second, "one", 2*time.Second
	d, err := serve.Start(t.Context(), c, slog.New(slog.DiscardHandler), serve.Hooks{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	<-d.Service.Ready()
	nc, err := d.Connect(t.Context(), "test")
	require.NoError(t, err)
	js, err = jetstream.New(nc)
	require.NoError(t, err)
	return d, js, func() {
		nc.Close()
		cancel()
		require.NoError(t, <-ended)
	}
}

// heap is what is in use behind a garbage collection.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// settles waits until so many sensors are, or are not, put away, with all that they sent in a checkpoint.
func settles(t *testing.T, d *serve.Daemon, n int, away bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		got := 0
		for _, s := range d.Service.Sensors() {
			if s.Away == away && s.Checkpoint.Sequence > 0 {
				got++
			}
		}
		return got == n
	}, 4*time.Minute, 20*time.Millisecond)
}

// What a sensor takes that is worked on, and one that is put away, and how long it takes to come back: with the
// embedded server's own in it, as it is in the same process.
func TestIdleSensors(t *testing.T) {
	sensors := 100
	if os.Getenv("SACCADE_SLOW") != "" {
		sensors = 1000
	}
	dir := t.TempDir()
	d, js, stop := idleDaemon(t, dir, 0)
	empty := heap()
	e, err := events.EncodingByName(bus.DefaultEncoding)
	require.NoError(t, err)
	in := make([]events.Event, 256)
	for i := range in {
		in[i] = events.Event{T: int64(i) * 40, X: uint16(i*7) % 34, Y: uint16(i*3) % 34}
	}
	h := bus.EventsHeader{Encoding: bus.DefaultEncoding, Geometry: events.Geometry{Width: 34, Height: 34}}
	publish := func(js jetstream.JetStream, i int) {
		m := nats.NewMsg(fmt.Sprintf("saccade.camera%d.events", i))
		m.Data, _, err = e.NewEncoder().Encode(h.Message(), nil, in)
		require.NoError(t, err)
		require.NoError(t, h.Set(m.Header))
		_, err := js.PublishMsg(t.Context(), m)
		require.NoError(t, err)
	}
	for i := range sensors {
		publish(js, i)
	}
	settles(t, d, sensors, false)
	working := (heap() - empty) / float64(sensors)
	busy := runtime.NumGoroutine()
	stop()

	d, js, stop = idleDaemon(t, dir, 30*time.Second)
	settles(t, d, sensors, true)
	// The server keeps what it has read and written of its files for some seconds.
	first := (heap() - empty) / float64(sensors)
	away := first
	from := time.Now()
	require.Eventually(t, func() bool {
		away = (heap() - empty) / float64(sensors)
		return away < 100e3
	}, time.Minute, time.Second, "%.0f kB each", first/1e3)
	after := time.Since(from)
	quiet := runtime.NumGoroutine()
	var back []time.Duration
	for i := range 10 {
		from := time.Now()
		publish(js, i*sensors/10)
		name := fmt.Sprintf("camera%d", i*sensors/10)
		require.Eventually(t, func() bool {
			s, err := d.Service.Sensor(name)
			return err == nil && !s.Away && s.Latency.Count() > 0
		}, time.Minute, time.Millisecond)
		back = append(back, time.Since(from))
	}
	stop()
	slices.Sort(back)
	t.Logf("%d sensors of 34x34, the embedded server in the same process: %.0f kB each while worked on, %.0f kB each just put away, %.0f kB %v later; goroutines: %d, then %d; back with its first result after %v (median), %v at most, at a lease of 2s",
		sensors, working/1e3, first/1e3, away/1e3, after.Round(time.Second), busy, quiet, back[len(back)/2].Round(time.Millisecond), back[len(back)-1].Round(time.Millisecond))
	require.Less(t, away, working/2)
	require.Less(t, quiet, busy)
}
