package serve_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// pace is how often the good sensor of a measurement sends a message of benchEvents events: 128,000 events a second.
const (
	pace        = 2 * time.Millisecond
	benchEvents = 256
)

// BenchmarkBesideHostile measures how long a good sensor's message takes from its publication to its acknowledgement, with
// nobody beside it and with each attack as fast as one connection takes it. The daemon is a process of its own; who attacks
// and who is attacked share this one. -benchtime is the number of messages: 2000x is 4 s an attack.
func BenchmarkBesideHostile(b *testing.B) {
	for _, rate := range []config.Size{0, 2 * config.MiB} {
		for _, name := range append([]string{"nobody"}, everyAttack()...) {
			b.Run(fmt.Sprintf("max_rate=%v/%s", rate, name), func(b *testing.B) {
				c := sharedConfig(b)
				c.NATS.Embedded.Port = freePort(b)
				c.Ingest.Sensors.Max, c.Ingest.Sensors.MaxRate = 40, rate
				p, err := startProcess(b.Context(), c, filepath.Join(b.TempDir(), "saccade.yaml"))
				require.NoError(b, err)
				d := &serve.Daemon{URL: fmt.Sprintf("nats://127.0.0.1:%d", c.NATS.Embedded.Port)}
				nc := as(b, d, "good")
				in := benchMessages(b)
				require.Equal(b, bus.OutcomeProcessed, request(b, nc, in[0]))
				end := func() (int64, int64) { return 0, 0 }
				if name != "nobody" {
					end = besiege(b, d, name)
				}
				var latencies []time.Duration
				tick := time.NewTicker(pace)
				defer tick.Stop()
				n := 0
				begin := time.Now()
				for b.Loop() {
					<-tick.C
					asked := time.Now()
					require.Equal(b, bus.OutcomeProcessed, request(b, nc, in[n%len(in)]))
					latencies = append(latencies, time.Since(asked))
					n++
				}
				seconds := time.Since(begin).Seconds()
				messages, bytes := end()
				slices.Sort(latencies)
				at := func(q float64) float64 {
					return float64(latencies[min(len(latencies)-1, int(q*float64(len(latencies))))]) / 1e6
				}
				b.ReportMetric(at(0.5), "ms-p50")
				b.ReportMetric(at(0.99), "ms-p99")
				b.ReportMetric(float64(messages)/seconds, "hostile/s")
				b.ReportMetric(float64(bytes)/seconds/1e6, "hostile-MB/s")
				require.NoError(b, p.terminate())
			})
		}
	}
}

// benchMessages are messages of real events where there are any, and else of made ones.
func benchMessages(b *testing.B) []*nats.Msg {
	b.Helper()
	var all []events.Event
	if data := os.Getenv("SACCADE_DATA"); data != "" {
		files, err := filepath.Glob(filepath.Join(data, "nmnist", "Train", "3", "*.bin"))
		require.NoError(b, err)
		for _, file := range files[:min(4, len(files))] {
			raw, err := os.ReadFile(file)
			require.NoError(b, err)
			e, err := events.EncodingByName(nmnist.Name)
			require.NoError(b, err)
			packet := events.NewPacket(1 << 16)
			_, err = e.NewDecoder().Decode(events.MessageHeader{Geometry: events.Geometry{Width: 34, Height: 34}}, raw, packet)
			require.NoError(b, err)
			all = append(all, packet.Events...)
		}
	}
	for i := len(all); i < 64*benchEvents; i++ {
		all = append(all, events.Event{T: int64(i * 8), X: uint16(5 + i%24), Y: uint16(5 + i/24%24)})
	}
	var out []*nats.Msg
	for chunk := range slices.Chunk(all, benchEvents) {
		base := chunk[0].T
		for i := range chunk {
			chunk[i].T = max(chunk[i].T, base)
		}
		m := message(b, bus.EventsHeader{Geometry: events.Geometry{Width: 34, Height: 34}, TimeBase: base * 1000}, chunk...)
		m.Subject = "saccade." + sensors[0] + ".events"
		out = append(out, m)
	}
	return out
}
