package serve_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
)

// packets is a stream of messages as large as they usually are.
func packets(t testing.TB, prefix, sensor string, seed uint64, messages int) (out []*nats.Msg) {
	t.Helper()
	e, err := events.EncodingByName(bus.DefaultEncoding)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(seed, 4))
	now := int64(0)
	for k := range messages {
		in := make([]events.Event, events.DefaultPacketEvents)
		for i := range in {
			now += int64(rng.IntN(8))
			in[i] = events.Event{T: now, X: uint16(int(now/500)+rng.IntN(9)) % 34, Y: uint16(int(now/900)+rng.IntN(9)) % 34, P: events.Polarity(rng.IntN(2))}
		}
		h := bus.EventsHeader{
			Encoding: bus.DefaultEncoding, Geometry: events.Geometry{Width: 34, Height: 34}, TimeBase: in[0].T * 1000,
			Session: sensor, Seq: uint64(k), HasSeq: true,
		}
		m := nats.NewMsg(prefix + "." + sensor + ".events")
		m.Data, _, err = e.NewEncoder().Encode(h.Message(), nil, in)
		require.NoError(t, err)
		require.NoError(t, h.Set(m.Header))
		out = append(out, m)
	}
	return out
}

// One, two and three daemons work off what six sensors have sent: all of it once, and how long it took.
func TestThroughputOfDaemons(t *testing.T) {
	if os.Getenv(clusterVariable) == "" {
		t.Skip(clusterVariable + " is not set: a measurement")
	}
	const messages = 150
	sensors := []string{"cam0", "cam1", "cam2", "cam3", "cam4", "cam5"}
	url, nc := natsServer(t)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience)
	defer cancel()
	first := 0.0
	for n := 1; n <= 3; n++ {
		prefix := "daemons" + strconv.Itoa(n)
		c := streamConfig(t, url, prefix)
		c.Durable.Events.MaxBytes, c.Durable.Results.MaxBytes = 256<<20, 512<<20
		c.Durable.Checkpoint.Every, c.Durable.Checkpoint.EveryBytes = 10*time.Second, 256<<20
		c.Pipeline.Labels.Every = 0
		_, stop := run(t, c, serve.Hooks{}) // which makes the streams
		require.NoError(t, stop())
		var stories [][]*nats.Msg
		for i, name := range sensors {
			stories = append(stories, packets(t, prefix, name, uint64(i), messages))
		}
		publishAll(t, nc, stories...)
		var daemons []*exec.Cmd
		for i := range n {
			c.Cluster.Name = "daemon" + strconv.Itoa(i)
			daemons = append(daemons, daemonProcess(t, c))
		}
		st, err := js.Stream(ctx, prefix+"-results")
		require.NoError(t, err)
		want := uint64(messages * len(sensors))
		var state jetstream.StreamState
		retry(ctx, t, func(ctx context.Context) error {
			info, err := st.Info(ctx)
			if err != nil {
				return err
			}
			if state = info.State; state.Msgs < want {
				return fmt.Errorf("%d of %d results", state.Msgs, want)
			}
			return nil
		})
		for _, d := range daemons {
			require.NoError(t, d.Process.Signal(syscall.SIGTERM))
			require.NoError(t, d.Wait())
		}
		info, err := st.Info(ctx)
		require.NoError(t, err)
		require.Equal(t, want, info.State.Msgs, "each once")
		rate := float64(want*events.DefaultPacketEvents) / state.LastTime.Sub(state.FirstTime).Seconds()
		if n == 1 {
			first = rate
		}
		t.Logf("%d daemons: %.2f million events/s, %.2f of one", n, rate/1e6, rate/first)
	}
}
