package cluster_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/cluster"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	patience = 60 * time.Second
	lease    = 300 * time.Millisecond
)

// field is where sensors are, and who works on them.
type field struct {
	mu      sync.Mutex
	counts  map[string]uint64
	on      map[string]map[string]uint64 // daemon, sensor, term
	twice   []string
	changed chan struct{}
}

func (f *field) Sensors(context.Context) (map[string]uint64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]uint64{}
	for k, v := range f.counts {
		out[k] = v
	}
	return out, nil
}

// worker is one of the daemons.
type worker struct {
	field *field
	name  string
	away  map[string]bool
}

func (w *worker) Take(sensor string, term uint64) error {
	w.field.mu.Lock()
	defer w.field.mu.Unlock()
	for other, list := range w.field.on {
		if old, there := list[sensor]; there && other != w.name {
			w.field.twice = append(w.field.twice, fmt.Sprintf("%s: %s has it in term %d, %s takes it in term %d", sensor, other, old, w.name, term))
		}
	}
	w.field.on[w.name][sensor] = term
	delete(w.away, sensor)
	w.field.tell()
	return nil
}

func (w *worker) Drop(_ context.Context, sensor string) error {
	w.field.mu.Lock()
	defer w.field.mu.Unlock()
	delete(w.field.on[w.name], sensor)
	w.field.tell()
	return nil
}

func (w *worker) WorksOn(sensor string) (bool, *uint64) {
	w.field.mu.Lock()
	defer w.field.mu.Unlock()
	_, there := w.field.on[w.name][sensor]
	if w.away[sensor] {
		seq := uint64(1)
		return false, &seq
	}
	return there, nil
}

func (f *field) tell() {
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

// until waits for something to be so, and gives who has how many.
func (f *field) until(t *testing.T, what string, done func() bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		f.mu.Lock()
		ok := done()
		on := fmt.Sprint(f.on)
		f.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-f.changed:
		case <-limit.C:
			require.Fail(t, what, on)
		}
	}
}

// covered tells whether each sensor is worked on by one of the daemons, and each daemon
// has some.
func (f *field) covered(daemons ...string) bool {
	n := 0
	for _, d := range daemons {
		if len(f.on[d]) == 0 {
			return false
		}
		n += len(f.on[d])
	}
	return n == len(f.counts)
}

type running struct {
	cluster *cluster.Cluster
	stop    func() error
}

func start(t *testing.T, s *bus.Server, f *field, name string, accepts func(string) bool) *running {
	t.Helper()
	nc, err := bus.Connect(t.Context(), bus.ConnectOptions{Server: s, Name: name, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	f.mu.Lock()
	f.on[name] = map[string]uint64{}
	f.mu.Unlock()
	c, err := cluster.New(t.Context(), nc, cluster.Options{
		Prefix: "test.prefix", Name: name, Lease: lease, Replicas: 1, Max: 100, Accepts: accepts, Log: slog.New(slog.DiscardHandler),
	}, &worker{field: f, name: name, away: map[string]bool{}}, f)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	var once sync.Once
	r := &running{cluster: c}
	r.stop = func() (err error) {
		once.Do(func() {
			cancel()
			err = <-ended
		})
		return err
	}
	t.Cleanup(func() {
		_ = r.stop()
		nc.Close()
	})
	return r
}

func everything(string) bool { return true }

func server(t *testing.T) *bus.Server {
	t.Helper()
	s, err := bus.Start(t.Context(), bus.ServerOptions{JetStream: true, DataDir: t.TempDir(), MaxPayload: 1 << 20, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		require.NoError(t, s.Shutdown(ctx))
	})
	return s
}

// Daemons come, say goodbye, and die: each sensor is worked on by one of those that are
// there, and by nobody else before that one has let go of it.
func TestShared(t *testing.T) {
	s := server(t)
	f := &field{counts: map[string]uint64{}, on: map[string]map[string]uint64{}, changed: make(chan struct{}, 1)}
	for i := range 40 {
		f.counts[fmt.Sprintf("cam%d", i)] = 1
	}
	f.counts["strange"] = 1
	accepts := func(name string) bool { return name != "strange" }
	delete(f.counts, "strange")
	one := start(t, s, f, "one", accepts)
	f.until(t, "one has all", func() bool { return f.covered("one") })
	two := start(t, s, f, "two", accepts)
	f.until(t, "they share", func() bool { return f.covered("one", "two") })
	start(t, s, f, "three", accepts)
	f.until(t, "three share", func() bool { return f.covered("one", "two", "three") })
	f.mu.Lock()
	require.Empty(t, f.twice)
	f.counts["strange"] = 1
	f.mu.Unlock()

	// Goodbye: what the worker did is stored, and nobody waits.
	require.NoError(t, two.stop())
	f.mu.Lock()
	f.on["two"] = map[string]uint64{}
	delete(f.counts, "strange")
	f.mu.Unlock()
	leaving, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, two.cluster.Leave(leaving))
	f.until(t, "two is gone", func() bool { return f.covered("one", "three") })

	// Death: its sensors are taken over in a higher term.
	require.NoError(t, one.stop())
	f.mu.Lock()
	terms := f.on["one"]
	f.on["one"] = map[string]uint64{}
	f.mu.Unlock()
	f.until(t, "one is dead", func() bool { return f.covered("three") })
	f.mu.Lock()
	for sensor, term := range terms {
		require.Greater(t, f.on["three"][sensor], term, sensor)
	}
	require.Empty(t, f.twice)
	require.NotContains(t, f.on["three"], "strange")
	f.mu.Unlock()

	// And back again, under the name that it had.
	start(t, s, f, "one", accepts)
	f.until(t, "one is back", func() bool { return f.covered("one", "three") })
	f.mu.Lock()
	defer f.mu.Unlock()
	require.Empty(t, f.twice)
}

// Two daemons of one name: one of them ends, and says why.
func TestTwoOfOneName(t *testing.T) {
	s := server(t)
	f := &field{counts: map[string]uint64{"cam": 1}, on: map[string]map[string]uint64{}, changed: make(chan struct{}, 1)}
	nc, err := bus.Connect(t.Context(), bus.ConnectOptions{Server: s, Name: "test", Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer nc.Close()
	f.on["same"] = map[string]uint64{}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := make(chan error, 2)
	for range 2 {
		c, err := cluster.New(ctx, nc, cluster.Options{
			Prefix: "test", Name: "same", Lease: lease, Replicas: 1, Max: 100, Accepts: everything, Log: slog.New(slog.DiscardHandler),
		}, &worker{field: f, name: "same"}, f)
		require.NoError(t, err)
		go func() { ended <- c.Run(ctx) }()
	}
	require.ErrorContains(t, <-ended, "another daemon is named same")
	cancel()
	require.NoError(t, <-ended)
}

func TestRefuses(t *testing.T) {
	s := server(t)
	nc, err := bus.Connect(t.Context(), bus.ConnectOptions{Server: s, Name: "test", Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	defer nc.Close()
	for says, o := range map[string]cluster.Options{
		"name of the daemon": {Prefix: "test", Name: "a b", Lease: lease},
		"lease: expected":    {Prefix: "test", Name: "a", Lease: time.Millisecond},
	} {
		_, err := cluster.New(t.Context(), nc, o, nil, nil)
		require.ErrorContains(t, err, says)
	}
}
