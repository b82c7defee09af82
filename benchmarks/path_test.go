package benchmarks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

// stream is simulated saccades over digits, one after the other, as one endless
// stream in packets.
type stream struct {
	packets [][]events.Event
	events  int
	span    int64 // microseconds from a packet to itself a round later
}

func newStream(b *testing.B) *stream {
	source, err := digits.NewFonts(digits.DefaultStyle())
	require.NoError(b, err)
	set, err := saccades.NewDataSet(source, saccades.DefaultConfig(), 20, 1)
	require.NoError(b, err)
	var all []events.Event
	var offset int64
	for r, err := range set.All(context.Background(), 1) {
		require.NoError(b, err)
		for _, e := range r.Events {
			e.T += offset
			all = append(all, e)
		}
		offset = all[len(all)-1].T + 1
	}
	s := &stream{events: len(all), span: offset}
	for len(all) > 0 {
		n := min(len(all), events.DefaultPacketEvents)
		s.packets = append(s.packets, all[:n:n])
		all = all[n:]
	}
	return s
}

// next moves all times to the next round.
func (s *stream) next() {
	for _, p := range s.packets {
		for i := range p {
			p[i].T += s.span
		}
	}
}

func (s *stream) report(b *testing.B) {
	b.ReportMetric(float64(b.N)*float64(s.events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkPath is the same events through the bare layer, through a pipeline
// (decoding and pooling beside it), and through a daemon over its embedded NATS
// server, learning on, 16 neurons a polarity, 11x11.
func BenchmarkPath(b *testing.B) {
	target, err := hw.Find(hw.Auto)
	require.NoError(b, err)
	c := feast.Default()
	b.Run("layer", func(b *testing.B) {
		s := newStream(b)
		layer, err := feast.New(c, target)
		require.NoError(b, err)
		winners := make([]int16, events.DefaultPacketEvents)
		b.ReportAllocs()
		for b.Loop() {
			for _, p := range s.packets {
				require.NoError(b, layer.Process(p, winners[:len(p)]))
			}
			s.next()
		}
		s.report(b)
	})
	b.Run("pipeline", func(b *testing.B) {
		s := newStream(b)
		p, err := pipeline.New(pipeline.Options{
			Target: target, Feast: c, Pool: pool.Config{Spread: pool.SpreadBilinear},
			Learning: true, PacketEvents: events.DefaultPacketEvents,
		})
		require.NoError(b, err)
		m := newMessages(b, s, c.Geometry())
		b.ReportAllocs()
		for b.Loop() {
			for i := range s.packets {
				h, data := m.encode(b, s.packets[i])
				_, err := p.Handle(&pipeline.Input{Encoding: h.Encoding, Header: h.Message(), Payload: data}, discard{})
				require.NoError(b, err)
			}
			s.next()
		}
		s.report(b)
	})
	b.Run("nats", func(b *testing.B) {
		s := newStream(b)
		camera := newCamera(b, startDaemon(b), "benchmark", s)
		for b.Loop() {
			camera.publish(b)
		}
		camera.wait()
		s.report(b)
	})
}

// messages encodes packets into one buffer.
type messages struct {
	encoder  events.Encoder
	geometry events.Geometry
	data     []byte
}

func newMessages(b *testing.B, s *stream, g events.Geometry) *messages {
	e, err := events.EncodingByName("mono")
	require.NoError(b, err)
	return &messages{encoder: e.NewEncoder(), geometry: g, data: make([]byte, 0, 8*len(s.packets[0]))}
}

func (m *messages) encode(b *testing.B, in []events.Event) (bus.EventsHeader, []byte) {
	h := bus.EventsHeader{Encoding: "mono", Geometry: m.geometry, TimeBase: m.encoder.TimeBase(in[0].T)}
	data, n, err := m.encoder.Encode(h.Message(), m.data[:0], in)
	require.NoError(b, err)
	require.Len(b, in, n)
	return h, data
}

type discard struct{}

func (discard) Features([]events.Event, []int16, bool) error { return nil }
func (discard) Label(pipeline.Label) error                   { return nil }
func (discard) Reject(r pipeline.Reject) error               { return r.Err }
