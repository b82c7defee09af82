package soak

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
)

var duration = flag.Duration("for", 25*time.Second, "how long to soak")

const cameras = 8

// sample is what the daemon takes at a moment, behind a garbage collection.
type sample struct {
	heap       uint64
	goroutines int
}

func take() sample {
	runtime.GC()
	runtime.GC() // what finalizers have let go of
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return sample{m.HeapAlloc, runtime.NumGoroutine()}
}

func configured(url string) config.Config {
	c := config.Default()
	c.NATS.URL, c.NATS.Prefix, c.NATS.Embedded = url, "soak", config.Default().NATS.Embedded
	c.Ingest.Mode = config.IngestStream
	c.Ingest.Sensors.Idle = time.Second // sensors are put away between
	c.Durable.Events.MaxBytes, c.Durable.Results.MaxBytes = 0, 0
	c.Durable.Events.MaxAge, c.Durable.Results.MaxAge = 0, 0
	c.Durable.Checkpoint.Every = 100 * time.Millisecond
	c.Cluster.Name, c.Cluster.Lease = "steady", 500*time.Millisecond
	c.Pipeline.Filters.Refractory, c.Pipeline.Filters.Background = 100*time.Microsecond, 25*time.Millisecond // which account for some
	return c
}

func TestSoak(t *testing.T) {
	length := *duration
	if testing.Short() {
		length = min(length, 5*time.Second)
	}
	dir := t.TempDir()
	port := freePort(t)
	server := newProcess(t, fmt.Sprintf("%s=%d:%s", natsVariable, port, filepath.Join(dir, "nats")))
	c := configured(fmt.Sprintf("nats://127.0.0.1:%d", port))
	mortal := c
	mortal.Cluster.Name = "mortal"
	file := filepath.Join(dir, "mortal.yaml")
	var text strings.Builder
	require.NoError(t, config.Print(&text, mortal))
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))

	d, err := serve.Start(t.Context(), c, slog.New(slog.DiscardHandler), serve.Hooks{})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	<-d.Service.Ready()
	second := newProcess(t, daemonVariable+"="+file)

	nc, err := nats.Connect(c.NATS.URL, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)

	var all []*camera
	for i := range cameras {
		all = append(all, newCamera(t, js, i))
	}
	rng := rand.New(rand.NewPCG(1, 12))
	var samples []sample
	kills, restarts := 0, 0
	var slowest time.Duration
	until := time.Now().Add(length)
	for round := 0; time.Now().Before(until); round++ {
		var coming sync.WaitGroup
		for _, cam := range all {
			if rng.IntN(2) == 0 {
				coming.Go(func() { cam.come(t.Context()) })
			}
		}
		switch round % 4 {
		case 1:
			second.end(syscall.SIGKILL)
			second.start()
			kills++
		case 3:
			server.end([]syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[restarts%2])
			server.start()
			restarts++
		}
		coming.Wait()
		from := time.Now()
		settled(t, nc, js, all)
		slowest = max(slowest, time.Since(from))
		samples = append(samples, take())
	}
	second.end(syscall.SIGTERM)
	stop()
	require.NoError(t, <-ended)

	total, processed, rejected, lost := account(t, js, &c.Pipeline, all)
	t.Logf("%v, %d cameras, %d messages: %d kills of a daemon, %d restarts of the NATS server (half of them SIGKILL), %d steps of a clock",
		length, cameras, total.messages, kills, restarts, total.steps)
	t.Logf("events sent: %d whole, of which all processed; %d twice, left out; %d in messages cut short, of which %d were processed and the others rejected; %d rejected with their message; %d never arrived; %d messages counted as gaps, which are those that never arrived and those whose header hides their number",
		total.whole, total.twice, total.cut, processed-total.whole, total.unreadable, total.never, lost)
	t.Logf("results: those of the offline pipeline, bit for bit; %d rejects; all stored %v behind the last message of a round at the latest", rejected, slowest.Round(time.Millisecond))
	flat(t, samples)
}

// settled waits until all that was sent is in a checkpoint.
func settled(t testing.TB, nc *nats.Conn, js jetstream.JetStream, all []*camera) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	for _, cam := range all {
		if cam.sent.messages == 0 {
			continue
		}
		done := every(ctx, 20*time.Millisecond, func() bool {
			newest, stored := standing(ctx, nc, js, cam.name)
			return newest > 0 && stored >= newest
		})
		require.True(t, done, "%s does not get to its end", cam.name)
	}
}

// standing gives the numbers of the newest message of a camera, and of the last that is in a checkpoint, behind whose
// results that is stored. (A message that comes twice has no results.)
func standing(ctx context.Context, nc *nats.Conn, js jetstream.JetStream, name string) (newest, stored uint64) {
	asking, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	events, err := js.Stream(asking, "soak-events")
	if err != nil {
		return 0, 0
	}
	m, err := events.GetLastMsgForSubject(asking, "soak."+name+".events")
	if err != nil {
		return 0, 0
	}
	store, err := checkpoint.Open(asking, nc, "soak", 1)
	if err != nil {
		return 0, 0
	}
	list, _, err := store.Series(name, 3).Look(asking)
	if err != nil {
		return 0, 0
	}
	for _, e := range list {
		stored = max(stored, e.Place.Seq)
	}
	return m.Sequence, stored
}

// account sees to it that every event is one that was processed, or was not for a reason.
func account(t testing.TB, js jetstream.JetStream, c *config.Pipeline, all []*camera) (total sent, processed, rejected int, lost uint64) {
	t.Helper()
	filtered := uint64(0)
	for _, cam := range all {
		o := compare(t, js, c, cam.name)
		n := o.pipe.Counters()
		s := cam.sent
		require.Equal(t, n.Events, n.Hits+n.Missed+n.Border+n.Outside+n.Noise+n.Ignored+n.Filtered.Sum(), cam.name)
		require.Equal(t, s.messages, int(n.Messages)+o.headers, "%s: every message that was sent is in the stream once", cam.name)
		require.GreaterOrEqual(t, int(n.Events), s.whole, cam.name)
		require.LessOrEqual(t, int(n.Events), s.whole+s.cut, cam.name)
		total.whole, total.twice, total.cut = total.whole+s.whole, total.twice+s.twice, total.cut+s.cut
		total.unreadable, total.never = total.unreadable+s.unreadable, total.never+s.never
		total.messages, total.steps = total.messages+s.messages, total.steps+s.steps
		processed += int(n.Events)
		rejected += len(o.rejects)
		lost += n.Gaps
		filtered += n.Filtered.Sum()
		require.NoError(t, o.pipe.Close())
	}
	require.Positive(t, filtered)
	t.Logf("filters dropped %d of %d events that were processed", filtered, processed)
	return total, processed, rejected, lost
}

// flat sees to it that memory and goroutines do not grow: the median of the last third is that of the second one, but
// for what one of them differs from the other by chance.
func flat(t testing.TB, samples []sample) {
	t.Helper()
	if len(samples) < 9 {
		t.Logf("%d rounds are too few to tell of memory", len(samples))
		return
	}
	third := len(samples) / 3
	median := func(s []sample, of func(sample) uint64) uint64 {
		var v []uint64
		for _, x := range s {
			v = append(v, of(x))
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	heap := func(s sample) uint64 { return s.heap }
	goroutines := func(s sample) uint64 { return uint64(s.goroutines) }
	second, last := samples[third:2*third], samples[2*third:]
	h2, h3, g2, g3 := median(second, heap), median(last, heap), median(second, goroutines), median(last, goroutines)
	t.Logf("heap behind a garbage collection: %.1f MB, then %.1f MB; goroutines: %d, then %d (medians of %d rounds)", float64(h2)/1e6, float64(h3)/1e6, g2, g3, third)
	require.LessOrEqual(t, h3, h2+h2/4+2<<20, "the heap grows")
	require.LessOrEqual(t, g3, g2+16, "goroutines grow")
}
