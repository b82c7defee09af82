package quantise_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// The networks of the tests, %s being the format of weights.
var networks = map[string]string{
	"mlp": `
input: {channels: 40, max: 15}
layers:
  - {name: hidden, type: linear, out: 30, weights: %[1]s}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: middle, type: linear, out: 20, weights: %[1]s}
  - {name: delta2, type: delta, step: neuron}
  - {name: out, type: linear, out: 5, weights: %[1]s}
`,
	"conv": `
input: {channels: 2, height: 12, width: 11, min: -31, max: 31}
layers:
  - {name: conv1, type: conv2d, out: 6, kernel: 3, padding: 1, weights: %[1]s}
  - {name: relu1, type: relu}
  - {name: delta1, type: delta, step: channel, levels: 63}
  - {name: max, type: maxpool, kernel: 2}
  - {name: conv2, type: conv2d, out: 8, kernel: [3, 2], stride: [2, 1], groups: 2, weights: %[1]s}
  - {name: held, type: threshold, threshold: 4, step: channel}
  - {name: mean, type: avgpool, kernel: 2, stride: 1}
  - {name: delta2, type: delta, step: neuron, levels: 255}
  - {name: flat, type: flatten}
  - {name: out, type: linear, out: 4, bias: false, weights: %[1]s}
`,
	"average": `
input: {channels: 3, height: 6, width: 6, max: 9}
layers:
  - {name: conv, type: conv2d, out: 10, kernel: 3, weights: %[1]s}
  - {name: relu, type: relu}
  - {name: delta, type: delta, levels: 31}
  - {name: mean, type: avgpool, kernel: 4}
  - {name: flat, type: flatten}
  - {name: out, type: linear, out: 4, weights: %[1]s}
  - {name: values, type: sigma}
`,
	"sparse": `
input: {channels: 2, height: 9, width: 8, min: -9, max: 9}
layers:
  - {name: conv1, type: conv2d, out: 6, kernel: 3, padding: 1, weights: %[1]s}
  - {name: relu1, type: relu}
  - {name: cut1, type: cut}
  - {name: delta1, type: delta, step: channel, levels: 15}
  - {name: top1, type: topk, share: 0.1}
  - {name: conv2, type: conv2d, out: 5, kernel: 3, weights: %[1]s}
  - {name: top2, type: topk, k: 40}
  - {name: delta2, type: delta, step: neuron}
  - {name: cut2, type: cut}
  - {name: flat, type: flatten}
  - {name: out, type: linear, out: 4, weights: %[1]s}
`,
	"residual": `
input: {channels: 4, height: 7, width: 7, min: -20, max: 20}
layers:
  - {name: conv1, type: conv2d, out: 8, kernel: 3, padding: 1, weights: %[1]s}
  - {name: delta1, type: delta}
  - {name: conv2, type: conv2d, out: 8, kernel: 3, padding: 1, weights: %[1]s}
  - {name: sum, type: add, with: delta1}
  - {name: relu, type: relu}
  - {name: delta2, type: delta}
  - {name: twice, type: add, with: delta1}
  - {name: flat, type: flatten}
  - {name: delta3, type: delta}
  - {name: out, type: linear, out: 4, weights: %[1]s}
`,
}

func parse(t testing.TB, name string, format topology.Format) *topology.Topology {
	top, err := topology.Parse(fmt.Appendf(nil, networks[name], format), name)
	require.NoError(t, err)
	return top
}

// random are parameters as a trained network might have them, steps missing.
func random(t testing.TB, top *topology.Topology, rng *rand.Rand) quantise.Params {
	g, err := top.Resolve()
	require.NoError(t, err)
	p := quantise.Params{Input: 0.1, Layers: map[string]quantise.Layer{}}
	for i := range g.Nodes[1:] {
		n := &g.Nodes[i+1]
		if n.Kind == topology.Cut {
			p.Layers[n.Name] = quantise.Layer{Bound: 0.2}
		}
		if !n.Kind.Weighted() {
			continue
		}
		var l quantise.Layer
		for range n.WeightsLen() {
			l.Weights = append(l.Weights, rng.NormFloat64()/math.Sqrt(float64(n.FanIn())))
		}
		for range n.Out.Channels {
			if !n.NoBias {
				l.Bias = append(l.Bias, rng.NormFloat64()/5)
			}
		}
		p.Layers[n.Name] = l
	}
	return p
}

// walk is a slowly changing input.
func walk(rng *rand.Rand, in topology.Input, steps int) [][]int32 {
	now := make([]int32, in.Len())
	for i := range now {
		now[i] = int32(rng.IntN(in.Max-in.Min+1) + in.Min)
	}
	var out [][]int32
	for range steps {
		for range 1 + len(now)/10 {
			i := rng.IntN(len(now))
			now[i] = max(min(now[i]+int32(rng.IntN(9)-4), int32(in.Max)), int32(in.Min))
		}
		out = append(out, slices.Clone(now))
	}
	return out
}

func calibrated(t testing.TB, name string, format topology.Format, seed uint64) (*topology.Topology, quantise.Params, [][]int32) {
	top := parse(t, name, format)
	rng := rand.New(rand.NewPCG(seed, 7))
	inputs := walk(rng, top.Input, 150)
	p, err := quantise.Calibrate(t.Context(), top, random(t, top, rng), slices.Values(inputs))
	require.NoError(t, err)
	return top, p, inputs
}

// seeds are how many random networks of each kind are looked at.
func seeds() uint64 {
	if testing.Short() {
		return 1
	}
	return 3
}

// The integer network is the reference of what its integers stand for: every level of
// every layer, over a stream.
func TestIntegersAreTheReference(t *testing.T) {
	for _, name := range []string{"mlp", "conv", "average", "sparse"} {
		for _, format := range []topology.Format{topology.Int8, topology.Int16} {
			for seed := range seeds() {
				top, p, inputs := calibrated(t, name, format, seed)
				n, rounded, err := quantise.Quantise(top, p)
				require.NoError(t, err)
				r, err := quantise.NewReference(top, rounded)
				require.NoError(t, err)
				d := delta.NewDense(n)
				for step, input := range inputs {
					got, err := d.Step(input)
					require.NoError(t, err)
					want, err := r.Step(input)
					require.NoError(t, err)
					for i, l := range top.Layers {
						if !l.Kind.Quantises() {
							continue
						}
						steps := rounded.Layers[l.Name].Steps
						values := d.Values(i)
						for k, v := range values {
							q := steps[k*len(steps)/len(values)]
							require.EqualValues(t, math.Round(r.Values(i)[k]/q), v, "%s %s seed %d step %d, layer %s, value %d", name, format, seed, step, l.Name, k)
						}
					}
					for k, v := range n.Real(nil, got) {
						require.InDelta(t, want[k], v, 1e-6)
					}
				}
			}
		}
	}
}

// What rounding weights costs: the outputs are close to those of the real numbers, much
// closer with 16 bits than with 8.
func TestRoundingIsSmall(t *testing.T) {
	for name := range networks {
		worst := map[topology.Format]float64{}
		for format, limit := range map[topology.Format]float64{topology.Int8: 0.15, topology.Int16: 0.05} {
			for seed := range seeds() {
				top, p, inputs := calibrated(t, name, format, seed)
				n, _, err := quantise.Quantise(top, p)
				require.NoError(t, err)
				r, err := quantise.NewReference(top, p)
				require.NoError(t, err)
				e, err := delta.NewEngine(n, target(t))
				require.NoError(t, err)
				var wrong, all float64
				for _, input := range inputs {
					got, err := e.Step(input)
					require.NoError(t, err)
					want, err := r.Step(input)
					require.NoError(t, err)
					for k, v := range n.Real(nil, got) {
						wrong += (v - want[k]) * (v - want[k])
						all += want[k] * want[k]
					}
				}
				worst[format] = max(worst[format], math.Sqrt(wrong/all))
			}
			if name == "sparse" {
				limit *= 2 // a value that is in the one's and not in the other's is wrong as a whole
			}
			require.Less(t, worst[format], limit, name)
		}
		t.Logf("%s: error of the outputs, relative to their size: %.4f with weights of 8 bits, %.4f with 16", name, worst[topology.Int8], worst[topology.Int16])
	}
}

func target(t testing.TB) hw.Target {
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	return target
}

// Networks that were quantised are saved, loaded and run as any other, on all targets.
func TestQuantisedNetworksRun(t *testing.T) {
	hwtest.Targets(t, func(t *testing.T, target hw.Target) {
		for name := range networks {
			top, p, inputs := calibrated(t, name, topology.Int8, 1)
			n, _, err := quantise.Quantise(top, p)
			require.NoError(t, err)
			b, err := n.MarshalBinary()
			require.NoError(t, err)
			again := new(delta.Network)
			require.NoError(t, again.UnmarshalBinary(b))
			e, err := delta.NewEngine(again, target)
			require.NoError(t, err)
			d := delta.NewDense(n)
			for _, input := range inputs[:20] {
				want, err := d.Step(input)
				require.NoError(t, err)
				got, err := e.Step(input)
				require.NoError(t, err)
				require.Equal(t, want, got)
				require.Equal(t, n.Real(nil, want), again.Real(nil, got))
			}
		}
	})
}
