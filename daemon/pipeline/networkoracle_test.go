package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/feast"
)

// networkOracle gives the labels of recordings, event by event.
type networkOracle struct {
	t                testing.TB
	options          pipeline.Options
	layers           []*feast.Layer
	decider          *decide.Decider
	recording, truth string
	first, last, n   int64
	labels           []pipeline.Label
}

func newNetworkOracle(t testing.TB, o pipeline.Options) *networkOracle {
	out := &networkOracle{t: t, options: o}
	for i, c := range o.Model.Layers() {
		w := o.Model.Weights
		if i > 0 {
			w = o.Model.Upper[i-1].Weights
		}
		l, err := feast.NewWithWeights(c.Feast, o.Target, w)
		require.NoError(t, err)
		l.SetLearning(o.Learning)
		out.layers = append(out.layers, l)
	}
	var err error
	out.decider, err = decide.New(o.Model.Network, o.Target)
	require.NoError(t, err)
	return out
}

func (o *networkOracle) begin(name, truth string) {
	for _, l := range o.layers {
		l.Reset()
	}
	o.decider.Reset()
	o.recording, o.truth, o.n = name, truth, 0
}

func (o *networkOracle) events(in []events.Event) {
	for _, e := range in {
		if o.n == 0 {
			o.first = e.T
		}
		o.last = e.T
		o.n++
		winners := make([]int16, len(o.layers))
		lifted, reached := e, true
		for i, l := range o.layers {
			if i > 0 {
				pool := uint16(o.options.Model.Upper[i-1].Pool)
				lifted.X, lifted.Y, lifted.P = lifted.X/pool, lifted.Y/pool, events.Polarity(winners[i-1])
			}
			winners[i] = -1
			if reached {
				require.NoError(o.t, l.Process([]events.Event{lifted}, winners[i:i+1]))
			}
			reached = reached && winners[i] >= 0
		}
		of := winners[len(winners)-1]
		if c := o.options.Model.Network.Frames; c.Layer > 0 {
			of = winners[c.Layer-1]
		}
		require.NoError(o.t, o.decider.Add([]events.Event{e}, []int16{of}, o.frame))
	}
}

// frame gives a label where one is due, by what the options say of it.
func (o *networkOracle) frame(*decide.Step) error {
	recent := o.decider.Recent()
	every, many := o.options.LabelEvery.Microseconds(), o.options.LabelEvents
	took := recent.Last - recent.First
	over := every > 0 && (took >= every || took < 0) || many > 0 && int64(recent.Events) >= many
	if (every > 0 || many > 0) && !over {
		return nil
	}
	if recent.Events > 0 && o.options.LabelMode == pipeline.Running {
		all := o.decider.All()
		o.say(pipeline.KindRunning, all, all.First, all.Last, int64(all.Events))
	} else if recent.Events > 0 {
		o.say(pipeline.KindInterval, recent, recent.First, recent.Last, int64(recent.Events))
	}
	o.decider.Forget()
	return nil
}

func (o *networkOracle) end() {
	require.NoError(o.t, o.decider.End(o.frame))
	if all := o.decider.All(); all.Frames > 0 {
		o.say(pipeline.KindFinal, all, o.first, o.last, o.n)
	}
}

func (o *networkOracle) say(kind pipeline.LabelKind, d decide.Decision, first, last, n int64) {
	o.labels = append(o.labels, pipeline.Label{
		Kind: kind, Recording: o.recording, Truth: o.truth, Label: o.options.Model.Network.Labels[d.Class], Confidence: d.Confidence,
		First: first, Last: last, Events: n,
	})
}
