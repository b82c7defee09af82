package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

func parse(t testing.TB, text string) *topology.Topology {
	top, err := topology.Parse([]byte(text), "")
	require.NoError(t, err)
	return top
}

// some are random sequences of a topology's input, of 1 to 4 steps.
func some(top *topology.Topology, n, outputs int, seed uint64) []Sequence {
	rng := rand.New(rand.NewPCG(seed, 2))
	out := make([]Sequence, n)
	for i := range out {
		s := &out[i]
		s.Steps, s.Label = 1+i%4, rng.IntN(outputs)
		for range s.Steps * top.Input.Len() {
			s.Levels = append(s.Levels, int16(top.Input.Min+rng.IntN(top.Input.Max-top.Input.Min+1)))
		}
	}
	return out
}

// The layers that gradients can be checked of by differences, as nothing is rounded in them.
var smooth = map[string]string{
	"linear": `
  - {name: flat, type: flatten}
  - {name: a, type: linear, out: 5}
  - {name: b, type: linear, out: 3, bias: false}`,
	"relu": `
  - {name: flat, type: flatten}
  - {name: a, type: linear, out: 7}
  - {name: r, type: relu}
  - {name: b, type: linear, out: 3}`,
	"convolution": `
  - {name: a, type: conv2d, out: 4, kernel: [3, 2], stride: [2, 1], padding: [1, 0, 2, 1]}
  - {name: r, type: relu}
  - {name: b, type: conv2d, out: 6, kernel: 3, groups: 2, padding: [0, 2, 1, 0], stride: [1, 2]}
  - {name: flat, type: flatten}
  - {name: c, type: linear, out: 3}`,
	"bare convolution": `
  - {name: a, type: conv2d, out: 4, kernel: 1}
  - {name: b, type: conv2d, out: 4, kernel: 1, groups: 2}
  - {name: c, type: conv2d, out: 2, kernel: 1, stride: 2}
  - {name: flat, type: flatten}
  - {name: d, type: linear, out: 3}`,
	"pools": `
  - {name: a, type: conv2d, out: 3, kernel: 2}
  - {name: p, type: avgpool, kernel: 2, stride: 1, padding: [1, 0, 0, 1]}
  - {name: b, type: conv2d, out: 3, kernel: 2}
  - {name: m, type: maxpool, kernel: [2, 1], stride: 1, padding: [1, 0, 0, 0]}
  - {name: flat, type: flatten}
  - {name: c, type: linear, out: 3}`,
	"residual": `
  - {name: a, type: conv2d, out: 2, kernel: 3, padding: 1}
  - {name: b, type: conv2d, out: 2, kernel: 3, padding: 1}
  - {name: s, type: add, with: a}
  - {name: d, type: add, with: s}
  - {name: g, type: sigma}
  - {name: flat, type: flatten}
  - {name: c, type: linear, out: 3}`,
	"masks": `
  - {name: flat, type: flatten}
  - {name: a, type: linear, out: 8}
  - {name: t, type: topk, k: 5}
  - {name: b, type: linear, out: 8}
  - {name: u, type: cut}
  - {name: c, type: linear, out: 3}`,
}

// lossOf is the loss of a batch, in one lane.
func lossOf(tr *Trainer, batch []Sequence) (float64, *lane) {
	tr.measure(batch)
	l := newLane(tr.net, &tr.task)
	l.eachChunk(batch, func() {
		l.forward()
		clear(l.written)
		l.judge()
		l.backward()
	})
	return l.sums.task + l.sums.sparsity + l.sums.l1, l
}

func TestGradientsAreDifferences(t *testing.T) {
	for name, layers := range smooth {
		for _, o := range []Options{
			{Seed: 3}, {Seed: 4, Loss: MSE, StepWeights: []float64{0, 2, 1}}, {Seed: 5, L1: 0.7},
		} {
			t.Run(fmt.Sprint(name, o.Loss, o.L1), func(t *testing.T) {
				top := parse(t, "input: {channels: 2, height: 5, width: 4, min: -2, max: 3}\nlayers:"+layers)
				tr, err := New(top, o)
				require.NoError(t, err)
				batch := some(top, 55, 3, 1) // more than a chunk
				if name == "masks" {
					batch = batch[:6] // what is masked jumps: the fewer, the fewer jumps
				}
				for i, n := range tr.net.graph.Nodes {
					if n.Kind == topology.Cut {
						tr.net.bounds[i] = 0.3
					}
				}
				rng := rand.New(rand.NewPCG(9, 9))
				for i := tr.net.weights; i < len(tr.net.numbers); i++ {
					tr.net.numbers[i] = rng.Float32() - 0.5
				}
				_, l := lossOf(tr, batch)
				largest, worst := 0.0, 0.0
				bad, total := 0, 0
				for k := 0; k < len(tr.net.numbers); k += 1 + len(tr.net.numbers)/64 {
					old, h := tr.net.numbers[k], float32(1.0/512)
					tr.net.numbers[k] = old + h
					up, _ := lossOf(tr, batch)
					tr.net.numbers[k] = old - h
					down, _ := lossOf(tr, batch)
					tr.net.numbers[k] = old
					want := (up - down) / (2 * float64(h))
					d := math.Abs(want - float64(l.gradient[k]))
					largest, worst = max(largest, math.Abs(want)), max(worst, d)
					total++
					if d > 2e-3+0.01*math.Abs(want) {
						bad++ // a corner of a ReLU, a maximum, a mask lies within the difference
					}
				}
				t.Logf("largest %.3g, worst difference %.3g, %d of %d apart", largest, worst, bad, total)
				require.Greater(t, largest, 0.02)
				require.LessOrEqual(t, bad, total/8)
				if name == "linear" && o.L1 == 0 {
					require.Less(t, worst, 2e-4)
				}
			})
		}
	}
}

// What training computes is what the reference does, of all layers.
func TestForwardIsTheReference(t *testing.T) {
	top := parse(t, `
input: {channels: 2, height: 6, width: 5, min: -2, max: 3}
layers:
  - {name: a, type: conv2d, out: 4, kernel: [3, 2], stride: [2, 1], padding: [1, 0, 2, 1]}
  - {name: d1, type: delta, step: channel, levels: 9}
  - {name: b, type: conv2d, out: 4, kernel: 3, padding: 1, groups: 2}
  - {name: s, type: add, with: d1}
  - {name: t1, type: threshold, threshold: 2, levels: 40}
  - {name: p, type: avgpool, kernel: 2, stride: 1, padding: [1, 0, 0, 1]}
  - {name: r, type: relu}
  - {name: m, type: maxpool, kernel: 2, stride: 1, padding: [0, 1, 0, 0]}
  - {name: d2, type: delta, step: neuron}
  - {name: g, type: sigma}
  - {name: flat, type: flatten}
  - {name: c, type: linear, out: 30}
  - {name: k, type: topk, share: 0.4}
  - {name: u, type: cut}
  - {name: out, type: linear, out: 3}
`)
	tr, err := New(top, Options{Seed: 1})
	require.NoError(t, err)
	p := tr.Params()
	rng := rand.New(rand.NewPCG(1, 2))
	for name, l := range map[string]int{"d1": 4, "t1": 1, "d2": tr.net.at[9].count} {
		steps := make([]float64, l)
		for i := range steps {
			steps[i] = float64(float32(0.05 + rng.Float64()/5))
		}
		p.Layers[name] = quantise.Layer{Steps: steps}
	}
	for i := range p.Layers["b"].Bias {
		p.Layers["b"].Bias[i] = float64(rng.Float32())
	}
	p.Layers["u"] = quantise.Layer{Bound: 0.2}
	tr, err = Refine(top, p, Options{})
	require.NoError(t, err)
	require.Equal(t, p, tr.Params())
	batch := some(top, 40, 3, 5)
	l := newLane(tr.net, &tr.task)
	differ, all := 0, 0
	l.eachChunk(batch, func() {
		l.forward()
		for s := range l.chunk {
			ref, err := quantise.NewReference(top, p)
			require.NoError(t, err)
			for step := range l.chunk[s].Steps {
				in := make([]int32, top.Input.Len())
				for i := range in {
					in[i] = int32(l.chunk[s].Levels[step*len(in)+i])
				}
				want, err := ref.Step(in)
				require.NoError(t, err)
				got := l.output()[(l.starts[s]+step)*3:][:3]
				for i := range want {
					all++
					// A value that lies at a half falls to one side here and to the other there.
					if math.Abs(want[i]-float64(got[i])) > 1e-5*(1+math.Abs(want[i])) {
						differ++
					}
				}
			}
		}
	})
	require.Equal(t, 300, all)
	require.LessOrEqual(t, differ, all/50)
}
