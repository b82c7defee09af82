package service_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
)

// layersOptions are those of a service whose sensors have two layers.
func layersOptions(t testing.TB) (service func() *daemon, alone *pipeline.Pipeline) {
	t.Helper()
	po := pipelineOptions(t)
	po.Feast, po.Model, po.Geometry = po.Model.Feast, nil, geometry
	second := po.Feast
	second.Neurons, second.Radius, second.Border = 4, 1, feast.BorderZero
	po.Upper = []stack.Config{{Feast: second, Pool: 2}}
	alone, err := pipeline.New(po)
	require.NoError(t, err)
	o := serviceOptions(t)
	o.Store, o.StatusEvery = &memory{}, time.Hour // a status at the end
	o.NewPipeline = func(string) (*pipeline.Pipeline, error) { return pipeline.New(po) }
	var d *daemon
	return func() *daemon {
		if d == nil {
			d = start(t, o, bus.ServerOptions{})
		} else {
			d.run(o)
		}
		return d
	}, alone
}

// A status tells of every layer what that layer counted, and its missed rate is of the
// events that its own features competed for; what a stored state had counted is in no rate.
func TestStatusOfLayers(t *testing.T) {
	run, alone := layersOptions(t)
	d := run()
	status := d.listen("test.a.status")
	in := stream(t, "a", 1, 12)
	var before [2]feast.Counters
	for half := range 2 {
		for _, m := range in[6*half:][:6] {
			require.Equal(t, bus.OutcomeProcessed, d.request(m))
		}
		expect(t, alone, "a", in[6*half:][:6])
		seen, err := d.service.Sensor("a")
		require.NoError(t, err)
		require.NoError(t, d.stop())
		s, err := bus.Decode[bus.Status](next(t, status).Data)
		require.NoError(t, err)
		require.Len(t, s.Layers, 2)
		require.Equal(t, seen.Status.Layers[1].Missed, s.Layers[1].Missed, "seen as it is told")
		require.Len(t, seen.LayersBefore, 2)
		for i, l := range s.Layers {
			c := alone.Stack().Layer(i).Counters()
			require.Equal(t, []int64{int64(c.Events()), int64(c.Hits), int64(c.Missed), int64(c.Border)}, []int64{l.Events, l.Features, l.Missed, l.Border}, "layer %d", i+1)
			require.Positive(t, l.Features)
			require.Equal(t, before[i].Hits, seen.LayersBefore[i].Hits)
			require.InDelta(t, c.Since(before[i]).MissedRate(), l.MissedRate, 1e-12, "of what came since the daemon has begun")
			config := alone.Stack().Layer(i).Config()
			require.Equal(t, []int{config.Width, config.Height, config.Features()}, []int{l.Width, l.Height, l.Neurons})
			require.Less(t, l.ThresholdMin, l.ThresholdMax)
			before[i] = c
		}
		require.Equal(t, s.Layers[0].Features, s.Layers[1].Events, "the second is given what won in the first")
		require.Equal(t, s.Features, s.Layers[1].Features, "and the sensor's are the last layer's")
		require.Equal(t, s.Missed, s.Layers[0].Missed+s.Layers[1].Missed)
		require.Equal(t, s.MissedRate, s.Layers[0].MissedRate)
		if half == 0 {
			run()
		}
	}
}
