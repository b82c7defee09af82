package soak

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/hw"
)

// offline is a pipeline without a daemon, and what comes of it.
type offline struct {
	t        testing.TB
	pipe     *pipeline.Pipeline
	missed   bool
	features [][]byte
	rejects  []bus.Reason
	headers  int // messages whose header could not be read
}

func newOffline(t testing.TB, c *config.Pipeline) *offline {
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	p, err := pipeline.New(pipeline.Options{
		Target: target, Filters: pipeline.Filters{Refractory: c.Filters.Refractory, Background: c.Filters.Background}, Feast: c.First(), Upper: c.Upper(),
		Pool: pool.Config{
			CellWidth: c.Pool.Cell, CellHeight: c.Pool.Cell, Spread: pool.Spread(c.Pool.Spread),
			Transform: pool.Transform(c.Pool.Transform), Norm: pool.Norm(c.Pool.Norm),
		},
		Learning: true, PacketEvents: events.DefaultPacketEvents,
	})
	require.NoError(t, err)
	return &offline{t: t, pipe: p, missed: c.Outputs.Missed}
}

func (o *offline) Features(in []events.Event, winners []int16, _ bool) error {
	data, _ := bus.AppendFeatures(nil, in, winners, o.missed)
	o.features = append(o.features, data)
	return nil
}

func (*offline) Label(pipeline.Label) error { return nil }

func (o *offline) Reject(pipeline.Reject) error {
	o.rejects = append(o.rejects, bus.ReasonPayload) // nothing else is wrong with what cameras send
	return nil
}

func (o *offline) take(m jetstream.Msg) {
	h, err := bus.ParseEventsHeader(m.Headers())
	if err != nil {
		o.headers++
		o.rejects = append(o.rejects, bus.ReasonHeader)
		return
	}
	_, err = o.pipe.Handle(&pipeline.Input{
		Encoding: h.Encoding, Header: h.Message(), Payload: m.Data(), Session: h.Session, Seq: h.Seq, HasSeq: h.HasSeq,
		Recording: h.Recording, Truth: h.Truth, End: h.End,
	}, o)
	require.NoError(o.t, err)
}

// each reads what a stream holds on a subject, in its order.
func each(t testing.TB, js jetstream.JetStream, stream, subject string, f func(jetstream.Msg)) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := js.Stream(ctx, stream)
	require.NoError(t, err)
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(subject))
	require.NoError(t, err)
	left := info.State.Subjects[subject]
	if left == 0 {
		return 0
	}
	c, err := js.OrderedConsumer(ctx, stream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{subject}})
	require.NoError(t, err)
	messages, err := c.Messages()
	require.NoError(t, err)
	defer messages.Stop()
	for ; left > 0; left-- {
		m, err := messages.Next(jetstream.NextContext(ctx))
		require.NoError(t, err)
		f(m)
		n++
	}
	return n
}

// compare compares what a camera's sensor has made with an offline pipeline over the same messages, and gives that.
func compare(t testing.TB, js jetstream.JetStream, c *config.Pipeline, name string) *offline {
	t.Helper()
	o := newOffline(t, c)
	each(t, js, "soak-events", "soak."+name+".events", o.take)
	i := 0
	each(t, js, "soak-results", "soak."+name+".features", func(m jetstream.Msg) {
		require.Less(t, i, len(o.features), "%s: more features than the offline pipeline's", name)
		require.True(t, bytes.Equal(o.features[i], m.Data()), "%s: features message %d of %d differs from the offline pipeline's", name, i, len(o.features))
		i++
	})
	require.Len(t, o.features, i, name)
	var reasons []bus.Reason
	each(t, js, "soak-results", "soak."+name+".rejects", func(m jetstream.Msg) {
		r, err := bus.Decode[bus.Reject](m.Data())
		require.NoError(t, err)
		reasons = append(reasons, r.Reason)
	})
	require.True(t, slices.Equal(o.rejects, reasons), "%s: rejects: expected %v, found %v", name, o.rejects, reasons)
	return o
}

// every gives what comes at each tick until ctx ends.
func every(ctx context.Context, d time.Duration, f func() bool) bool {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
