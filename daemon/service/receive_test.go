package service

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/mono"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// FuzzReceive gives messages of any subject, headers and payload to the callback
// of the subscription. Nothing panics, each is answered once, and every reject can
// be read.
func FuzzReceive(f *testing.F) {
	target, err := hw.Find("purego")
	require.NoError(f, err)
	c := feast.Default()
	c.Neurons, c.Radius = 2, 1
	subjects, err := bus.NewSubjects("test")
	require.NoError(f, err)
	server, err := bus.Start(f.Context(), bus.ServerOptions{})
	require.NoError(f, err)
	nc, err := bus.Connect(f.Context(), bus.ConnectOptions{Server: server})
	require.NoError(f, err)
	f.Cleanup(func() {
		nc.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(f, server.Shutdown(ctx))
	})
	results := make(chan *nats.Msg, 1<<10)
	_, err = nc.ChanSubscribe("test.>", results)
	require.NoError(f, err)
	answers := make(chan *nats.Msg, 1<<10)
	_, err = nc.ChanSubscribe("_answers", answers)
	require.NoError(f, err)

	f.Add("test.a.events", bus.HeaderSeq, "7", bus.HeaderSession, "s", []byte{1, 2, 3})
	f.Add("test.a.events", bus.HeaderEncoding, "nmnist", bus.HeaderTimeBase, "9223372036854775807", []byte("01234567890123456789"))
	f.Add("test.b.events", bus.HeaderWidth, "34", bus.HeaderEnd, "1", []byte{})
	f.Add("test..events", bus.HeaderOldest, "8", bus.HeaderSeq, "7", []byte{})
	f.Add("test.c.events", bus.HeaderRecording, "x\r\ny", bus.HeaderTruth, "\xff", make([]byte, 300))
	f.Add("elsewhere", "Status", "503", "", "", []byte{})
	f.Fuzz(func(t *testing.T, subject, key1, value1, key2, value2 string, data []byte) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s := New(nc, Options{
			Subjects: subjects,
			NewPipeline: func(string) (*pipeline.Pipeline, error) {
				return pipeline.New(pipeline.Options{
					Target: target, Feast: c, Geometry: events.Geometry{Width: 34, Height: 34}, Learning: true, PacketEvents: 16,
				})
			},
			Accepts:    func(name string) bool { return name != "c" },
			MaxSensors: 2, MaxMessageBytes: 256, PendingMessages: 8, PendingBytes: 1 << 10,
			Features: true, Labels: true, Log: slog.New(slog.DiscardHandler),
		})
		m := nats.Msg{Subject: subject, Reply: "_answers", Data: data, Header: nats.Header{key1: {value1}, key2: {value2}}}
		const times = 3
		for range times {
			again := m
			s.receive(ctx, &again)
		}
		// As a drain does.
		s.closed = true
		close(s.closing)
		s.running.Wait()
		require.NoError(t, nc.Flush())
		require.Len(t, answers, times, "every message is answered")
		for range times {
			outcome, err := bus.ParseAck(<-answers)
			require.NoError(t, err)
			require.NotEmpty(t, outcome)
		}
		for len(results) > 0 {
			m := <-results
			_, kind, err := subjects.Parse(m.Subject)
			switch {
			case m.Subject == subjects.Unnamed() || err == nil && kind == bus.KindRejects:
				r, err := bus.Decode[bus.Reject](m.Data)
				require.NoError(t, err)
				require.Equal(t, len(data), r.Bytes)
			case err == nil && kind == bus.KindFeatures:
				h, err := bus.ParseFeaturesHeader(m.Header)
				require.NoError(t, err)
				got, err := bus.AppendFeatureEvents(nil, m.Data)
				require.NoError(t, err)
				require.Len(t, got, h.Counts.Won())
			default:
				require.Fail(t, fmt.Sprintf("a message on %s: %v", m.Subject, err))
			}
		}
	})
}
