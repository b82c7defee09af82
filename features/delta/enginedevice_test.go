package delta_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// opener is a target whose device is sums in memory, added up as the interface says, output by output.
type opener struct {
	hw.Target
	opened *memory
	refuse error
}

// memory is its engine.
type memory struct {
	layers []hw.DeltaLayer
	sums   [][]int32
	fail   int // calls until one fails; 0: none does
	closed int
}

var errBroken = errors.New("the device is broken")

func (o *opener) OpenDelta(layers []hw.DeltaLayer) (hw.DeltaEngine, error) {
	if o.refuse != nil {
		return nil, o.refuse
	}
	o.opened = &memory{}
	for _, l := range layers {
		o.opened.layers = append(o.opened.layers, hw.DeltaLayer{DeltaShape: l.DeltaShape, Weights: append([]int16(nil), l.Weights...)})
		o.opened.sums = append(o.opened.sums, make([]int32, l.Sums()))
	}
	return o.opened, nil
}

func (m *memory) broken() error {
	if m.fail--; m.fail == 0 {
		return errBroken
	}
	return nil
}

func (m *memory) Load(layer int, sums []int32) error {
	copy(m.sums[layer], sums)
	return m.broken()
}

func (m *memory) Store(layer int, sums []int32) error {
	copy(sums, m.sums[layer])
	return m.broken()
}

func (m *memory) Add(layer int, changes []hw.Delta, sums []int32, touched func(from, to int)) error {
	l := &m.layers[layer]
	_, width := l.Out()
	for at, v := range m.sums[layer] {
		pixel, out := at/l.Outputs, at%l.Outputs
		y, x := pixel/width*l.Stride-l.Padding, pixel%width*l.Stride-l.Padding
		met := false
		for _, d := range changes {
			channel, from := int(d.Index)%l.Channels, int(d.Index)/l.Channels
			ky, kx, side := 0, 0, 1
			if l.Kind == hw.DeltaConv3x3 {
				ky, kx, side = from/l.Width-y, from%l.Width-x, 3
			}
			if ky < 0 || ky >= side || kx < 0 || kx >= side {
				continue
			}
			met = true
			v += int32(l.Weights[((channel*side+ky)*side+kx)*l.Outputs+out]) * d.Value
		}
		if met {
			m.sums[layer][at], sums[at] = v, v
			touched(at, at+1)
		}
	}
	return m.broken()
}

func (m *memory) Counters() (hw.DeltaCounters, error) { return hw.DeltaCounters{Lanes: 7}, m.broken() }
func (m *memory) Close() error                        { m.closed++; return nil }

// onDevice makes an engine with a device, nil where no layer of the network can run on one. Its other layers always add
// what changed, as those on the device do, so that what is counted can be compared.
func onDevice(t require.TestingT, n *delta.Network, cpu hw.Target) (*delta.Engine, *opener) {
	o := &opener{Target: cpu}
	e, err := delta.NewEngineWith(n, o, delta.Options{Device: true, Mode: delta.AlwaysDelta})
	if errors.Is(err, delta.ErrNoDeviceLayers) {
		return nil, o
	}
	require.NoError(t, err)
	return e, o
}

// An engine whose layers are on a device gives the outputs of the definition, through resets and states that come from
// anywhere, and its own states are those of any other engine.
func TestDeviceExact(t *testing.T) {
	cpu, err := hw.Find("purego")
	require.NoError(t, err)
	ran := 0
	linear := smallNetwork(t)
	rapid.Check(t, func(t *rapid.T) {
		n := drawNetwork(t)
		if rapid.Bool().Draw(t, "linear") { // few of those that are drawn have a layer for a device
			n = linear
		}
		e, _ := onDevice(t, n, cpu)
		if e == nil {
			return
		}
		ran++
		dense := delta.NewDense(n)
		other, err := delta.NewEngineWith(n, cpu, delta.Options{Mode: delta.AlwaysDelta})
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "frames"), 1))
		in := n.Topology().Input
		frame := make([]int32, in.Len())
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			for i := range frame {
				if rng.IntN(4) == 0 {
					frame[i] = int32(in.Min + rng.IntN(in.Max-in.Min+1))
				}
			}
			want, err := dense.Step(frame)
			require.NoError(t, err)
			got, err := e.Step(frame)
			require.NoError(t, err)
			require.Equal(t, want, got)
			_, err = other.Step(frame)
			require.NoError(t, err)
			switch rng.IntN(6) {
			case 0:
				e.Reset()
				other.Reset()
				dense.Reset()
			case 1:
				state, err := other.MarshalBinary()
				require.NoError(t, err)
				own, err := e.MarshalBinary()
				require.NoError(t, err)
				require.Equal(t, state, own)
				require.NoError(t, e.UnmarshalBinary(state))
			}
		}
		c, layers, ok, err := e.Device()
		require.NoError(t, err)
		require.True(t, ok)
		require.Positive(t, layers)
		require.Equal(t, 7, c.Lanes)
		require.NoError(t, e.Close())
	})
	require.Positive(t, ran, "no network had a layer for a device")
}

// smallNetwork is a linear layer with levels behind it.
func smallNetwork(t *testing.T) *delta.Network {
	t.Helper()
	top := &topology.Topology{
		Input:  topology.Input{Shape: topology.Shape{Channels: 2, Height: 1, Width: 1}, Min: -9, Max: 9},
		Layers: []topology.Layer{{Name: "fc", Kind: topology.Linear, Out: 2}},
	}
	n, err := delta.New(top, []delta.Params{{Weights8: []int8{1, 2, 3, 4}, Bias: []int32{5, 6}}}, one())
	require.NoError(t, err)
	return n
}

// Behind a call of the device that failed, every step is that error: sums that are not known are not computed with.
func TestDeviceFails(t *testing.T) {
	cpu, err := hw.Find("purego")
	require.NoError(t, err)
	e, o := onDevice(t, smallNetwork(t), cpu)
	out, err := e.Step([]int32{1, 1})
	require.NoError(t, err)
	require.Equal(t, []int32{8, 13}, out)
	o.opened.fail = 1
	_, err = e.Step([]int32{2, 1})
	require.ErrorIs(t, err, errBroken)
	require.ErrorContains(t, err, "layer fc")
	e.Reset()
	_, err = e.Step([]int32{1, 1})
	require.ErrorIs(t, err, errBroken)
	_, err = e.StepChanges([]hw.Delta{{Index: 0, Value: 1}})
	require.ErrorIs(t, err, errBroken)
	_, _, ok, err := e.Device()
	require.True(t, ok)
	require.ErrorIs(t, err, errBroken)
	require.NoError(t, e.Close())
	require.Equal(t, 1, o.opened.closed)
}

// What cannot be opened says why.
func TestDeviceRefused(t *testing.T) {
	cpu, err := hw.Find("purego")
	require.NoError(t, err)
	n := smallNetwork(t)
	_, err = delta.NewEngineWith(n, cpu, delta.Options{Device: true})
	require.ErrorContains(t, err, "device purego takes no layers of delta networks")
	_, err = delta.NewEngineWith(n, &opener{Target: cpu}, delta.Options{Device: true, Mode: delta.AlwaysDense})
	require.ErrorContains(t, err, "never dense")
	_, err = delta.NewEngineWith(n, &opener{Target: cpu, refuse: errBroken}, delta.Options{Device: true})
	require.ErrorIs(t, err, errBroken)
	require.ErrorContains(t, err, "layers fc to fc")
	e, _ := onDevice(t, n, cpu)
	require.NoError(t, e.Close())
	_, err = e.Step([]int32{1, 1})
	require.ErrorContains(t, err, "closed")
	_, _, ok, err := mustEngine(t, n, cpu).Device()
	require.NoError(t, err)
	require.False(t, ok)
	none := &topology.Topology{
		Input:  topology.Input{Shape: topology.Shape{Channels: 1, Height: 1, Width: 1}, Max: 1},
		Layers: []topology.Layer{{Name: "relu", Kind: topology.ReLU}},
	}
	n, err = delta.New(none, []delta.Params{{}}, one())
	require.NoError(t, err)
	_, err = delta.NewEngineWith(n, &opener{Target: cpu}, delta.Options{Device: true})
	require.ErrorIs(t, err, delta.ErrNoDeviceLayers)
}

// A layer whose input changes by more than some words can say stays with the kernels, beside others on a device.
func TestDeviceBeside(t *testing.T) {
	cpu, err := hw.Find("purego")
	require.NoError(t, err)
	top := &topology.Topology{
		Input: topology.Input{Shape: topology.Shape{Channels: 1, Height: 1, Width: 1}, Min: -32767, Max: 32767},
		Layers: []topology.Layer{
			{Name: "large", Kind: topology.Linear, Out: 1, NoBias: true, Weights: topology.Int16},
			{Name: "small", Kind: topology.Linear, Out: 1, NoBias: true},
		},
	}
	n, err := delta.New(top, []delta.Params{{Weights16: []int16{32767}}, {Weights8: []int8{-2}}}, one())
	require.NoError(t, err)
	e, o := onDevice(t, n, cpu)
	require.Len(t, o.opened.layers, 1)
	for _, v := range []int32{32767, -32767, 12} {
		out, err := e.Step([]int32{v})
		require.NoError(t, err)
		require.Equal(t, []int32{-2 * 32767 * v}, out)
	}
	require.NoError(t, e.Close())
}

func mustEngine(t *testing.T, n *delta.Network, target hw.Target) *delta.Engine {
	t.Helper()
	e, err := delta.NewEngine(n, target)
	require.NoError(t, err)
	return e
}
