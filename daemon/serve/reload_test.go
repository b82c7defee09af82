package serve_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
)

// to is a message of one event for a sensor.
func to(t testing.TB, sensor string, seq uint64) *nats.Msg {
	t.Helper()
	m := message(t, bus.EventsHeader{Geometry: events.Geometry{Width: 34, Height: 34}, Session: "s", Seq: seq, HasSeq: true}, events.Event{T: int64(100 * seq), X: 9, Y: 9})
	m.Subject = strings.Replace(m.Subject, ".a.", "."+sensor+".", 1)
	return m
}

// neurons is how many a sensor's layer has.
func neurons(t testing.TB, d *serve.Daemon, sensor string) (n int) {
	t.Helper()
	require.NoError(t, d.Service.Do(t.Context(), sensor, func(p *pipeline.Pipeline) error {
		n = p.Layer().Config().Neurons
		return nil
	}))
	return n
}

// sized is a configuration with a pipeline of so many neurons, and one for gates.
func sized(t testing.TB, n, gates int) config.Config {
	t.Helper()
	c := config.Default()
	c.NATS.Embedded.Port, c.NATS.Embedded.DataDir = 0, t.TempDir()
	c.Pipeline.FEAST.Neurons = n
	p := c.Pipeline
	p.FEAST.Neurons = gates
	c.Pipelines = []config.NamedPipeline{{Name: "gates", Sensors: []string{"gate*"}, Pipeline: p}}
	return c
}

// A reload changes the sensors that it concerns, between two messages, and nobody else; what
// cannot be applied changes nothing at all.
func TestReload(t *testing.T) {
	c := sized(t, 4, 6)
	var next atomic.Pointer[config.Config]
	next.Store(&c)
	var text logText
	d, stop := runWithLog(t, c, serve.Hooks{Reload: func() (config.Config, error) {
		if p := next.Load(); p != nil {
			return *p, nil
		}
		return config.Config{}, errors.New("c.yaml:1:1: no such thing")
	}}, slog.NewTextHandler(&text, nil))
	nc := connect(t, d)
	for _, sensor := range []string{"a", "gate1"} {
		require.Equal(t, bus.OutcomeProcessed, request(t, nc, to(t, sensor, 0)))
	}
	require.Equal(t, 4, neurons(t, d, "a"))
	require.Equal(t, 6, neurons(t, d, "gate1"))
	reload := func(edit func(c *config.Config)) (control.Reloaded, error) {
		changed := *next.Load()
		changed.Pipelines = append([]config.NamedPipeline(nil), changed.Pipelines...)
		edit(&changed)
		before := next.Swap(&changed)
		out, err := d.Reload(t.Context())
		if err != nil {
			next.Store(before)
		}
		return out, err
	}
	same := func(when string) {
		t.Helper()
		require.Equal(t, 4, neurons(t, d, "a"), when)
		require.Equal(t, 6, neurons(t, d, "gate1"), when)
		require.Equal(t, []string{"default", "gates"}, d.Pipelines(), when)
	}
	out, err := reload(func(*config.Config) {})
	require.NoError(t, err)
	require.Empty(t, out.Fields)
	require.Empty(t, out.Sensors)

	_, err = reload(func(c *config.Config) {
		c.NATS.Prefix, c.Ingest.PendingMessages, c.Pipeline.FEAST.Neurons = "other", 7, 5
	})
	var fixed *serve.FixedError
	require.ErrorAs(t, err, &fixed)
	require.Equal(t, "nats.prefix: saccade -> other", fixed.Fields[0].String())
	require.Equal(t, "ingest.pending_messages: 1024 -> 7", fixed.Fields[1].String())
	require.Len(t, fixed.Fields, 2)
	same("what needs a restart")
	_, err = reload(func(c *config.Config) { c.Pipeline.FEAST.Neurons, c.Pipelines[0].Pipeline.Model = 5, "/no/such/model" })
	require.ErrorContains(t, err, "pipelines[0], gates: pipeline.model: stat /no/such/model")
	same("a model that is not there")
	_, err = reload(func(c *config.Config) {
		c.Pipelines[0].Pipeline.FEAST.Neurons, c.Pipeline.Geometry = 7, config.Geometry{Width: 50, Height: 40}
	})
	require.ErrorContains(t, err, "sensor a cannot have pipeline default")
	require.ErrorContains(t, err, "for 50x40 pixels, and the sensor has 34x34")
	same("another size")
	good := next.Swap(nil)
	_, err = d.Reload(t.Context())
	require.ErrorContains(t, err, "c.yaml:1:1")
	next.Store(good)
	same("a file that is wrong")

	// One that concerns gates alone.
	out, err = reload(func(c *config.Config) { c.Pipelines[0].Pipeline.FEAST.Neurons = 9 })
	require.NoError(t, err)
	require.Equal(t, []string{"gate1"}, out.Sensors)
	require.Equal(t, "pipelines[0].pipeline.feast.neurons: 6 -> 9", out.Fields[0].String())
	require.Len(t, out.Fields, 1)
	require.Equal(t, 4, neurons(t, d, "a"))
	require.Equal(t, 9, neurons(t, d, "gate1"))
	require.Equal(t, bus.OutcomeDuplicate, request(t, nc, to(t, "gate1", 0)), "its place is kept")
	require.Equal(t, bus.OutcomeProcessed, request(t, nc, to(t, "gate1", 1)))
	require.Equal(t, bus.OutcomeProcessed, request(t, nc, to(t, "gate2", 0)))
	require.Equal(t, 9, neurons(t, d, "gate2"), "sensors that appear have it too")

	// One that lets a sensor go.
	out, err = reload(func(c *config.Config) { c.Ingest.Sensors.Accept = []string{"gate*"} })
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, out.Sensors)
	require.Equal(t, bus.OutcomeRejected, request(t, nc, to(t, "a", 1)))

	// SIGHUP does the same.
	changed := *next.Load()
	changed.Ingest.Sensors.Accept = []string{"*"}
	next.Store(&changed)
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Contains(text.String(), "from=SIGHUP") }, patience, time.Millisecond)
	require.Equal(t, bus.OutcomeProcessed, request(t, nc, to(t, "a", 1)))
	require.Contains(t, text.String(), `msg="the configuration has changed" field=ingest.sensors.accept before="[\"gate*\"]" after="[\"*\"]"`)
	next.Store(nil)
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGHUP))
	require.Eventually(t, func() bool { return strings.Contains(text.String(), "going on as before") }, patience, time.Millisecond)
	next.Store(&changed)
	require.NoError(t, stop())
}

// The bucket's configuration counts from the start, is applied when it is written, and what is
// wrong there changes nothing.
func TestReloadFromBucket(t *testing.T) {
	c := sized(t, 4, 6)
	c.Reload.KV = true
	var text logText
	d, stop := runWithLog(t, c, serve.Hooks{}, slog.NewTextHandler(&text, nil))
	nc := connect(t, d)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	kv, err := js.KeyValue(t.Context(), "saccade-config")
	require.NoError(t, err)
	require.Equal(t, bus.OutcomeProcessed, request(t, nc, to(t, "a", 0)))
	_, err = kv.PutString(t.Context(), "config", "pipeline: {feast: {neurons: 5}}\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return neurons(t, d, "a") == 5 }, patience, time.Millisecond)
	await := func(what string) {
		t.Helper()
		require.Eventually(t, func() bool { return strings.Contains(text.String(), what) }, patience, time.Millisecond, what)
	}
	for value, why := range map[string]string{
		"pipeline: {feast: {neurons: -1}}\n":                      "saccade-config/config:1:29: pipeline.feast.neurons: expected",
		"nats: {prefix: x}\npipeline: {feast: {neurons: 7}}\n":    "nats.prefix: saccade -> x",
		"pipeline: {model: /no/such/file, feast: {neurons: 8}}\n": "stat /no/such/file",
		"\xff": "saccade-config/config",
	} {
		_, err = kv.PutString(t.Context(), "config", value)
		require.NoError(t, err)
		await(why)
		require.Equal(t, 5, neurons(t, d, "a"))
	}
	_, err = kv.PutString(t.Context(), "config", "pipeline: {feast: {neurons: 3}}\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return neurons(t, d, "a") == 3 }, patience, time.Millisecond)
	require.NoError(t, stop())

	// The next daemon begins with it, and so goes on with what was learned.
	text2 := &logText{}
	d, stop = runWithLog(t, c, serve.Hooks{}, slog.NewTextHandler(text2, nil))
	nc = connect(t, d)
	require.Equal(t, bus.OutcomeDuplicate, request(t, nc, to(t, "a", 0)))
	require.Equal(t, 3, neurons(t, d, "a"))
	require.Contains(t, text2.String(), "going on from the stored state")
	js, err = jetstream.New(nc)
	require.NoError(t, err)
	kv, err = js.KeyValue(t.Context(), "saccade-config")
	require.NoError(t, err)
	require.NoError(t, kv.Delete(t.Context(), "config"))
	require.Eventually(t, func() bool { return neurons(t, d, "a") == 4 }, patience, time.Millisecond, "the file's again")
	require.NoError(t, stop())
}

// A pipeline that is assigned holds until another one is, also in the next daemon.
func TestAssign(t *testing.T) {
	c := sized(t, 4, 6)
	d, stop := run(t, c, serve.Hooks{})
	nc := connect(t, d)
	require.Equal(t, bus.OutcomeProcessed, request(t, nc, to(t, "a", 0)))
	ask := func(name string) (control.Assigned, error) { return d.Assign(t.Context(), "a", name) }
	_, err := ask("nonsense")
	require.ErrorIs(t, err, control.ErrNoPipeline)
	require.ErrorContains(t, err, `"nonsense": expected default, gates or auto`)
	_, err = d.Assign(t.Context(), "b", "gates")
	require.ErrorContains(t, err, "no such sensor")
	out, err := ask("default")
	require.NoError(t, err)
	require.False(t, out.Changed)
	out, err = ask("gates")
	require.NoError(t, err)
	require.Equal(t, control.Assigned{
		Sensor: "a", Pipeline: "gates", Before: "default", Changed: true, Kept: true, Aside: "a.unused", Events: 1, Seq: out.Seq,
	}, out)
	require.Equal(t, 6, neurons(t, d, "a"))
	require.NoError(t, stop())

	d, stop = run(t, c, serve.Hooks{})
	nc = connect(t, d)
	require.Equal(t, bus.OutcomeDuplicate, request(t, nc, to(t, "a", 0)))
	require.Equal(t, 6, neurons(t, d, "a"))
	out, err = d.Assign(t.Context(), "a", "auto")
	require.NoError(t, err)
	require.True(t, out.Changed)
	require.True(t, out.Chosen)
	require.Equal(t, "default", out.Pipeline)
	require.Equal(t, 4, neurons(t, d, "a"))
	require.NoError(t, stop())
}

// Without JetStream pipelines can be assigned, and it is said that this ends with the daemon.
func TestAssignWithoutJetStream(t *testing.T) {
	c := sized(t, 4, 6)
	c.NATS.Embedded.JetStream = false
	d, stop := run(t, c, serve.Hooks{})
	require.Equal(t, bus.OutcomeProcessed, request(t, connect(t, d), to(t, "a", 0)))
	out, err := d.Assign(t.Context(), "a", "gates")
	require.NoError(t, err)
	require.True(t, out.Changed)
	require.False(t, out.Kept)
	require.Empty(t, out.Aside)
	require.NoError(t, stop())
	c.Reload.KV = true
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err = serve.Start(ctx, c, slog.New(slog.DiscardHandler), serve.Hooks{})
	require.ErrorContains(t, err, "reload.kv needs JetStream")
}
