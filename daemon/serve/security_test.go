package serve_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/control"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
)

// Somebody who does everything at once that can be done with a sensor's password, as fast as it goes, does not change
// a bit of what good sensors beside him get, and ends nothing.
func TestHostileSensorChangesNothing(t *testing.T) {
	require.Len(t, everyAttack(), len(attacks))
	sources := simulated(t)
	for sensor, all := range sources {
		sources[sensor] = all[:5]
	}
	quiet, stop := run(t, sharedConfig(t), serve.Hooks{})
	s := subscribe(t, as(t, quiet, "board"))
	before := replayGood(t, as(t, quiet, "good"), sources)
	want := s.seen(t)
	require.NoError(t, stop())
	for _, sensor := range sensors {
		require.NotEmpty(t, want[sensor])
	}

	var log logText
	c := sharedConfig(t)
	c.Ingest.Sensors.Max, c.Ingest.PendingBytes, c.Ingest.TotalPending = 40, 2*config.MiB, 8*config.MiB
	d, stop := runWithLog(t, c, serve.Hooks{}, slog.NewTextHandler(&log, nil))
	// The good ones are there before: names that nobody has yet go to whoever comes first.
	own := as(t, d, "good")
	for _, sensor := range sensors {
		m := message(t, bus.EventsHeader{Geometry: events.Geometry{Width: 34, Height: 34}}, events.Event{X: 9, Y: 9})
		m.Subject = "saccade." + sensor + ".events"
		m.Header.Set(bus.HeaderEncoding, "nonsense") // so that it is there, and nothing has come
		require.Equal(t, bus.OutcomeRejected, request(t, own, m))
	}
	s = subscribe(t, as(t, d, "board"))
	end := besiege(t, d, everyAttack()...)
	again := replayGood(t, own, sources)
	messages, bytes := end()
	got := s.seen(t)
	require.Equal(t, before, again)
	require.Equal(t, want, got)
	t.Logf("%d good messages beside %d hostile ones, %d MB", again, messages, bytes>>20)

	// It is all told, in a few words.
	seen := map[string]bool{}
	for _, sn := range d.Service.Sensors() {
		seen[sn.Status.Sensor] = true
	}
	require.LessOrEqual(t, len(seen), 40)
	require.True(t, seen["many0"] && seen["header"], "%v", seen)
	require.Less(t, strings.Count(log.String(), "\n"), 2000, "the log is flooded")
	for _, sensor := range sensors {
		sn, err := d.Service.Sensor(sensor)
		require.NoError(t, err)
		require.EqualValues(t, 1, sn.Status.Rejects, "its own first message")
	}
	// The states are where they were: nobody has had the daemon delete them.
	require.NoError(t, stop())
	for _, sensor := range sensors {
		require.NotNil(t, stored(t, c, sensor))
	}
}

// Each attack by itself, for a short time: the daemon goes on, and its memory is bounded.
func TestEachAttack(t *testing.T) {
	for _, name := range everyAttack() {
		t.Run(name, func(t *testing.T) {
			c := sharedConfig(t)
			c.Ingest.Sensors.Max = 40
			c.Ingest.PendingBytes, c.Ingest.TotalPending = 2*config.MiB, 8*config.MiB
			c.Pipeline.Model = "" // sensors of any size
			c.Ingest.Sensors.MaxPixels, c.Ingest.Sensors.TotalPixels = 1<<20, 1<<22
			d, stop := run(t, c, serve.Hooks{})
			end := besiege(t, d, name)
			nc := as(t, d, "good")
			m := message(t, bus.EventsHeader{Geometry: events.Geometry{Width: 34, Height: 34}}, events.Event{X: 9, Y: 9})
			m.Subject = "saccade." + sensors[0] + ".events"
			var slowest time.Duration
			begin := time.Now()
			n := 0
			for ; time.Since(begin) < 200*time.Millisecond; n++ {
				asked := time.Now()
				switch o := request(t, nc, m); o {
				case bus.OutcomeProcessed:
				case bus.OutcomeRejected: // the slots were taken before it came
					require.Equal(t, "a new sensor every time, as large as there can be", name)
				default:
					require.Fail(t, string(o))
				}
				slowest = max(slowest, time.Since(asked))
			}
			messages, bytes := end()
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			t.Logf("%d messages, %d MB; %d good ones beside, the slowest %v; heap %d MB", messages, bytes>>20, n, slowest.Round(time.Millisecond), memory.HeapAlloc>>20)
			require.Less(t, memory.HeapAlloc, uint64(2<<30))
			require.NoError(t, stop())
		})
	}
}

// A sensor's password is good for its own events and nothing else; a viewer's for looking.
func TestRolesOfADaemon(t *testing.T) {
	c := sharedConfig(t)
	c.NATS.Embedded.Users = append(c.NATS.Embedded.Users, config.Client{
		User: "cam", PasswordFile: secretFile(t, "cam"), Role: config.RoleSensor, Sensors: []string{"a"},
	})
	d, _ := run(t, c, serve.Hooks{})
	cam, board, ops := as(t, d, "cam"), as(t, d, "board"), as(t, d, "ops")
	m := message(t, bus.EventsHeader{}, events.Event{X: 9, Y: 9})
	require.Equal(t, bus.OutcomeProcessed, request(t, cam, m))

	ask := func(nc *nats.Conn, endpoint string, r any) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := control.Ask(ctx, nc, c.NATS.Prefix, endpoint, r)
		return err
	}
	off := false
	require.Error(t, ask(board, control.EndpointHistory, control.SensorRequest{Sensor: "a"}))
	require.NoError(t, ask(ops, control.EndpointHistory, control.SensorRequest{Sensor: "a"}))
	require.NoError(t, ask(ops, control.EndpointLearning, control.LearningRequest{Sensor: "a", Learning: &off}))
	on := true
	require.Error(t, ask(board, control.EndpointLearning, control.LearningRequest{Sensor: "a", Learning: &on}))
	require.Error(t, ask(cam, control.EndpointHistory, control.SensorRequest{Sensor: "a"}))
	sn, err := d.Service.Sensor("a")
	require.NoError(t, err)
	require.False(t, sn.Status.Learning)

	// An operator uploads a model through the daemon; neither a viewer nor a sensor does.
	file, err := os.ReadFile(c.Pipeline.Model)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := control.Ask(ctx, ops, c.NATS.Prefix, control.EndpointSensor, control.SensorRequest{Sensor: "a"})
	require.NoError(t, err)
	var seen control.Inspected
	require.NoError(t, json.Unmarshal(answer, &seen))
	upload := control.Sending{Prefix: c.NATS.Prefix, Instance: seen.Instance, Name: "m", Data: file, Patience: 50 * time.Millisecond}
	for _, nc := range []*nats.Conn{cam, board} {
		_, err = upload.Send(ctx, nc)
		require.Error(t, err)
		require.ErrorIs(t, nc.LastError(), nats.ErrPermissionViolation)
	}
	upload.Patience = 0
	stored, err := upload.Send(ctx, ops)
	require.NoError(t, err)
	require.NoError(t, ask(ops, control.EndpointLoad, control.LoadRequest{Sensor: "a", Name: "m", Digest: stored.Digest}))

	// Neither reads what JetStream keeps, or removes it.
	for _, nc := range []*nats.Conn{cam, board, ops} {
		js, err := jetstream.New(nc)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		require.Error(t, js.DeleteStream(ctx, "OBJ_saccade-state"))
		cancel()
		require.ErrorIs(t, nc.LastError(), nats.ErrPermissionViolation)
	}
	own, err := jetstream.New(connect(t, d))
	require.NoError(t, err)
	_, err = own.Stream(t.Context(), "OBJ_saccade-state")
	require.NoError(t, err)
}

// Without the rule that answers go to inboxes alone, a sensor would have had the daemon delete its own states: this is
// what NATS makes of an empty message with headers on that subject.
func TestWhatAnAnswerCouldDo(t *testing.T) {
	d, _ := run(t, testConfig(t, t.TempDir()), serve.Hooks{})
	nc := connect(t, d)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "victim", Subjects: []string{"victim"}})
	require.NoError(t, err)
	a := bus.Ack(bus.OutcomeProcessed)
	a.Subject = "$JS.API.STREAM.DELETE.victim"
	require.NoError(t, nc.PublishMsg(a))
	require.NoError(t, bus.Flush(t.Context(), nc))
	require.Eventually(t, func() bool {
		_, err := js.Stream(t.Context(), "victim")
		return err != nil
	}, patience, 5*time.Millisecond)
}

// A daemon whose user may not read events does not start silently.
func TestDaemonWithoutPermission(t *testing.T) {
	shared, _ := run(t, sharedConfig(t), serve.Hooks{})
	c := testConfig(t, t.TempDir())
	c.NATS.URL, c.NATS.User, c.NATS.PasswordFile = shared.URL, "board", secretFile(t, "board")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	d, err := serve.Start(ctx, c, slog.New(slog.DiscardHandler), serve.Hooks{})
	if err == nil {
		err = d.Run(ctx)
	}
	require.ErrorContains(t, err, "the NATS server refuses a subject")
	require.NoError(t, ctx.Err())
}
