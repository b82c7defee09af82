package serve_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/serve"
)

// Two daemons both believe, all the time, that the sensors are theirs, and often in the same term, which keeps
// neither from storing anything: every result is there once.
func TestTwoOwners(t *testing.T) {
	want, model := undisturbed(t, nil, pair(t, 4, 15))
	url, nc := natsServer(t)
	c := streamConfig(t, url, "twins")
	c.Pipeline.Model = model
	made(t, c)
	other := c
	c.Cluster.Name, other.Cluster.Name = "castor", "pollux"
	d1, stop1 := run(t, c, serve.Hooks{})
	d2, stop2 := run(t, other, serve.Hooks{})
	story := pair(t, 4, 15)("twins")
	done, beaten := make(chan struct{}), make(chan struct{})
	both := 0
	go func() {
		defer close(beaten)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for term := uint64(1); ; term++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			for _, sensor := range []string{"left", "right"} {
				// Errors are of sensors that are stopping.
				_ = d1.Service.Take(sensor, term)
				_ = d2.Service.Take(sensor, term)
				a, _ := d1.Service.WorksOn(sensor)
				b, _ := d2.Service.WorksOn(sensor)
				if a && b {
					both++
				}
			}
		}
	}()
	last := publishAll(t, nc, story...)
	requireSame(t, want, results(t, nc, "twins", last))
	close(done)
	<-beaten
	require.Greater(t, both, 10, "they did believe it")
	require.NoError(t, stop1())
	require.NoError(t, stop2())
	t.Logf("two owners at %d looks: nothing lost, nothing twice", both)
}
