package service_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
)

// otherPipeline starts from random features of another layer.
func otherPipeline(t testing.TB, g events.Geometry) pipeline.Options {
	t.Helper()
	o := pipelineOptions(t)
	o.Feast = o.Model.Feast
	o.Feast.Neurons, o.Model, o.Geometry = 3, nil, g
	return o
}

func making(t testing.TB, name string, o pipeline.Options, out service.Outputs) func(events.Geometry) (service.Made, error) {
	t.Helper()
	return func(events.Geometry) (service.Made, error) {
		p, err := pipeline.New(o)
		return service.Made{Name: name, Pipeline: p, Outputs: out}, err
	}
}

var allOutputs = service.Outputs{Features: true, Labels: true}

// A pipeline that starts from the same goes on with the same bits, in the middle of a recording;
// what is published of it follows at once.
func TestReplaceByTheSame(t *testing.T) {
	d := start(t, serviceOptions(t), bus.ServerOptions{})
	in := stream(t, "a", 1, 30)
	features, labels := d.listen("test.a.features"), d.listen("test.a.labels")
	_, err := d.service.Replace(testContext(t), "a", making(t, "x", pipelineOptions(t), allOutputs))
	require.ErrorIs(t, err, service.ErrNoSensor)
	for i, m := range in {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
		if i%4 == 1 {
			done, err := d.service.Replace(testContext(t), "a", making(t, "x", pipelineOptions(t), allOutputs))
			require.NoError(t, err)
			require.True(t, done.Learned)
			require.Empty(t, done.Aside)
			require.Equal(t, uint64(i), *done.Seq)
		}
	}
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	requireResults(t, expect(t, p, "a", in), received(features), received(labels))
	s, err := d.service.Sensor("a")
	require.NoError(t, err)
	require.Equal(t, "x", s.Pipeline)
	require.Equal(t, p.Counters().Events, uint64(s.Status.Events))
	require.Zero(t, s.Before.Events)
	require.Zero(t, s.LayersBefore[0].Events(), "the layer counts on from where it was")

	_, err = d.service.Replace(testContext(t), "a", making(t, "quiet", pipelineOptions(t), service.Outputs{Labels: true}))
	require.NoError(t, err)
	more := stream(t, "a", 1, 36)[30:]
	for _, m := range more {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
	}
	require.Empty(t, received(features))
	require.NotEmpty(t, received(labels))
}

// Another pipeline takes over the place in the stream, and nothing of what was learned, which is
// kept aside: nothing is processed twice, and gaps are counted.
func TestReplaceByAnother(t *testing.T) {
	store := &memory{}
	o := serviceOptions(t)
	o.Store = store
	d := start(t, o, bus.ServerOptions{})
	in := stream(t, "a", 1, 30)
	for _, m := range in[:10] {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
	}
	before, err := d.service.Sensor("a")
	require.NoError(t, err)
	other := otherPipeline(t, geometry)
	done, err := d.service.Replace(testContext(t), "a", making(t, "other", other, allOutputs))
	require.NoError(t, err)
	require.False(t, done.Learned)
	require.Equal(t, "a.unused", done.Aside)
	require.Equal(t, "other", done.Now)
	require.Equal(t, uint64(before.Status.Events), done.Events)
	kept, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	require.NoError(t, kept.UnmarshalBinary(store.all()["a.unused"]))
	require.Equal(t, done.Events, kept.Counters().Events)

	for _, m := range in[:10] {
		require.Equal(t, bus.OutcomeDuplicate, d.request(m), "the place in the stream is taken over")
	}
	features := d.listen("test.a.features")
	for _, m := range in[12:] {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
	}
	after, err := d.service.Sensor("a")
	require.NoError(t, err)
	require.EqualValues(t, 2, after.Status.Gaps)
	require.EqualValues(t, 10, after.Status.Duplicates)
	require.Equal(t, 2*3, after.Status.Layers[0].Neurons)
	var events uint64
	for _, i := range append(in[:10:10], in[12:]...) {
		p, err := pipeline.New(pipelineOptions(t))
		require.NoError(t, err)
		expect(t, p, "a", append(in[:0:0], i))
		events += p.Counters().Events
	}
	require.Equal(t, events, uint64(after.Status.Events), "every event once")
	require.GreaterOrEqual(t, len(received(features)), 18)

	// Its state goes on in the next daemon, too.
	require.NoError(t, d.stop())
	restored, err := pipeline.New(other)
	require.NoError(t, err)
	require.NoError(t, restored.UnmarshalBinary(store.all()["a"]))
	require.Equal(t, events, restored.Counters().Events)
}

// What cannot be, or does not fit, changes nothing.
func TestReplaceRefuses(t *testing.T) {
	d := start(t, serviceOptions(t), bus.ServerOptions{})
	in := stream(t, "a", 1, 20)
	features, labels := d.listen("test.a.features"), d.listen("test.a.labels")
	broken := errors.New("cannot be made")
	for i, m := range in {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
		if i == 7 {
			_, err := d.service.Replace(testContext(t), "a", func(g events.Geometry) (service.Made, error) {
				require.Equal(t, geometry, g)
				return service.Made{}, broken
			})
			require.ErrorIs(t, err, broken)
			_, err = d.service.Replace(testContext(t), "a", making(t, "x", otherPipeline(t, events.Geometry{Width: 40, Height: 30}), allOutputs))
			require.ErrorIs(t, err, service.ErrUnfit)
			require.ErrorContains(t, err, "40x30")
			_, err = d.service.Replace(testContext(t), "a", making(t, "x", otherPipeline(t, events.Geometry{}), allOutputs))
			require.ErrorIs(t, err, service.ErrUnfit)
		}
	}
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	requireResults(t, expect(t, p, "a", in), received(features), received(labels))
}

// A sensor whose pipeline could not be made gets one when it can be.
func TestReplaceMends(t *testing.T) {
	o := serviceOptions(t)
	ill := errors.New("no such model")
	o.Make = func(string) (service.Made, error) {
		if ill != nil {
			return service.Made{}, ill
		}
		p, err := pipeline.New(pipelineOptions(t))
		return service.Made{Name: "well", Pipeline: p, Outputs: allOutputs}, err
	}
	d := start(t, o, bus.ServerOptions{})
	in := stream(t, "a", 1, 3)
	require.Equal(t, bus.OutcomeRejected, d.request(in[0]))
	require.ErrorIs(t, d.service.Do(testContext(t), "a", func(*pipeline.Pipeline) error { return nil }), service.ErrBroken)
	_, err := d.service.Replace(testContext(t), "a", nil)
	require.ErrorIs(t, err, ill)
	ill = nil // the sensor's goroutine waits for what is asked of it
	_, err = d.service.Replace(testContext(t), "a", nil)
	require.NoError(t, err)
	require.Equal(t, bus.OutcomeProcessed, d.request(in[0]))
}

// Learning rates change from one message to the next, and nothing else does: the sensor goes on
// as if its layer had been made with them, and its state remembers them.
func TestAnneal(t *testing.T) {
	store := &memory{}
	o := serviceOptions(t)
	o.Store = store
	d := start(t, o, bus.ServerOptions{})
	in := stream(t, "a", 3, 40)
	for _, m := range in[:20] {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
	}
	var before, after []byte
	layer := func(to *[]byte) {
		require.NoError(t, d.service.Do(testContext(t), "a", func(p *pipeline.Pipeline) (err error) {
			w := p.Layer().Weights()
			*to = nil
			for _, v := range append(w.Master, w.Thresholds...) {
				*to = append(*to, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
			}
			return nil
		}))
	}
	layer(&before)
	halve := func(_ int, c *feast.Config) error {
		c.Eta, c.DeltaI, c.DeltaE = c.Eta/2, c.DeltaI/2, c.DeltaE/2
		c.Anneal = feast.Anneal{Every: 500, Factor: 0.5}
		return nil
	}
	done, err := d.service.Anneal(testContext(t), "a", halve)
	require.NoError(t, err)
	require.InDelta(t, 0.05, done.Before[0].Eta, 1e-12)
	require.InDelta(t, 0.025, done.Now[0].Eta, 1e-12)
	require.Equal(t, uint64(19), *done.Seq)
	layer(&after)
	require.Equal(t, before, after)
	s, err := d.service.Sensor("a")
	require.NoError(t, err)
	require.Zero(t, s.LayersBefore[0].Events())

	// Rates that cannot be, and anything else, are refused.
	_, err = d.service.Anneal(testContext(t), "a", func(_ int, c *feast.Config) error { c.Eta = 7; return nil })
	require.ErrorIs(t, err, pipeline.ErrRates)
	_, err = d.service.Anneal(testContext(t), "a", func(_ int, c *feast.Config) error { c.Neurons = 7; return nil })
	require.ErrorContains(t, err, "learning rates alone")

	features := d.listen("test.a.features")
	for _, m := range in[20:] {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
	}
	found := received(features)
	layer(&after)

	// Beside it, a pipeline that never changes: it learns otherwise from there on.
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	expect(t, p, "a", in)
	w := p.Layer().Weights()
	var unchanged []byte
	for _, v := range append(w.Master, w.Thresholds...) {
		unchanged = append(unchanged, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	require.NotEqual(t, unchanged, after)
	require.GreaterOrEqual(t, len(found), 20)
	require.Equal(t, p.Counters().Events, func() uint64 {
		s, err := d.service.Sensor("a")
		require.NoError(t, err)
		return uint64(s.Status.Events)
	}())

	// The next daemon goes on with these rates.
	require.NoError(t, d.stop())
	restored, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	require.NoError(t, restored.UnmarshalBinary(store.all()["a"]))
	require.InDelta(t, 0.025, restored.Layer().Config().Eta, 1e-12)
	require.Equal(t, feast.Anneal{Every: 500, Factor: 0.5}, restored.Layer().Config().Anneal)
}

// A change of the rates that changes nothing of what is learned leaves every bit as it was,
// however often it is made: of one layer, and of several.
func TestAnnealChangesNothingElse(t *testing.T) {
	one := start(t, serviceOptions(t), bus.ServerOptions{})
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	run, two := layersOptions(t)
	for name, test := range map[string]struct {
		d     *daemon
		alone *pipeline.Pipeline
	}{"one layer": {one, p}, "two layers": {run(), two}} {
		t.Run(name, func(t *testing.T) {
			d, in := test.d, stream(t, "a", 1, 30)
			features, labels := d.listen("test.a.features"), d.listen("test.a.labels")
			for i, m := range in {
				require.Equal(t, bus.OutcomeProcessed, d.request(m))
				_, err := d.service.Anneal(testContext(t), "a", func(_ int, c *feast.Config) error {
					if c.Anneal = (feast.Anneal{}); i%2 == 0 { // so late that it never comes
						c.Anneal = feast.Anneal{Every: 1 << 40, Factor: 0.5}
					}
					return nil
				})
				require.NoError(t, err)
			}
			requireResults(t, expect(t, test.alone, "a", in), received(features), received(labels))
		})
	}
}

// A drained sensor has processed and stored all it accepted, and is there again with its next
// message as if nothing had been, while messages pour in all the time.
func TestDrainOne(t *testing.T) {
	store := &memory{}
	o := serviceOptions(t)
	o.Store = store
	o.PendingMessages = 200
	d := start(t, o, bus.ServerOptions{})
	in := stream(t, "a", 1, 120)
	features, labels, answers := d.listen("test.a.features"), d.listen("test.a.labels"), d.listen("_answers.*")
	_, err := d.service.Drain(testContext(t), "a")
	require.ErrorIs(t, err, service.ErrNoSensor)
	d.publish("_answers", in[:40]...)
	_, err = d.service.Sensor("a")
	for err != nil {
		require.NoError(t, testContext(t).Err())
		_, err = d.service.Sensor("a")
	}
	drains := make(chan error, 1)
	stop, cancel := context.WithCancel(testContext(t))
	go func() {
		for stop.Err() == nil {
			if _, err := d.service.Drain(testContext(t), "a"); err != nil && !errors.Is(err, service.ErrNoSensor) {
				drains <- err
				return
			}
		}
		drains <- nil
	}()
	d.publish("_more", in[40:]...)
	for range 40 {
		a, err := bus.ParseAck(next(t, answers))
		require.NoError(t, err)
		require.Equal(t, bus.OutcomeProcessed, a)
	}
	require.Equal(t, bus.OutcomeDuplicate, d.request(in[119]), "behind all")
	cancel()
	require.NoError(t, <-drains)
	p, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	requireResults(t, expect(t, p, "a", in), received(features), received(labels))

	if _, err := d.service.Drain(testContext(t), "a"); err != nil {
		require.ErrorIs(t, err, service.ErrNoSensor)
	}
	s, err := d.service.Sensor("a")
	require.NoError(t, err)
	require.True(t, s.Away)
	require.Equal(t, p.Counters().Events, uint64(s.Status.Events))
	stored, err := pipeline.New(pipelineOptions(t))
	require.NoError(t, err)
	require.NoError(t, stored.UnmarshalBinary(store.all()["a"]))
	require.Equal(t, p.Layer().Weights(), stored.Layer().Weights())
	require.Equal(t, bus.OutcomeDuplicate, d.request(in[119]), "it is here again")
	s, err = d.service.Sensor("a")
	require.NoError(t, err)
	require.False(t, s.Away)
}

// A state is stored when it is asked for, and only where states are stored.
func TestStoreNow(t *testing.T) {
	store := &memory{}
	o := serviceOptions(t)
	d := start(t, o, bus.ServerOptions{})
	in := stream(t, "a", 1, 5)
	require.Equal(t, bus.OutcomeProcessed, d.request(in[0]))
	_, err := d.service.StoreNow(testContext(t), "a")
	require.ErrorIs(t, err, service.ErrNoStore)
	require.NoError(t, d.stop())
	o.Store = store
	d.run(o)
	_, err = d.service.StoreNow(testContext(t), "a")
	require.ErrorIs(t, err, service.ErrNoSensor)
	require.Equal(t, bus.OutcomeProcessed, d.request(in[0]))
	done, err := d.service.StoreNow(testContext(t), "a")
	require.NoError(t, err)
	require.Len(t, store.all()["a"], int(done.Checkpoint.Bytes))
	require.Positive(t, done.Events)
}

// A model takes the place of what was learned if it fits, and is refused whole otherwise.
func TestLoadModel(t *testing.T) {
	d := start(t, serviceOptions(t), bus.ServerOptions{})
	in := stream(t, "a", 1, 20)
	for _, m := range in[:10] {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
	}
	m := newModel(t)
	m.Feast.Seed = 9
	m.Weights = feast.RandomWeights(m.Feast)
	no := errors.New("no")
	_, err := d.service.LoadModel(testContext(t), "a", m, nil, func(*model.Model) error { return no })
	require.ErrorIs(t, err, no)
	large := newModel(t)
	large.Feast.Width, large.Readout = 40, nil
	_, err = d.service.LoadModel(testContext(t), "a", large, nil, func(*model.Model) error { return nil })
	require.ErrorIs(t, err, service.ErrUnfit)
	off := false
	done, err := d.service.LoadModel(testContext(t), "a", m, &off, func(before *model.Model) error {
		require.NotEqual(t, m.Weights, before.Weights)
		return nil
	})
	require.NoError(t, err)
	require.False(t, done.Learning)
	require.Equal(t, uint64(9), *done.Seq)
	require.NotNil(t, done.Before)
	for _, m := range in[10:] {
		require.Equal(t, bus.OutcomeProcessed, d.request(m))
	}
	require.NoError(t, d.service.Do(testContext(t), "a", func(p *pipeline.Pipeline) error {
		require.Equal(t, m.Weights, p.Layer().Weights())
		return nil
	}))
}
