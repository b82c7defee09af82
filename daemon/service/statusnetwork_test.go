package service_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
)

// withNetwork is the tests' model with a network of one layer over frames of raw events.
func withNetwork(t testing.TB) *model.Model {
	t.Helper()
	m := newModel(t)
	c, err := decide.Complete(frames.Config{Every: 5 * time.Millisecond, Pool: 4}, m.Layers())
	require.NoError(t, err)
	top, err := topology.Parse(fmt.Appendf(nil, `
input: {channels: %d, height: %d, width: %d, max: %d}
layers:
  - {name: flat, type: flatten}
  - {name: out, type: linear, out: 2}
`, c.Planes(), c.Rows(), c.Columns(), c.Levels), "test")
	require.NoError(t, err)
	weights := make([]int8, 2*c.Len())
	for i := range weights {
		weights[i] = int8(i*37%255 - 127)
	}
	net, err := delta.New(top, []delta.Params{{}, {Weights8: weights, Bias: make([]int32, 2)}}, delta.Scales{Input: 1, Output: []float64{0.01}})
	require.NoError(t, err)
	m.Network = &decide.Network{Frames: c, Net: net, Labels: []string{"left", "right"}}
	return m
}

// A daemon with a network gives its labels and tells what it does; after a restart it
// goes on, and what was counted before is known.
func TestNetworkInAService(t *testing.T) {
	po := pipelineOptions(t)
	po.Model = withNetwork(t)
	alone, err := pipeline.New(po)
	require.NoError(t, err)
	o := serviceOptions(t)
	o.Store, o.StatusEvery = &memory{}, time.Hour // a status at the end
	o.NewPipeline = func(string) (*pipeline.Pipeline, error) { return pipeline.New(po) }
	d := start(t, o, bus.ServerOptions{})
	status, labels, features := d.listen("test.a.status"), d.listen("test.a.labels"), d.listen("test.a.features")
	in := stream(t, "a", 1, 12)
	var before decide.Counters
	for half := range 2 {
		for _, m := range in[6*half:][:6] {
			require.Equal(t, bus.OutcomeProcessed, d.request(m))
		}
		requireResults(t, expect(t, alone, "a", in[6*half:][:6]), received(features), received(labels))
		seen, err := d.service.Sensor("a")
		require.NoError(t, err)
		require.NoError(t, d.stop())
		s, err := bus.Decode[bus.Status](next(t, status).Data)
		require.NoError(t, err)
		c := alone.Network().Counters()
		require.Equal(t, bus.NewNetworkStatus(c), s.Network)
		require.Positive(t, s.Network.Frames)
		require.Positive(t, s.Network.MACs)
		require.Less(t, s.Network.MACs, s.Network.DenseMACs)
		require.Positive(t, s.Network.StateBytes)
		require.Equal(t, before.Frames, seen.NetworkBefore.Frames)
		require.Equal(t, s.Network, seen.Status.Network)
		before = c
		if half == 0 {
			d.run(o)
		}
	}
	require.Positive(t, alone.Counters().Labels)
}
