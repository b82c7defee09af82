package service_test

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/hw"
)

// BenchmarkMono is packets of 4,096 events of a sensor of 34x34 pixels, none of them
// at the border, through the bare layer (16 neurons a polarity, 11x11, learning),
// through a pipeline, and from a client's Publish through the embedded server and a
// service to the acknowledgement.
func BenchmarkMono(b *testing.B) {
	target, err := hw.Find(hw.Auto)
	require.NoError(b, err)
	c := feast.Default()
	o := pipeline.Options{
		Target: target, Feast: c, Pool: pool.Config{Spread: pool.SpreadBilinear},
		Learning: true, PacketEvents: events.DefaultPacketEvents,
	}
	in := moving(1, events.DefaultPacketEvents)
	for i := range in { // where every event has its patch
		in[i].X, in[i].Y = 5+uint16(int(in[i].X)*2%24), 5+uint16((int(in[i].Y)*7+i)%24)
	}
	span := in[len(in)-1].T + 10
	e, err := events.EncodingByName(mono.Name)
	require.NoError(b, err)
	header := events.MessageHeader{Geometry: c.Geometry()}
	data, n, err := e.NewEncoder().Encode(header, nil, in)
	require.NoError(b, err)
	require.Len(b, in, n)
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("layer", func(b *testing.B) {
		layer, err := feast.New(c, target)
		require.NoError(b, err)
		winners := make([]int16, len(in))
		b.ReportAllocs()
		for b.Loop() {
			if err := layer.Process(in, winners); err != nil {
				b.Fatal(err)
			}
			for i := range in {
				in[i].T += span
			}
		}
		report(b)
	})
	b.Run("pipeline", func(b *testing.B) {
		p, err := pipeline.New(o)
		require.NoError(b, err)
		m := pipeline.Input{Encoding: mono.Name, Header: header, Payload: data}
		out := nothing{}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := p.Handle(&m, out); err != nil {
				b.Fatal(err)
			}
			m.Header.TimeBase += span * 1000
		}
		report(b)
	})
	b.Run("nats", func(b *testing.B) {
		so := serviceOptions(b)
		so.NewPipeline = func(string) (*pipeline.Pipeline, error) { return pipeline.New(o) }
		d := start(b, so, bus.ServerOptions{})
		// An acknowledgement makes room for another message.
		const window = 8
		room := make(chan struct{}, window)
		for range window {
			room <- struct{}{}
		}
		inbox := d.nc.NewInbox()
		_, err := d.nc.Subscribe(inbox, func(m *nats.Msg) {
			if o, err := bus.ParseAck(m); err != nil || o != bus.OutcomeProcessed {
				b.Errorf("%v, %v", o, err)
			}
			room <- struct{}{}
		})
		require.NoError(b, err)
		h := bus.EventsHeader{Encoding: mono.Name, Geometry: header.Geometry, Session: "s", HasSeq: true}
		m := &nats.Msg{Subject: "test.a.events", Reply: inbox, Header: nats.Header{}, Data: data}
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if err := h.Set(m.Header); err != nil {
				b.Fatal(err)
			}
			<-room
			if err := d.nc.PublishMsg(m); err != nil {
				b.Fatal(err)
			}
			h.Seq++
			h.TimeBase += span * 1000
		}
		for range window {
			<-room
		}
		report(b)
	})
}

type nothing struct{}

func (nothing) Features([]events.Event, []int16, bool) error { return nil }
func (nothing) Label(pipeline.Label) error                   { return nil }
func (nothing) Reject(r pipeline.Reject) error               { return r.Err }
