package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
)

// upper are layers behind that of feastConfig.
func upper() []stack.Config {
	second, third := feastConfig(), feastConfig()
	second.Neurons, second.Radius, second.Border = 5, 1, feast.BorderZero
	third.Neurons, third.Radius, third.Border = 3, 1, feast.BorderZero
	return []stack.Config{{Feast: second, Pool: 2}, {Feast: third, Pool: 1}}
}

// A pipeline of several layers answers what the layers answer, and counts each event
// once.
func TestLayers(t *testing.T) {
	o := options(t, nil)
	o.Geometry, o.Upper = geometry, upper()
	p, out := newPipeline(t, o), &record{t: t}
	in := moving(3, 3000, 0)
	out.handle(p, message(t, mono.Name, in))
	first := feastConfig()
	first.Width, first.Height = geometry.Width, geometry.Height
	s, err := stack.New(append([]stack.Config{{Feast: first, Pool: 1}}, upper()...), o.Target)
	require.NoError(t, err)
	want := make([]int16, len(in))
	require.NoError(t, s.Process(in, want))
	require.Len(t, out.answers, len(want))
	for i, a := range out.answers {
		require.Equal(t, want[i], a.winner)
	}
	require.Equal(t, s.Weights(), p.Stack().Weights())

	c, of := p.Counters(), s.Counters()
	require.Equal(t, uint64(len(in)), c.Events)
	require.Equal(t, c.Events, c.Hits+c.Missed+c.Border+c.Outside+c.Noise+c.Ignored)
	require.Equal(t, []uint64{of.Hits, of.Missed, of.Border}, []uint64{c.Hits, c.Missed, c.Border})
	require.Equal(t, c.Hits, p.Stack().Layer(2).Counters().Hits)
	require.Positive(t, c.Hits)
	whole := p
	for i := range 3 {
		require.NotNil(t, p.MonitorOf(i))
	}
	m, err := p.Model()
	require.NoError(t, err)
	require.Len(t, m.Upper, 2)
	require.Equal(t, 3, m.Top().Features())

	// A sensor's geometry may come with its first message: whether patches fit on it is
	// told then.
	o.Geometry, o.Upper = events.Geometry{}, upper()
	o.Upper[0].Feast.Border = feast.BorderSkip
	p, out = newPipeline(t, o), &record{t: t}
	require.Equal(t, pipeline.Processed, out.handle(p, message(t, mono.Name, in)))
	o.Upper[0].Pool = 20
	p, out = newPipeline(t, o), &record{t: t}
	require.Equal(t, pipeline.Rejected, out.handle(p, message(t, mono.Name, in)))
	require.ErrorContains(t, out.rejects[0].Err, "layer 2: no patch of 3x3 fits on its")
	o.Geometry, o.Upper = geometry, upper()

	// A state of other layers is none of this pipeline's.
	state := marshal(t, whole)
	other := options(t, nil)
	other.Geometry = geometry
	require.ErrorContains(t, newPipeline(t, other).UnmarshalBinary(state), "the layers behind the first were configured otherwise")
	// What differs is named.
	o.Upper = upper()
	o.Upper[1].Feast.Neurons = 4
	require.ErrorContains(t, newPipeline(t, o).UnmarshalBinary(state), "layer 3: pool 1, found 1; neurons: expected 4, found 3")
	o.Upper, o.Feast.Tau = upper(), 2*o.Feast.Tau
	require.ErrorContains(t, newPipeline(t, o).UnmarshalBinary(state), "the layer was configured otherwise: tau: expected ")
	o.Feast.Tau /= 2
	o.Upper = upper()
	o.Upper[1].Feast.Neurons = 70_000
	_, err = pipeline.New(o)
	require.ErrorContains(t, err, "layer 3: neurons 70000")
}
