package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/serve"
)

// logged is what a daemon says, a record a line.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
	told chan struct{} // closed at the next record
}

// Write takes a record.
func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.told != nil {
		close(l.told)
		l.told = nil
	}
	return l.text.Write(b)
}

func (l *logged) handler() slog.Handler { return slog.NewJSONHandler(l, nil) }

// record is one that was logged.
type record struct {
	Level, Msg, Sensor, Error string
	Seq                       uint64
	Messages                  uint64
	Events                    uint64
	Aside                     string `json:"kept_as"`
}

// with gives the records whose text, or error, has a part.
func (l *logged) with(part string) (out []record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		var r record
		if json.Unmarshal([]byte(line), &r) == nil && (strings.Contains(r.Msg, part) || strings.Contains(r.Error, part)) {
			out = append(out, r)
		}
	}
	return out
}

// wait waits until something is said.
func (l *logged) wait(t testing.TB, part string) record {
	t.Helper()
	late := time.After(patience)
	for {
		l.mu.Lock()
		if l.told == nil {
			l.told = make(chan struct{})
		}
		told := l.told
		l.mu.Unlock()
		if found := l.with(part); len(found) > 0 {
			return found[0]
		}
		select {
		case <-told:
		case <-late:
			l.mu.Lock()
			defer l.mu.Unlock()
			require.FailNow(t, "it was not said", "%q: %s", part, l.text.String())
		}
	}
}

// undisturbed is what comes of stories where nothing happens, and the model that it came of.
func undisturbed(t testing.TB, change func(*config.Config), stories func(prefix string) [][]*nats.Msg) (want map[string][]string, model string) {
	t.Helper()
	url, nc := natsServer(t)
	c := streamConfig(t, url, "calm")
	if change != nil {
		change(&c)
	}
	_, stop := run(t, c, serve.Hooks{})
	want = results(t, nc, "calm", publishAll(t, nc, stories("calm")...))
	require.NoError(t, stop())
	return want, c.Pipeline.Model
}

// pair is two sensors' stories.
func pair(t testing.TB, recordings, messages int) func(prefix string) [][]*nats.Msg {
	return func(prefix string) [][]*nats.Msg {
		return [][]*nats.Msg{storyOf(t, prefix, "left", 1, recordings, messages), storyOf(t, prefix, "right", 2, recordings, messages)}
	}
}

// parts cuts stories where so many messages are over.
func parts(stories [][]*nats.Msg, at int) (before, behind [][]*nats.Msg) {
	for _, s := range stories {
		at := min(at, len(s))
		before, behind = append(before, s[:at]), append(behind, s[at:])
	}
	return before, behind
}

// made has a daemon make its streams, and ends it.
func made(t testing.TB, c config.Config) {
	t.Helper()
	_, stop := run(t, c, serve.Hooks{})
	require.NoError(t, stop())
}

// caughtUp waits until the results of all that is in the stream of events are stored, and a
// checkpoint behind the last of them.
func caughtUp(t testing.TB, d *serve.Daemon, last map[string]uint64) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for subject, seq := range last {
		name := strings.Split(subject, ".")[1]
		for {
			s, err := d.Service.Sensor(name)
			if err == nil && s.Checkpoint.Sequence >= seq {
				break
			}
			select {
			case <-ctx.Done():
				require.FailNow(t, "a sensor does not get there", "%s: expected a checkpoint at message %d, found %+v", name, seq, s.Checkpoint)
			case <-tick.C:
			}
		}
	}
}

// joined are results, each list behind the other.
func joined(first, second map[string][]string) map[string][]string {
	out := maps.Clone(first)
	for subject, list := range second {
		out[subject] = slices.Concat(out[subject], list)
	}
	return out
}

// stream is a stream of a prefix: events or results.
func stream(t testing.TB, nc *nats.Conn, name string) (jetstream.JetStream, jetstream.Stream) {
	t.Helper()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	s, err := js.Stream(t.Context(), name)
	require.NoError(t, err)
	return js, s
}

// turnstile holds sensors up at a message, and lets them go on.
type turnstile struct {
	after   int // so many messages of all sensors
	mu      sync.Mutex
	reached chan struct{}
	open    chan struct{}
}

func newTurnstile(after int) *turnstile {
	return &turnstile{after: after, reached: make(chan struct{}), open: make(chan struct{})}
}

func (g *turnstile) pass() {
	g.mu.Lock()
	g.after--
	now := g.after
	if now == 0 {
		close(g.reached)
	}
	g.mu.Unlock()
	if now <= 0 {
		<-g.open
	}
}

func folder(t testing.TB, name string) string { return filepath.Join(t.TempDir(), name) }

func within(t testing.TB, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		require.FailNow(t, fmt.Sprintf("it takes longer than %v: %s", patience, what))
	}
}

// nothing is a change that changes nothing.
func nothing(*pipeline.Pipeline) error { return nil }

func newLog(l *logged) *slog.Logger { return slog.New(l.handler()) }

// cancellable is a context that outlives what the test cleans up.
func cancellable(t testing.TB) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(cancel)
	return ctx, cancel
}
