package service_test

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
)

// Learning that is frozen and thawed while the stream runs gives the bits of a
// pipeline to which the same is done between the same messages, and the state keeps it
// over a restart.
func TestSetLearning(t *testing.T) {
	const freeze, restart, thaw, messages = 7, 12, 17, 25
	o := serviceOptions(t)
	o.Store = &memory{}
	d := start(t, o, bus.ServerOptions{})
	features, labels := d.listen("test.a.features"), d.listen("test.a.labels")
	ctx := testContext(t)
	_, err := d.service.SetLearning(ctx, "a", false)
	require.ErrorIs(t, err, service.ErrNoSensor)

	in := stream(t, "a", 1, messages)
	want, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	var results expected
	var gotFeatures, gotLabels []*nats.Msg
	var before pipeline.Counters
	total := uint64(0)
	for i, m := range in {
		switch i {
		case freeze, thaw:
			on := i == thaw
			seq := uint64(i - 1)
			done := service.Switched{Learning: on, Changed: true, Events: total, Seq: &seq}
			got, err := d.service.SetLearning(ctx, "a", on)
			require.NoError(t, err)
			require.Equal(t, done, got)
			done.Changed = false
			got, err = d.service.SetLearning(ctx, "a", on)
			require.NoError(t, err)
			require.Equal(t, done, got)
			s, err := d.service.Sensor("a")
			require.NoError(t, err)
			require.Equal(t, on, s.Status.Learning, "seen at once")
			want.SetLearning(on)
		case restart:
			require.NoError(t, d.stop())
			require.NoError(t, d.nc.Flush())
			gotFeatures, gotLabels = append(gotFeatures, received(features)...), append(gotLabels, received(labels)...)
			before = want.Counters()
			d.run(o)
		}
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
		total += uint64(len(m.Data) / 8)
		e := expect(t, want, "a", []*nats.Msg{m})
		results.features, results.labels = append(results.features, e.features...), append(results.labels, e.labels...)
		s, err := d.service.Sensor("a")
		require.NoError(t, err)
		require.Equal(t, i < freeze || i >= thaw, s.Status.Learning, "message %d", i)
		require.Equal(t, before, s.Before)
		require.EqualValues(t, total, s.Status.Events)
		require.EqualValues(t, want.Layer().Counters().Events(), s.Status.Layers[0].Events)
	}
	gotFeatures, gotLabels = append(gotFeatures, received(features)...), append(gotLabels, received(labels)...)
	requireResults(t, &results, gotFeatures, gotLabels)
	require.NoError(t, d.service.Do(ctx, "a", func(p *pipeline.Pipeline) error {
		require.Equal(t, want.Layer().Weights(), p.Layer().Weights())
		return nil
	}))
}

// Where learning was switched while messages pour in, the events that are told are
// those of the messages up to the one that is told.
func TestSetLearningBetweenMessages(t *testing.T) {
	const messages = 200
	d := start(t, serviceOptions(t), bus.ServerOptions{})
	in := stream(t, "a", 1, messages)
	upTo := make([]uint64, messages+1) // events of the messages before
	for i, m := range in {
		upTo[i+1] = upTo[i] + uint64(len(m.Data)/8)
	}
	require.Equal(t, bus.OutcomeProcessed, d.request(in[0]))
	sent := make(chan error, 1)
	go func() {
		for _, m := range in[1:] {
			if err := d.nc.PublishMsg(m); err != nil {
				sent <- err
				return
			}
		}
		sent <- d.nc.Flush()
	}()
	last := uint64(0)
	for i := range 20 {
		got, err := d.service.SetLearning(testContext(t), "a", i%2 == 1)
		require.NoError(t, err)
		require.True(t, got.Changed)
		require.Equal(t, upTo[*got.Seq+1], got.Events)
		require.GreaterOrEqual(t, *got.Seq, last)
		last = *got.Seq
	}
	require.NoError(t, <-sent)
	require.Equal(t, bus.OutcomeDuplicate, d.request(in[messages-1]))
	got, err := d.service.SetLearning(testContext(t), "a", false)
	require.NoError(t, err)
	require.EqualValues(t, messages-1, *got.Seq)
	require.Equal(t, upTo[messages], got.Events)
}

// The status tells of a switch at once, and of none that changed nothing.
func TestSetLearningIsTold(t *testing.T) {
	o := serviceOptions(t)
	o.StatusEvery = time.Hour
	d := start(t, o, bus.ServerOptions{})
	statuses := d.listen("test.a.status")
	require.Equal(t, bus.OutcomeProcessed, d.request(packet(t, "a", bus.EventsHeader{}, moving(1, 10))))
	for range 2 {
		got, err := d.service.SetLearning(testContext(t), "a", false)
		require.NoError(t, err)
		require.Nil(t, got.Seq, "the message had no number")
	}
	s, err := bus.Decode[bus.Status](next(t, statuses).Data)
	require.NoError(t, err)
	require.False(t, s.Learning)
	require.NoError(t, d.nc.Flush())
	require.Empty(t, received(statuses))
}

// A sensor without a pipeline says so, and is seen.
func TestBrokenSensorIsSeen(t *testing.T) {
	o := serviceOptions(t)
	why := errors.New("no such device")
	o.NewPipeline = func(string) (*pipeline.Pipeline, error) { return nil, why }
	o.StatusEvery = time.Hour
	d := start(t, o, bus.ServerOptions{})
	for range 2 {
		require.Equal(t, bus.OutcomeRejected, d.request(packet(t, "a", bus.EventsHeader{}, moving(1, 10))))
	}
	_, err := d.service.SetLearning(testContext(t), "a", false)
	require.ErrorIs(t, err, service.ErrBroken)
	require.ErrorIs(t, err, why)
	all := d.service.Sensors()
	require.Len(t, all, 1)
	require.Equal(t, "a", all[0].Status.Sensor)
	require.Equal(t, why, all[0].Broken)
	require.False(t, all[0].Running)
	require.EqualValues(t, 2, all[0].Status.Rejects)
}

// A snapshot has the queue, refusals and rejects of the moment, though the sensor's
// goroutine is busy; looking does not wait for it.
func TestSnapshotOfTheMoment(t *testing.T) {
	o := serviceOptions(t)
	o.PendingMessages, o.MaxMessageBytes = 2, 400
	reached, let := blocked(t, &o)
	d := start(t, o, bus.ServerOptions{})
	in := moving(1, 10)
	answers := d.listen("_answers.*")
	d.publish("_answers", packet(t, "a", bus.EventsHeader{End: true}, in))
	wait(t, reached)
	for range 4 { // two fit, two do not
		d.publish("_answers", packet(t, "a", bus.EventsHeader{}, in))
	}
	d.publish("_answers", packet(t, "a", bus.EventsHeader{}, moving(1, 60)))
	for range 3 {
		next(t, answers)
	}
	s, err := d.service.Sensor("a")
	require.NoError(t, err)
	require.Equal(t, 2, s.Status.QueueDepth)
	require.EqualValues(t, 160, s.Status.QueueBytes)
	require.EqualValues(t, 2, s.Status.Refused)
	require.EqualValues(t, 1, s.Status.Rejects)
	require.Zero(t, s.Status.Events, "the message is not done yet")
	close(let)
	for range 3 {
		next(t, answers)
	}
	s, err = d.service.Sensor("a")
	require.NoError(t, err)
	require.EqualValues(t, 30, s.Status.Events)
	require.Zero(t, s.Status.QueueDepth)
	require.False(t, s.Handled.IsZero())
	_, err = d.service.Sensor("b")
	require.ErrorIs(t, err, service.ErrNoSensor)
}
