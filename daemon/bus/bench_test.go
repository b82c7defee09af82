package bus

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// BenchmarkCore measures core NATS within the process, from Publish to the
// subscriber's handler, in messages of 32 KiB as they carry 4,096 events of mono,
// with the headers that a replay sets. It is the most that a daemon could take.
func BenchmarkCore(b *testing.B) {
	for _, size := range []int{16 << 10, 32 << 10, 48 << 10} {
		b.Run(strconv.Itoa(size>>10)+"KiB", func(b *testing.B) {
			s := startServer(b, ServerOptions{})
			pub, sub := connect(b, ConnectOptions{Server: s}), connect(b, ConnectOptions{Server: s})
			// The subscriber answers every window, so that neither side runs away.
			const window = 128
			var parsed atomic.Int64
			windows := make(chan struct{}, 4)
			subscription, err := sub.Subscribe("bench", func(m *nats.Msg) {
				h, err := ParseEventsHeader(m.Header)
				if err != nil || len(m.Data) != size {
					b.Errorf("message %d: %v", h.Seq, err)
				}
				if parsed.Add(1)%window == 0 {
					windows <- struct{}{} // never waits: there is room for all that are under way
				}
			})
			require.NoError(b, err)
			require.NoError(b, subscription.SetPendingLimits(-1, -1))
			require.NoError(b, sub.Flush())
			m := nats.NewMsg("bench")
			m.Data = make([]byte, size)
			header := EventsHeader{Encoding: DefaultEncoding, Geometry: events.Geometry{Width: 34, Height: 34}, HasSeq: true, Recording: "r"}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			sent := 0
			for b.Loop() {
				header.Seq = uint64(sent)
				if err := header.Set(m.Header); err != nil {
					b.Fatal(err)
				}
				if err := pub.PublishMsg(m); err != nil {
					b.Fatal(err)
				}
				// Two windows are under way.
				if sent++; sent%window == 0 && sent > window {
					<-windows
				}
			}
			if err := pub.Flush(); err != nil {
				b.Fatal(err)
			}
			for sub.Stats().InMsgs < uint64(sent) {
				if err := sub.Flush(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(sent)*float64(size/8)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkParseEventsHeader(b *testing.B) {
	h := nats.Header{}
	require.NoError(b, EventsHeader{
		Encoding: "mono", Geometry: events.Geometry{Width: 34, Height: 34}, Session: "s", Seq: 12345, HasSeq: true,
		Recording: "Train/7/00001.bin", Truth: "7",
	}.Set(h))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseEventsHeader(h); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendFeatures(b *testing.B) {
	in, winners := make([]events.Event, events.DefaultPacketEvents), make([]int16, events.DefaultPacketEvents)
	for i := range winners {
		winners[i] = int16(i%17) - 1
	}
	dst := make([]byte, 0, len(in)*FeatureBytes)
	b.ReportAllocs()
	for b.Loop() {
		dst, _ = AppendFeatures(dst[:0], in, winners, false)
	}
	b.ReportMetric(float64(len(in))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkAppendFeatureEvents(b *testing.B) {
	in := make([]events.Event, events.DefaultPacketEvents)
	data, _ := AppendFeatures(nil, in, make([]int16, len(in)), false)
	dst := make([]FeatureEvent, 0, len(in))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = AppendFeatureEvents(dst[:0], data); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(in))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
