package benchmarks

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
)

// BenchmarkLatency is the time from the call that publishes a packet to the arrival
// of its features in the handler of a subscriber, at a million events a second:
// camera, embedded server, daemon and subscriber in one process, each with a
// connection of its own; learning on, 16 neurons a polarity, 11x11. The camera goes
// by the clock, whatever the daemon does; "late" is what it was behind it, which
// counts for no latency. With packets of 1 ms, their last event is at the camera when
// it publishes; with 4,096 events, the first has waited for 4 ms, which is
// not counted either.
func BenchmarkLatency(b *testing.B) {
	b.Run("packet=1ms", func(b *testing.B) { benchmarkLatency(b, 1000) })
	b.Run("packet=4096", func(b *testing.B) { benchmarkLatency(b, events.DefaultPacketEvents) })
}

// rate of events of the stream, a second.
const rate = 1_000_000

func benchmarkLatency(b *testing.B, size int) {
	s := newStream(b)
	s.repack(size)
	d := startDaemon(b)
	subjects := subjectsOf(b, "camera")
	camera, listener := connect(b, d), connect(b, d)

	// The times since start of messages under way, by their numbers. A result comes
	// behind its message: the camera has written the time by then. Little memory, as
	// the collector runs the more often the less there is, in a daemon too.
	start := time.Now()
	var published [1 << 10]atomic.Int64
	var latencies []time.Duration
	var results atomic.Int64
	_, err := listener.Subscribe(subjects.Features, func(m *nats.Msg) {
		arrived := time.Since(start)
		h, err := bus.ParseFeaturesHeader(m.Header)
		if err != nil || h.Counts.Events != size || h.Seq != uint64(results.Load()) {
			b.Errorf("result %d: of message %d with %d events: %v", results.Load(), h.Seq, h.Counts.Events, err)
		}
		if !h.More {
			latencies = append(latencies, arrived-time.Duration(published[h.Seq%uint64(len(published))].Load()))
			results.Add(1)
		}
	})
	require.NoError(b, err)
	require.NoError(b, listener.Flush())

	m := newMessages(b, s, feast.Default().Geometry())
	msg := &nats.Msg{Subject: subjects.Events, Header: nats.Header{}}
	sent := 0
	publish := func() {
		packet := s.packets[sent%len(s.packets)]
		h, data := m.encode(b, packet)
		msg.Data = data
		h.Session, h.Seq, h.HasSeq = "run", uint64(sent), true
		require.NoError(b, h.Set(msg.Header))
		published[sent%len(published)].Store(int64(time.Since(start)))
		require.NoError(b, camera.PublishMsg(msg))
		for i := range packet {
			packet[i].T += s.span
		}
		sent++
	}
	wait := func() {
		for results.Load() < int64(sent) && !b.Failed() {
			require.NoError(b, camera.Flush())
			time.Sleep(time.Millisecond)
		}
	}
	// A sensor's first message makes its pipeline, which takes its time once.
	for range 100 {
		publish()
		wait()
	}
	latencies = latencies[:0]
	var late []time.Duration
	period := time.Second * time.Duration(size) / rate
	begin := time.Now()
	for b.Loop() {
		due := begin.Add(time.Duration(len(late)) * period)
		time.Sleep(time.Until(due))
		late = append(late, time.Since(due))
		require.Less(b, int64(sent), results.Load()+int64(len(published)), "messages under way")
		publish()
	}
	wait()
	require.Len(b, latencies, len(late))
	for name, of := range map[string][]time.Duration{"latency": latencies, "late": late} {
		slices.Sort(of)
		for suffix, at := range map[string]int{"p50": len(of) / 2, "p99": len(of) * 99 / 100, "max": len(of) - 1} {
			b.ReportMetric(of[at].Seconds()*1e3, name+"-"+suffix+"-ms")
		}
	}
	b.ReportMetric(0, "ns/op") // the camera's clock
}

// repack cuts the stream into packets of one size, in which an event comes every
// microsecond of its million a second; what does not fill the last is left out.
func (s *stream) repack(size int) {
	all := slices.Concat(s.packets...)
	s.packets = slices.Collect(slices.Chunk(all[:len(all)/size*size], size))
	s.events = len(s.packets) * size
	s.span = int64(s.events) * int64(time.Second/time.Microsecond) / rate
	at := int64(0)
	for _, p := range s.packets {
		for i := range p {
			p[i].T = at * int64(time.Second/time.Microsecond) / rate
			at++
		}
	}
}
