//go:build unix

package benchmarks

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/serve"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// realStream is real N-MNIST recordings as one endless stream, in packets of 4,096 events.
func realStream(tb testing.TB, recordings int) *stream {
	tb.Helper()
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		tb.Skip("SACCADE_DATA is not set: it names the folder with the real recordings")
	}
	list, err := nmnist.Folder(filepath.Join(data, "nmnist", "Train"))
	require.NoError(tb, err)
	e, err := events.EncodingByName(nmnist.Name)
	require.NoError(tb, err)
	h := events.MessageHeader{Geometry: events.Geometry{Width: 34, Height: 34}}
	var all []events.Event
	offset := int64(0)
	for i := range recordings {
		payload, err := os.ReadFile(list[i*len(list)/recordings].Path)
		require.NoError(tb, err)
		decoder, packet := e.NewDecoder(), events.NewPacket(len(payload))
		for len(payload) > 0 {
			n, err := decoder.Decode(h, payload, packet)
			require.NoError(tb, err)
			payload = payload[n:]
		}
		for _, in := range packet.Events {
			in.T += offset
			all = append(all, in)
		}
		offset = all[len(all)-1].T + 1
	}
	n := len(all) - len(all)%events.DefaultPacketEvents
	s := &stream{events: n, span: offset}
	for p := range slices.Chunk(all[:n], events.DefaultPacketEvents) {
		s.packets = append(s.packets, p)
	}
	return s
}

// side is a daemon with its embedded server, and a camera on it.
type side struct {
	d       *serve.Daemon
	nc      *nats.Conn
	js      jetstream.JetStream // nil without durability
	stream  *stream
	encoder *messages
	seq     uint64
	window  chan struct{}
}

// underWay is how many messages a camera sends ahead of their acknowledgements.
const underWay = 32

func newSide(b *testing.B, durable bool, recordings int) *side {
	b.Helper()
	c := config.Default()
	c.NATS.Embedded.Port, c.NATS.Embedded.DataDir = 0, b.TempDir()
	if durable {
		c.Ingest.Mode = config.IngestStream
	}
	d, err := serve.Start(b.Context(), c, slog.New(slog.DiscardHandler), serve.Hooks{})
	require.NoError(b, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	b.Cleanup(func() {
		stop()
		require.NoError(b, <-ended)
	})
	<-d.Service.Ready()
	s := &side{d: d, nc: connect(b, d), stream: realStream(b, recordings), window: make(chan struct{}, underWay)}
	s.encoder = newMessages(b, s.stream, events.Geometry{Width: 34, Height: 34})
	if durable {
		s.js, err = jetstream.New(s.nc, jetstream.WithPublishAsyncMaxPending(underWay))
		require.NoError(b, err)
		return s
	}
	// Without a stream, an acknowledgement comes behind the results.
	_, err = s.nc.Subscribe("_INBOX.camera", func(m *nats.Msg) {
		if o, err := bus.ParseAck(m); err != nil || o != bus.OutcomeProcessed {
			b.Errorf("expected that the message was processed, found %v, %v", o, err)
		}
		<-s.window
	})
	require.NoError(b, err)
	return s
}

// round sends all, and waits until what comes of it is out. It gives how long that took.
func (s *side) round(b *testing.B) time.Duration {
	from := time.Now()
	for _, p := range s.stream.packets {
		h, data := s.encoder.encode(b, p)
		h.Session, h.Seq, h.HasSeq = "camera", s.seq, true
		s.seq++
		m := nats.NewMsg("saccade.camera.events")
		m.Data = data
		require.NoError(b, h.Set(m.Header))
		if s.js != nil {
			m.Data = slices.Clone(data) // it is kept until it is acknowledged
			_, err := s.js.PublishMsgAsync(m)
			require.NoError(b, err)
			continue
		}
		s.window <- struct{}{}
		m.Reply = "_INBOX.camera"
		require.NoError(b, s.nc.PublishMsg(m))
	}
	s.settle(b)
	took := time.Since(from)
	s.stream.next()
	return took
}

// settle waits until all is processed, and its results are stored or published.
func (s *side) settle(b *testing.B) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range underWay {
		if s.js == nil {
			s.window <- struct{}{}
		}
	}
	for range underWay {
		if s.js == nil {
			<-s.window
		}
	}
	for late := time.After(time.Minute); ; {
		seen, err := s.d.Service.Sensor("camera")
		// The latency of a message is counted when its results are stored.
		if err == nil && seen.Latency.Count() >= s.seq {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			require.FailNow(b, "the daemon does not get there", "%+v, %v", seen.Status, err)
		}
	}
}

// BenchmarkDurability is real recordings through a daemon over its embedded server, learning on, 16 neurons a
// polarity, 11x11, in turns without a stream and with streams and checkpoints on file storage. ratio is what is left
// of the throughput with them: the median of rounds that follow each other.
func BenchmarkDurability(b *testing.B) {
	const recordings = 200
	off, on := newSide(b, false, recordings), newSide(b, true, recordings)
	off.round(b) // the first one makes pipelines and files
	on.round(b)
	var ratios []float64
	var tOff, tOn, cpuOff, cpuOn time.Duration
	for b.Loop() {
		before := processorTime(b)
		a := off.round(b)
		between := processorTime(b)
		c := on.round(b)
		cpuOff, cpuOn = cpuOff+between-before, cpuOn+processorTime(b)-between
		tOff, tOn = tOff+a, tOn+c
		ratios = append(ratios, a.Seconds()/c.Seconds())
	}
	slices.Sort(ratios)
	n := float64(b.N) * float64(off.stream.events)
	b.ReportMetric(n/tOff.Seconds(), "off-events/s")
	b.ReportMetric(n/tOn.Seconds(), "on-events/s")
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	// What a machine that is busy with other things says nothing about.
	b.ReportMetric(float64(cpuOff.Nanoseconds())/n, "off-cpu-ns/event")
	b.ReportMetric(float64(cpuOn.Nanoseconds())/n, "on-cpu-ns/event")
}

// processorTime is what this process has used of the processors, its server and its camera among it.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
