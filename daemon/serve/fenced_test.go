package serve_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/daemon/service"
)

// fencing is a sensor whose first owner stands still with a message in its hands, while another daemon has
// taken it over.
type fencing struct {
	first, next  *serve.Daemon
	stop1, stop2 func() error
	release      func()        // lets the first one go on
	c            config.Config // of the first one
	url          string
	nc           *nats.Conn
	last         map[string]uint64 // the last message of a sensor
}

func fenced(t *testing.T, prefix string) *fencing {
	t.Helper()
	f := &fencing{}
	f.url, f.nc = natsServer(t)
	f.c = streamConfig(t, f.url, prefix)
	made(t, f.c)
	const before = 20 // messages
	still, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	f.release = sync.OnceFunc(func() { close(goOn) })
	// Neither daemon's cluster looks while this lasts: who has the sensor is said here.
	f.c.Cluster.Lease = time.Hour
	f.c.Cluster.Name = "former"
	f.first, f.stop1 = run(t, f.c, serve.Hooks{At: func(_ string, at service.Step, seq uint64) {
		if at == service.StepHandled && seq == before {
			once.Do(func() { close(still) })
			<-goOn
		}
	}})
	t.Cleanup(f.release) // before daemons are stopped
	require.NoError(t, f.first.Service.Take("left", 1))
	f.last = publishAll(t, f.nc, storyOf(t, prefix, "left", 4, 4, 15))
	<-still

	other := f.c
	other.Cluster.Name = "next"
	f.next, f.stop2 = run(t, other, serve.Hooks{})
	const term = 1000
	waitFor(t, func() bool {
		_ = f.next.Service.Take("left", term)
		working, _ := f.next.Service.WorksOn("left")
		return working
	})
	return f
}

// A daemon stands still with a message in its hands; another one takes its sensor over, freezes learning and
// says so. When the first one goes on, nothing that it makes is stored, and no change that it is asked for is
// answered with success: results are those of one daemon that froze at the same message.
func TestFormerOwnerIsFenced(t *testing.T) {
	f := fenced(t, "fenced")
	done, err := f.next.Service.SetLearning(t.Context(), "left", false)
	require.NoError(t, err)
	require.True(t, done.Changed)

	// The first one has a change to make behind the message that it has in its hands.
	answer := make(chan error, 1)
	go func() {
		_, err := f.first.Service.SetLearning(t.Context(), "left", false)
		answer <- err
	}()
	f.release()
	err = <-answer
	require.Error(t, err, "it is not its to change")
	t.Logf("the former owner: %v", err)
	// What was fenced takes it again in a later term alone.
	var lost *bus.FencedError
	waitFor(t, func() bool { working, _ := f.first.Service.WorksOn("left"); return !working })
	require.ErrorAs(t, f.first.Service.Take("left", 1), &lost)
	got := results(t, f.nc, "fenced", f.last)
	require.NoError(t, f.stop1())
	require.NoError(t, f.stop2())
	requireSame(t, frozenAt(t, f.url, f.nc, "calm", f.c.Pipeline.Model, done.Events), got)
}

// Where the first one is told to stop before it knows, what it cannot store is the next one's to make: it ends
// without an error.
func TestFormerOwnerStops(t *testing.T) {
	f := fenced(t, "stopped")
	ended := make(chan error, 1)
	go func() { ended <- f.stop1() }()
	n := 0
	waitFor(t, func() bool { // it has begun to stop
		n++
		return errors.Is(f.first.Service.Take(fmt.Sprint("probe", n), 1), service.ErrStopped)
	})
	f.release()
	require.NoError(t, <-ended)
	results(t, f.nc, "stopped", f.last)
	require.NoError(t, f.stop2())
}
