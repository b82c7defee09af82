package delta_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

func purego(t require.TestingT) hw.Target {
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return target
}

func engine(t require.TestingT, n *delta.Network) *delta.Engine {
	e, err := delta.NewEngine(n, purego(t))
	require.NoError(t, err)
	return e
}

func stateOf(t require.TestingT, e *delta.Engine) []byte {
	b, err := e.MarshalBinary()
	require.NoError(t, err)
	return b
}

// branching is a network with all types of layers: weights of both formats, a fan-out,
// a residual, levels that are saturated and a threshold.
func branching(t require.TestingT) *delta.Network {
	return build(t, `
name: branching
input: {channels: 2, height: 9, width: 8, min: -20, max: 20}
layers:
  - {name: conv1, type: conv2d, out: 4, kernel: 3, padding: 1}
  - {name: relu1, type: relu}
  - {name: delta1, type: delta, step: channel, levels: 15}
  - {name: most, type: topk, share: 0.3}
  - {name: conv2, type: conv2d, out: 4, kernel: 3, padding: 1, groups: 2, weights: int16}
  - {name: sum, type: add, with: delta1}
  - {name: held, type: threshold, threshold: 3, step: channel}
  - {name: max, type: maxpool, kernel: 2}
  - {name: mean, type: avgpool, kernel: 2, stride: 1, padding: 1}
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 12, weights: int16}
  - {name: cut, type: cut}
  - {name: delta2, type: delta, step: neuron}
  - {name: out, type: linear, out: 5}
  - {name: values, type: sigma}
`)
}

// A stream that is cut, put into another engine on another target in another mode, and
// continued gives the same bits, counters and states.
func TestStateInTheMiddle(t *testing.T) {
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		rapid.Check(t, func(t *rapid.T) {
			n := drawNetwork(t)
			in := n.Topology().Input
			whole := engine(t, n)
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "inputs"), 2))
			input := make([]int32, in.Len())
			for range rapid.IntRange(0, 5).Draw(t, "before") {
				change(rng, input, patterns[rng.IntN(len(patterns))], in)
				_, err := whole.Step(input)
				require.NoError(t, err)
			}
			other, err := delta.NewEngine(n, target)
			require.NoError(t, err)
			// An engine that has seen something else holds nothing of it afterwards.
			noise := make([]int32, in.Len())
			change(rng, noise, "all", in)
			_, err = other.Step(noise)
			require.NoError(t, err)
			require.NoError(t, other.UnmarshalBinary(stateOf(t, whole)))
			require.Equal(t, stateOf(t, whole), stateOf(t, other))
			require.Equal(t, whole.Output(), other.Output())
			for range rapid.IntRange(1, 5).Draw(t, "behind") {
				change(rng, input, patterns[rng.IntN(len(patterns))], in)
				want, err := whole.Step(input)
				require.NoError(t, err)
				got, err := other.Step(input)
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.Equal(t, whole.Counters(), other.Counters())
			}
			require.Equal(t, stateOf(t, whole), stateOf(t, other))
		})
	})
}

// used is an engine in the middle of a stream, and its state.
func used(t require.TestingT) (*delta.Engine, []byte) {
	e := engine(t, branching(t))
	rng := rand.New(rand.NewPCG(1, 1))
	in := e.Network().Topology().Input
	input := make([]int32, in.Len())
	for range 5 {
		change(rng, input, "dense", in)
		_, err := e.Step(input)
		require.NoError(t, err)
	}
	return e, stateOf(t, e)
}

func TestStateRefused(t *testing.T) {
	e, good := used(t)
	other := engine(t, e.Network())
	_, err := other.Step(make([]int32, e.Network().Topology().Input.Len()))
	require.NoError(t, err)
	before := stateOf(t, other)
	refused := func(b []byte, says string) {
		t.Helper()
		require.ErrorContains(t, other.UnmarshalBinary(b), says)
		require.True(t, bytes.Equal(before, stateOf(t, other)), "the engine is as it was")
	}
	put := func(at int, v uint32) []byte {
		b := bytes.Clone(good)
		binary.LittleEndian.PutUint32(b[at:], v)
		return b
	}
	for n := range len(good) {
		refused(good[:n], "delta state")
	}
	refused(append(bytes.Clone(good), 0), "expected")
	refused(put(0, 0), `delta state at byte 0: expected "SDLT"`)
	refused(put(4, 2), "delta state at byte 4: expected version 1, found 2")
	refused(put(10, 2), "delta state at byte 6: expected one of network")
	refused(put(46, 21), "delta state at byte 46: input: expected -20 to 20, found 21")
	const inputs = 2 * 9 * 8
	refused(put(46+4*inputs, 100), "layer held, value 0: last sent was 100, which cannot be at level")
	binary.LittleEndian.PutUint64(good[38:], 0)
	refused(good, "expected zeros before the first step")
}

func FuzzState(f *testing.F) {
	e, good := used(f)
	d := delta.NewDense(e.Network())
	fresh := stateOf(f, engine(f, e.Network()))
	f.Add(good)
	f.Add(fresh)
	f.Add(good[:100])
	in := e.Network().Topology().Input
	input := make([]int32, in.Len())
	f.Fuzz(func(t *testing.T, b []byte) {
		require.NoError(t, e.UnmarshalBinary(fresh))
		if e.UnmarshalBinary(b) != nil {
			require.True(t, bytes.Equal(fresh, stateOf(t, e)), "refused, and the engine was changed")
			return
		}
		// What is taken is a state that the definition can be in, too: it goes on from the
		// same values.
		copy(input, e.Values(-1))
		for layer := range e.Network().Topology().Layers {
			if v := e.Values(layer); v != nil {
				copy(d.Values(layer), v)
			}
		}
		change(rand.New(rand.NewPCG(1, uint64(len(b)))), input, "sparse", in)
		want, err := d.Step(input)
		require.NoError(t, err)
		got, err := e.Step(input)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestStepDoesNotAllocate(t *testing.T) {
	n := branching(t)
	in := n.Topology().Input
	rng := rand.New(rand.NewPCG(1, 1))
	input := make([]int32, in.Len())
	frame := []hw.Delta{{Index: 3, Value: 0}, {Index: 70, Value: 0}}
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		for _, mode := range []delta.Mode{delta.Auto, delta.AlwaysDelta, delta.AlwaysDense} {
			e, err := delta.NewEngineWith(n, target, delta.Options{Mode: mode})
			require.NoError(t, err)
			k := 0
			require.Zero(t, testing.AllocsPerRun(50, func() {
				change(rng, input, patterns[k%len(patterns)], in)
				k++
				if _, err := e.Step(input); err != nil {
					t.Error(err)
				}
				if _, err := e.StepChanges(frame); err != nil {
					t.Error(err)
				}
			}))
		}
	})
}

func TestStepRefuses(t *testing.T) {
	e, _ := used(t)
	before := stateOf(t, e)
	_, err := e.Step(make([]int32, 3))
	require.EqualError(t, err, "delta network: expected an input of 144 values, found 3")
	input := make([]int32, 144)
	input[9] = 21
	_, err = e.Step(input)
	require.EqualError(t, err, "delta network: value 9 of the input: expected -20 to 20, found 21")
	_, err = e.StepChanges(make([]hw.Delta, 145))
	require.EqualError(t, err, "delta network: expected at most 144 changes, found 145")
	require.Equal(t, before, stateOf(t, e))
	_, err = delta.NewEngineWith(e.Network(), purego(t), delta.Options{Mode: 3})
	require.ErrorContains(t, err, "expected a known mode")
}
