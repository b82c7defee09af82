package stack_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/hw/hwtest"
	"github.com/saccade-dev/saccade/sim/fpga/target/targettest"
)

// The first layer of a stack gets a target's device, and those behind it the processor beside it: the results are
// those of the processor alone, before the device dies and behind that.
func TestDevice(t *testing.T) {
	purego, err := hw.Find("purego")
	require.NoError(t, err)
	first := feast.Default()
	first.Width, first.Height, first.Neurons, first.Radius, first.Eta = 12, 10, 4, 1, 0.02
	second := first
	second.Neurons, second.Radius = 3, 1
	layers := []stack.Config{{Feast: first, Pool: 1}, {Feast: second, Pool: 2}}
	target := &targettest.Target{Target: purego, Options: fpga.Options{CheckEvery: 1}}
	s, err := stack.New(layers, target)
	require.NoError(t, err)
	want, err := stack.New(layers, purego)
	require.NoError(t, err)
	for _, stream := range hwtest.Streams(first.Geometry(), 900, 4) {
		a, b := make([]int16, len(stream.Events)), make([]int16, len(stream.Events))
		require.NoError(t, s.Process(stream.Events, a))
		require.NoError(t, want.Process(stream.Events, b))
		require.Equal(t, b, a, stream.Name)
		if stream.Name == "gaps" {
			name, failure := s.Layer(0).Device()
			require.Equal(t, "faulty", name)
			require.NoError(t, failure)
			target.Links[0].Break(targettest.Dies)
		}
	}
	name, failure := s.Layer(0).Device()
	require.Equal(t, "purego", name)
	require.ErrorIs(t, failure, targettest.ErrDead)
	name, failure = s.Layer(1).Device()
	require.Equal(t, "purego", name)
	require.NoError(t, failure)
	require.Len(t, target.Links, 1)
	require.Equal(t, want.Counters(), s.Counters())
	got, err := s.MarshalBinary()
	require.NoError(t, err)
	right, err := want.MarshalBinary()
	require.NoError(t, err)
	require.True(t, bytes.Equal(right, got), "the states differ")
	require.NoError(t, s.Close())

	stops, err := stack.New(layers, target)
	require.NoError(t, err)
	stops.SetOnFailure(feast.Stop)
	in := hwtest.Streams(first.Geometry(), 100, 4)[0].Events
	require.NoError(t, stops.Process(in, make([]int16, len(in))))
	target.Links[1].Break(targettest.Silent)
	require.ErrorIs(t, stops.Process(in, make([]int16, len(in))), fpga.ErrTimeout)
	require.NoError(t, stops.Close())
}

// What the device cannot hold is said of the layer that it is.
func TestDeviceTooSmall(t *testing.T) {
	fpgaSim, err := hw.Find("fpga-sim")
	require.NoError(t, err)
	first := feast.Default()
	first.Radius = 16
	_, err = stack.New([]stack.Config{{Feast: first, Pool: 1}}, fpgaSim)
	require.ErrorContains(t, err, "stack: layer 1: feast: device fpga-sim: fpga-sim: fpga: radius: the device has at most 15, the layer asks for 16")
}
