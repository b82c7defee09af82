package serve_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
)

// killVariable has the daemon of serveVariable end itself by SIGKILL: STEP:COUNT.
const killVariable = "SACCADE_TEST_KILL"

// killHooks ends this process at the step that it is told.
func killHooks() serve.Hooks {
	step, count, ok := strings.Cut(os.Getenv(killVariable), ":")
	if !ok {
		return serve.Hooks{}
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		panic(err)
	}
	var left atomic.Int64
	left.Store(n)
	return serve.Hooks{At: func(_ string, at service.Step, _ uint64) {
		if at == service.Step(step) && left.Add(-1) == 0 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				panic(err)
			}
			select {} // the signal comes
		}
	}}
}

// natsServer is one beside the daemons, with its data in a folder.
func natsServer(t testing.TB) (url string, nc *nats.Conn) {
	t.Helper()
	port := freePort(t)
	starting, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := bus.Start(starting, bus.ServerOptions{
		Host: "127.0.0.1", Port: port, JetStream: true, DataDir: t.TempDir(), MaxPayload: 1 << 20, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, s.Shutdown(ctx))
	})
	url = fmt.Sprintf("nats://127.0.0.1:%d", port)
	nc, err = nats.Connect(url)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	return url, nc
}

// streamConfig is a daemon's whose sensors' messages come from a stream.
func streamConfig(t testing.TB, url, prefix string) config.Config {
	t.Helper()
	c := testConfig(t, t.TempDir())
	c.NATS.URL, c.NATS.Prefix, c.NATS.Embedded = url, prefix, config.Default().NATS.Embedded
	c.Ingest.Mode = config.IngestStream
	c.Ingest.Sensors.Idle = 0
	c.Durable.Events.MaxBytes, c.Durable.Results.MaxBytes = 64<<20, 64<<20
	c.Durable.Checkpoint.Every, c.Durable.Checkpoint.EveryBytes = 20*time.Millisecond, 64<<10
	c.Cluster.Name, c.Cluster.Lease = "one", 200*time.Millisecond
	c.Pipeline.Labels.Every = 10 * time.Millisecond
	return c
}

// storyOf is what a sensor sends: recordings in messages, some of which cannot be read,
// come twice, or are missing.
func storyOf(t testing.TB, prefix, sensor string, seed uint64, recordings, messages int) []*nats.Msg {
	t.Helper()
	return story(t, prefix, sensor, seed, recordings, messages, true)
}

// whole is what a sensor sends of one recording, without a fault.
func whole(t testing.TB, prefix string, messages int) []*nats.Msg {
	t.Helper()
	return story(t, prefix, "left", 1, 1, messages, false)
}

func story(t testing.TB, prefix, sensor string, seed uint64, recordings, messages int, faults bool) (out []*nats.Msg) {
	t.Helper()
	e, err := events.EncodingByName(bus.DefaultEncoding)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(seed, 3))
	seq, now := uint64(0), int64(0)
	for r := range recordings {
		x, y := 5+rng.IntN(20), 5+rng.IntN(20)
		for k := range messages {
			in := make([]events.Event, 150+rng.IntN(100))
			for i := range in {
				now += int64(rng.IntN(60))
				if i%40 == 0 {
					x, y = (x+1)%34, (y+rng.IntN(3)+33)%34
				}
				in[i] = events.Event{T: now, X: uint16((x + rng.IntN(9)) % 34), Y: uint16((y + rng.IntN(9)) % 34), P: events.Polarity(rng.IntN(2))}
			}
			h := bus.EventsHeader{
				Encoding: bus.DefaultEncoding, Geometry: events.Geometry{Width: 34, Height: 34}, Session: sensor, Seq: seq, HasSeq: true,
				TimeBase: in[0].T * 1000, Recording: "r" + strconv.Itoa(r), Truth: strconv.Itoa(r % 10), End: k == messages-1,
			}
			m := nats.NewMsg(prefix + "." + sensor + ".events")
			m.Data, _, err = e.NewEncoder().Encode(h.Message(), nil, in)
			require.NoError(t, err)
			faulty := faults && (r < recordings-1 || k < messages-1) // the last message is whole
			switch dice := rng.IntN(20); {
			case !faulty:
			case dice == 0:
				m.Data = m.Data[:len(m.Data)/2+1]
			case dice == 1:
				h.Encoding = "nonsense"
			case dice == 2:
				seq++ // one is missing behind it
			}
			seq++
			require.NoError(t, h.Set(m.Header))
			out = append(out, m)
			if faulty && rng.IntN(20) == 0 {
				out = append(out, m) // twice
			}
			if faulty && rng.IntN(30) == 0 {
				bad := nats.NewMsg(m.Subject)
				bad.Header.Set(bus.HeaderSeq, "many")
				out = append(out, bad)
			}
		}
	}
	return out
}

// makeStream makes the stream of events as a daemon does, so that sensors can publish
// before one is there.
func publishAll(t testing.TB, nc *nats.Conn, stories ...[]*nats.Msg) (last map[string]uint64) {
	t.Helper()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	last = map[string]uint64{}
	for i := 0; ; i++ {
		more := false
		for _, story := range stories {
			if i < len(story) {
				more = true
				last[story[i].Subject] = publishOne(t, js, story[i])
			}
		}
		if !more {
			return last
		}
	}
}

// publishOne publishes as a sensor does that must not lose anything: until it is answered, and under an identity by
// which a message whose answer was lost is stored once. A server on a busy machine may leave one unanswered.
func publishOne(t testing.TB, js jetstream.JetStream, m *nats.Msg) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	id := jetstream.WithMsgID(nuid.Next()) // of this publication: a story has messages that come twice
	for {
		once, done := context.WithTimeout(ctx, patience/4)
		a, err := js.PublishMsg(once, m, id, jetstream.WithRetryAttempts(20))
		done()
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			t.Logf("a message to %s was left unanswered: it is published again", m.Subject)
			continue
		}
		require.NoError(t, err)
		return a.Sequence
	}
}

// results reads the stream of results until those of the last messages are there.
func results(t testing.TB, nc *nats.Conn, prefix string, last map[string]uint64) (bySubject map[string][]string) {
	t.Helper()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	c, err := js.OrderedConsumer(ctx, prefix+"-results", jetstream.OrderedConsumerConfig{})
	require.NoError(t, err)
	messages, err := c.Messages()
	require.NoError(t, err)
	defer messages.Stop()
	missing := map[string]uint64{}
	for subject, seq := range last {
		missing[strings.TrimSuffix(strings.TrimPrefix(subject, prefix+"."), ".events")] = seq
	}
	bySubject = map[string][]string{}
	pending := uint64(1)
	for len(missing) > 0 || pending > 0 {
		m, err := messages.Next(jetstream.NextContext(ctx))
		require.NoError(t, err, "%v are missing of %v", missing, prefix)
		meta, err := m.Metadata()
		require.NoError(t, err)
		pending = meta.NumPending
		subject := strings.TrimPrefix(m.Subject(), prefix+".")
		if strings.HasSuffix(subject, ".owner") {
			continue // where a sensor changed hands
		}
		h := maps.Clone(m.Headers())
		id := h.Get(jetstream.MsgIDHeader)
		sensor, rest, _ := strings.Cut(id, ".")
		number, _, _ := strings.Cut(rest, ".")
		// Where sensors' results stand in the stream is a matter of which was first. All else is the same bits.
		delete(h, jetstream.ExpectedLastSubjSeqHeader)
		delete(h, jetstream.ExpectedLastSubjSeqSubjHeader)
		delete(h, jetstream.MsgIDHeader)
		index := strings.Split(rest, ".")[1] // behind it the stream's epoch
		bySubject[subject] = append(bySubject[subject], fmt.Sprintf("%s %v %s", index, header(h), strings.ReplaceAll(string(m.Data()), prefix+".", "")))
		if missing[sensor] != 0 && strconv.FormatUint(missing[sensor], 10) == number && strings.HasSuffix(subject, ".labels") && strings.Contains(string(m.Data()), `"kind":"final"`) {
			delete(missing, sensor) // the label of the last recording comes last
		}
	}
	return bySubject
}

func header(h nats.Header) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(h)) {
		out = append(out, k+"="+strings.Join(h[k], ","))
	}
	return strings.Join(out, " ")
}

// requireSame compares results, and says where they part.
func requireSame(t testing.TB, want, got map[string][]string) {
	t.Helper()
	require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
	for subject, list := range want {
		for i := range min(len(list), len(got[subject])) {
			require.Equal(t, list[i], got[subject][i], "%s: result %d", subject, i)
		}
		require.Len(t, got[subject], len(list), subject)
	}
}

// A daemon is ended by SIGKILL fifty times, between any two steps of any message or
// checkpoint: the stream of results is that of a daemon that nobody disturbed, bit for bit.
func TestKilledAnywhere(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 8
	}
	url, nc := natsServer(t)
	stories := func(prefix string) [][]*nats.Msg {
		return [][]*nats.Msg{storyOf(t, prefix, "left", 1, 50, 20), storyOf(t, prefix, "right", 2, 40, 25)}
	}
	reference := streamConfig(t, url, "calm")
	_, stop := run(t, reference, serve.Hooks{})
	want := results(t, nc, "calm", publishAll(t, nc, stories("calm")...))
	require.NoError(t, stop())
	require.Len(t, want, 6)

	c := streamConfig(t, url, "killed")
	c.Pipeline.Model = reference.Pipeline.Model
	_, stop = run(t, c, serve.Hooks{}) // which makes the streams
	require.NoError(t, stop())
	told := stories("killed")
	last := map[string]uint64{}
	// publish has the next part of each story in the stream: so much that each step comes often
	// enough to be killed at.
	publish := func(parts int) {
		var next [][]*nats.Msg
		for i, story := range told {
			n := len(story) / parts
			next, told[i] = append(next, story[:n]), story[n:]
		}
		maps.Copy(last, publishAll(t, nc, next...))
	}

	ctx, cancel := context.WithTimeout(t.Context(), 4*patience)
	defer cancel()
	rng := rand.New(rand.NewPCG(5, 6))
	steps := []service.Step{
		service.StepTaken, service.StepHandled, service.StepStored, service.StepStored, service.StepAcked, service.StepSaving, service.StepSaved,
	}
	count := map[service.Step]int{}
	for k := range kills {
		publish(kills + 1 - k)
		step := steps[rng.IntN(len(steps))]
		times := 1 + rng.IntN(20)
		if step == service.StepSaving || step == service.StepSaved {
			times = 1 // there may be no other
		}
		require.NoError(t, untilKilled(ctx, c, filepath.Join(t.TempDir(), "c.yaml"), step, times))
		count[step]++
	}
	publish(1)
	_, stop = run(t, c, serve.Hooks{})
	requireSame(t, want, results(t, nc, "killed", last))
	require.NoError(t, stop())
	t.Logf("%d kills: %v", kills, count)
}

// untilKilled runs a daemon until it ends itself.
func untilKilled(ctx context.Context, c config.Config, file string, step service.Step, times int) error {
	var text strings.Builder
	if err := config.Print(&text, c); err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"="+file, fmt.Sprintf("%s=%s:%d", killVariable, step, times))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL || ctx.Err() != nil { //nolint:forcetypeassert,errcheck // of this system
		return fmt.Errorf("at %s for the time %d: expected a process that was killed, found %w: %s", step, times, err, stderr.String())
	}
	return nil
}
