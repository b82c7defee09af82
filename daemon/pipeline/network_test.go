package pipeline_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/decide/decidetest"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
)

// withNetwork is a model with a calibrated network of random weights over frames.
func withNetwork(t testing.TB, m *model.Model, c frames.Config, seed uint64) *model.Model {
	t.Helper()
	decidetest.Behind(t, m, c, []string{"x", "y", "z"}, decidetest.Shape{Hidden: 7, Threshold: 1, Step: 0.03, Output: 0.0003, Seed: seed})
	schedule, err := readout.Calibrate([][][]float64{{{1, 0, 0}, {2, 0, 0}, {0, 2, 0}}, {{0, 1, 0}, {1, 0, 0}, {0, 3, 0}}}, []int{0, 1}, 3)
	require.NoError(t, err)
	m.Network.Interval, m.Network.Whole = schedule, schedule
	return m
}

// newStacked is a model of three layers without a readout.
func newStacked(t testing.TB) *model.Model {
	t.Helper()
	o := options(t, nil)
	s, err := stack.New(stack.Of(feastConfig(), upper()...), o.Target)
	require.NoError(t, err)
	m := new(model.Model)
	m.SetStack(s)
	return m
}

// networks are models with networks over frames of each kind.
func networks(t testing.TB) map[string]*model.Model {
	t.Helper()
	return map[string]*model.Model{
		"raw":     withNetwork(t, newModel(t, 1), frames.Config{Every: 500 * time.Microsecond, MaxEmpty: 3}, 1),
		"events":  withNetwork(t, newStacked(t), frames.Config{Events: 37, Mode: frames.Merged, Pool: 2}, 2),
		"last":    withNetwork(t, newStacked(t), frames.Config{Source: frames.Features, Every: 700 * time.Microsecond, Kind: frames.Surface, Tau: time.Millisecond}, 3),
		"lower":   withNetwork(t, newStacked(t), frames.Config{Source: frames.Features, Layer: 2, Events: 20, Pool: 3, Kernel: 4}, 4),
		"readout": withNetwork(t, newModelOf(t, 1, descriptors["all"], readout.Ridge), frames.Config{Source: frames.Features, Every: 900 * time.Microsecond}, 5),
	}
}

// However recordings and streams are cut, whoever goes on from whose state, and however
// many share the work, a network's labels are those of the events one by one.
func TestNetworkLabels(t *testing.T) {
	models := networks(t)
	names := slices.Sorted(maps.Keys(models))
	rapid.Check(t, func(rt *rapid.T) {
		o := options(t, models[rapid.SampledFrom(names).Draw(rt, "model")])
		o.PacketEvents = rapid.SampledFrom([]int{1, 3, 64, 1000}).Draw(rt, "packet")
		o.Learning = rapid.Bool().Draw(rt, "learning")
		drawLabels(rt, &o)
		if rapid.Bool().Draw(rt, "running frames") {
			o.LabelEvery, o.LabelEvents, o.LabelMode = 0, 0, pipeline.Running
		}
		want := newNetworkOracle(t, o)
		p, got := newPipeline(t, o), &record{t: t}
		seq := uint64(0)
		previous, open := "", false
		for r := range rapid.IntRange(1, 4).Draw(rt, "recordings") {
			name := rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, "name")
			in := moving(uint64(r), rapid.IntRange(0, 300).Draw(rt, "events"), int64(rapid.IntRange(0, 2_000).Draw(rt, "start")))
			for i := range in { // with silences
				in[i].T += int64(i/100) * 10_000
			}
			end := rapid.Bool().Draw(rt, "end")
			if !open || name != previous {
				if open {
					want.end()
				}
				want.begin(name, "t"+name)
			}
			want.events(in)
			if end {
				want.end()
			}
			previous, open = name, !end
			for _, m := range cut(rt, t, in, name, "t"+name, end) {
				m.Seq, m.HasSeq = seq, true
				seq++
				require.Equal(t, outcome(m), got.handle(p, m))
				if rapid.IntRange(0, 3).Draw(rt, "stop") == 0 {
					state := marshal(t, p)
					o.Workers = rapid.IntRange(0, 3).Draw(rt, "workers")
					p = newPipeline(t, o)
					require.NoError(t, p.UnmarshalBinary(state))
					require.Equal(t, state, marshal(t, p))
				}
			}
		}
		require.Equal(t, want.labels, withoutSeq(got.labels))
		require.EqualValues(t, len(want.labels), p.Counters().Labels)
		require.Equal(t, want.decider.Counters(), p.Network().Counters())
		requireSums(t, p)
	})
}

// A label names the last message that one of its events came with.
func TestNetworkLabelsNameTheirMessage(t *testing.T) {
	o := options(t, networks(t)["raw"]) // frames of 500 us
	p, out := newPipeline(t, o), &record{t: t}
	for seq, times := range [][]int64{{0, 100}, {400, 500, 900}, {1000}, {1600, 1700, 2100}} {
		var in []events.Event
		for _, at := range times {
			in = append(in, events.Event{T: at, X: 4, Y: 4})
		}
		m := message(t, mono.Name, in)
		m.Seq, m.HasSeq, m.End = uint64(seq), true, seq == 3
		out.handle(p, m)
	}
	var got []uint64
	for _, l := range out.labels {
		got = append(got, l.Seq)
	}
	// 0-499 ends within message 1, 500-999 before message 2, 1000-1499 before message 3,
	// in which 1500-1999 ends; 2000 is over when the recording is; then all of it.
	require.Equal(t, []uint64{1, 1, 2, 3, 3, 3}, got)
	require.Equal(t, pipeline.KindFinal, out.labels[5].Kind)
	require.EqualValues(t, 9, out.labels[5].Events)
}

// A model with a network may take another's place, and the other way round.
func TestNetworkComesAndGoes(t *testing.T) {
	o := options(t, newModel(t, 1))
	p, out := newPipeline(t, o), &record{t: t}
	require.Nil(t, p.Network())
	say := func() []string {
		t.Helper()
		out.labels = nil
		m := named(message(t, mono.Name, moving(1, 200, 0)), "r")
		m.End = true
		out.handle(p, m)
		var said []string
		for _, l := range out.labels {
			said = append(said, l.Label)
		}
		return said
	}
	require.Len(t, say(), 1)
	require.NoError(t, p.SetModel(networks(t)["raw"]))
	require.Subset(t, []string{"x", "y", "z"}, say())
	require.NotNil(t, p.Network())
	m, err := p.Model()
	require.NoError(t, err)
	require.Same(t, p.Network().Network(), m.Network)
	state := marshal(t, p)
	require.NoError(t, p.SetModel(newModel(t, 2)))
	require.Nil(t, p.Network())
	require.Len(t, say(), 1)
	q := newPipeline(t, o)
	require.NoError(t, q.UnmarshalBinary(state))
	require.NotNil(t, q.Network(), "it is in the state")
}

// A state of a network without what it remembers would go on with other bits.
func TestNetworkStateRefused(t *testing.T) {
	o := options(t, networks(t)["events"])
	p := middle(t, o)
	state := marshal(t, p)
	network, err := p.Network().MarshalBinary()
	require.NoError(t, err)
	state = withoutDecoder(state, 3)
	require.Equal(t, network, state[len(state)-len(network):])
	before := marshal(t, p)
	for says, bad := range map[string][]byte{
		"pipeline state: decider state: at byte 0: expected": func() []byte {
			b := append([]byte(nil), state[:len(state)-len(network)-8]...)
			b[8] = 2
			return b
		}(),
		"pipeline state: decider state: at byte 4: expected version 1, found 7": func() []byte {
			b := append([]byte(nil), state...)
			b[len(b)-len(network)+4] = 7
			return b
		}(),
	} {
		require.ErrorContains(t, p.UnmarshalBinary(resum(bad)), says)
		require.Equal(t, before, marshal(t, p))
	}
	without := middle(t, options(t, newModel(t, 1)))
	b := withoutDecoder(marshal(t, without), 3)
	b = append(b[:len(b)-8], 1, 0, 0, 0, 0, 0, 0, 0, 'x')
	require.ErrorContains(t, without.UnmarshalBinary(resum(b)), "expected no state of a network, as the model has none, found 1 bytes")
}
