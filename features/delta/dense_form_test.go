package delta_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// jump is a stream in which, in every second step, all that is there is somewhere else:
// a quarter of the inputs is other than zero, and twice as many change. In between,
// hardly anything does.
func jump(values, steps int) (out [][]int32) {
	for k := range steps {
		input := make([]int32, values)
		for i := range input {
			if (i+k/2)%4 == 0 {
				input[i] = int32(1 + i%7)
			}
		}
		input[k] = 3
		out = append(out, input)
	}
	return out
}

// A layer whose inputs changed more than it would take to multiply them takes the dense
// form for that step, with the same bits and half the multiply-adds.
func TestDenseForm(t *testing.T) {
	linear := `
input: {channels: 400, max: 7}
layers:
  - {name: one, type: linear, out: 20}
`
	conv := `
input: {channels: 4, height: 10, width: 10, max: 7}
layers:
  - {name: one, type: conv2d, out: 6, kernel: 3}
`
	for name, text := range map[string]string{"linear": linear, "conv2d": conv} {
		n := build(t, text)
		hwtest.Targets(t, func(t *testing.T, target hw.Target) {
			var engines []*delta.Engine
			for _, o := range []delta.Options{{LookMACs: 0.1}, {Mode: delta.AlwaysDelta}, {LookMACs: 1e9}} {
				e, err := delta.NewEngineWith(n, target, o)
				require.NoError(t, err)
				engines = append(engines, e)
			}
			d := delta.NewDense(n)
			for _, input := range jump(400, 40) {
				want, err := d.Step(input)
				require.NoError(t, err)
				for _, e := range engines {
					got, err := e.Step(input)
					require.NoError(t, err)
					require.Equal(t, want, got)
				}
			}
			auto, always, far := engines[0].Counters(), engines[1].Counters(), engines[2].Counters()
			require.EqualValues(t, 19, auto.Layers[1].DenseSteps, name)
			require.Zero(t, always.Layers[1].DenseSteps)
			if name == "linear" {
				require.Equal(t, always, far, "looking is too expensive")
			}
			require.Equal(t, always.Layers[0], auto.Layers[0], "what was sent does not depend on it")
			a, dense := auto.TotalMACs()
			b, _ := always.TotalMACs()
			require.Less(t, a, b*6/10)
			require.Less(t, b, dense*4/10)
		})
	}
}

// What the counters count, by hand.
func TestCounters(t *testing.T) {
	n := build(t, `
input: {channels: 2, height: 4, width: 4, max: 3}
layers:
  - {name: one, type: conv2d, out: 5, kernel: 3, padding: 1}
  - {name: relu, type: relu}
  - {name: quant, type: delta}
  - {name: flat, type: flatten}
  - {name: two, type: linear, out: 7}
`)
	e := engine(t, n)
	input := make([]int32, 32)
	_, err := e.Step(input)
	require.NoError(t, err)
	input[0], input[16+5] = 1, 2 // a corner of the first channel, the middle of the second
	_, err = e.Step(input)
	require.NoError(t, err)
	c := e.Counters()
	names := []string{"input", "one", "quant", "flat", "two"}
	for i, l := range c.Layers {
		require.Equal(t, names[i], l.Layer)
	}
	in, one, quant, flat, two := c.Layers[0], c.Layers[1], c.Layers[2], c.Layers[3], c.Layers[4]
	require.EqualValues(t, 2, c.Steps)
	require.EqualValues(t, 2, in.Sent)
	require.EqualValues(t, 2, in.TotalSent)
	require.EqualValues(t, 30, in.Zeros)
	require.EqualValues(t, 62, in.TotalZeros)
	// The corner reaches 2x2 outputs, the middle 3x3, of 5 channels each.
	require.EqualValues(t, (4+9)*5, one.MACs)
	require.EqualValues(t, (4+9)*5, in.FanOut)
	require.EqualValues(t, 10*10*2*5, one.DenseMACs) // 16 positions less 6 on the padding, along each axis
	require.Equal(t, 80*4, one.StateBytes)
	zeros := 0
	for _, v := range e.Values(2) {
		if v == 0 {
			zeros++
		}
	}
	require.EqualValues(t, zeros, quant.Zeros)
	require.Equal(t, quant.Sent, flat.Sent)
	require.Equal(t, 7*quant.Sent, two.MACs)
	require.Equal(t, two.MACs, quant.FanOut, "past the flatten, which only hands on")
	require.Zero(t, flat.FanOut)
	require.EqualValues(t, 560, two.DenseMACs)
	done, dense := c.MACs()
	require.Equal(t, one.MACs+two.MACs, done)
	require.EqualValues(t, 1000+560, dense)
	done, dense = c.TotalMACs()
	require.Equal(t, one.TotalMACs+two.TotalMACs, done)
	require.EqualValues(t, 2*1560, dense)
	require.Equal(t, 4*(32+80+80+80+7), c.StateBytes())
}

// Noise, of which half is zero: three of four inputs change in every step, and the layer
// multiplies the half that is there, with the same bits; where noise stops it adds changes
// again. (Where no input is zero both forms are the same multiply-adds, and there is
// nothing to switch to.)
func TestDenseFormOfNoise(t *testing.T) {
	n := build(t, `
input: {channels: 3, height: 8, width: 8, max: 100}
layers:
  - {name: one, type: conv2d, out: 6, kernel: 3}
  - {name: relu, type: relu}
  - {name: quant, type: delta}
  - {name: flat, type: flatten}
  - {name: two, type: linear, out: 5}
`)
	random := rand.New(rand.NewPCG(1, 2))
	input := make([]int32, 3*8*8)
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		auto, err := delta.NewEngine(n, target)
		require.NoError(t, err)
		always, err := delta.NewEngineWith(n, target, delta.Options{Mode: delta.AlwaysDelta})
		require.NoError(t, err)
		d := delta.NewDense(n)
		step := func() {
			want, err := d.Step(input)
			require.NoError(t, err)
			for _, e := range []*delta.Engine{auto, always} {
				got, err := e.Step(input)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}
		for range 20 {
			for i := range input {
				input[i] = random.Int32N(2) * (1 + random.Int32N(100))
			}
			step()
		}
		noisy := auto.Counters()
		require.EqualValues(t, 19, noisy.Layers[1].DenseSteps) // in the first, all that is there has changed
		done, _ := noisy.TotalMACs()
		counted := always.Counters()
		b, _ := counted.TotalMACs()
		require.Less(t, done, b*8/10)
		for k := range 10 {
			input[k] = 100 - input[k]
			step()
		}
		require.EqualValues(t, 19, auto.Counters().Layers[1].DenseSteps)
	})
}
