package fpga_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/sim/fpga"
)

const deltaPerceptron = `
input: {channels: 1, height: 34, width: 34, max: 7}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 256}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 10}
`

const deltaConvolutions = `
input: {channels: 1, height: 34, width: 34, max: 7}
layers:
  - {name: conv1, type: conv2d, out: 8, kernel: 3, stride: 2, padding: 1}
  - {name: relu1, type: relu}
  - {name: delta1, type: delta}
  - {name: conv2, type: conv2d, out: 16, kernel: 3, padding: 1}
  - {name: relu2, type: relu}
  - {name: delta2, type: delta}
  - {name: conv3, type: conv2d, out: 16, kernel: 3, stride: 2}
  - {name: relu3, type: relu}
  - {name: delta3, type: delta}
  - {name: flat, type: flatten}
  - {name: logits, type: linear, out: 10}
`

// countFrames are steps of 10 ms with the events of each pixel among the last 30 ms, 7 at most: frames that overlap.
func countFrames(in []events.Event) train.Sequence {
	const steps, side, interval, window, most = 30, 34, 10_000, 3, 7
	s := train.Sequence{Levels: make([]int16, steps*side*side), Steps: steps}
	for _, e := range in {
		at := int(e.T-in[0].T) / interval
		for step := at; step < min(at+window, steps) && int(max(e.X, e.Y)) < side; step++ {
			v := &s.Levels[(step*side+int(e.Y))*side+int(e.X)]
			*v = min(*v+1, most)
		}
	}
	return s
}

// trainedNetwork is a network that was trained for a little while, in integers.
func trainedNetwork(t *testing.T, text string, learn train.Sequences) *delta.Network {
	t.Helper()
	top, err := topology.Parse([]byte(text), "")
	require.NoError(t, err)
	tr, err := train.New(top, train.Options{Epochs: 1, Batch: 8, Seed: 1})
	require.NoError(t, err)
	require.NoError(t, tr.Run(t.Context(), learn, nil))
	n, _, err := quantise.Quantise(tr.Topology(), tr.Params())
	require.NoError(t, err)
	return n
}

// Trained networks on real recordings give the outputs of the definition, to the bit, with all of their layers in the
// accelerator; what it takes is told, and beside it what lanes that know nothing of changes would take.
func TestDeltaRecordings(t *testing.T) {
	count := 20
	if os.Getenv("SACCADE_SLOW") != "" {
		count = 200
	}
	var learn train.Sequences
	for i, in := range recordings(t, count) {
		s := countFrames(in)
		s.Label = i % 10
		learn = append(learn, s)
	}
	target, err := hw.Find("fpga-sim")
	require.NoError(t, err)
	for name, text := range map[string]string{"1156-256-10": deltaPerceptron, "three convolutions": deltaConvolutions} {
		n := trainedNetwork(t, text, learn[:10])
		e, err := delta.NewEngineWith(n, target, delta.Options{Device: true})
		require.NoError(t, err)
		dense := delta.NewDense(n)
		frame := make([]int32, 34*34)
		for k := range 3 {
			s := learn[len(learn)-1-k]
			for step := range s.Steps {
				for i, v := range s.Levels[step*len(frame):][:len(frame)] {
					frame[i] = int32(v)
				}
				want, err := dense.Step(frame)
				require.NoError(t, err)
				got, err := e.Step(frame)
				require.NoError(t, err)
				require.Equal(t, want, got, "%s: recording %d, step %d", name, k, step)
			}
		}
		c, layers, _, err := e.Device()
		require.NoError(t, err)
		counters := e.Counters()
		done, all := counters.TotalMACs()
		require.Equal(t, done, c.MACs, "the device has multiplied what the engine says")
		steps, cycles := float64(counters.Steps), float64(c.Cycles)
		t.Logf("%s, %d layers, %v steps: %.0f cycles a step, %.1f multiply-adds a cycle, %.1f a cycle of adding (%.0f %% of %d lanes); %.0f changes, %.0f multiply-adds, %.0f sums sent a step; dense %.0f multiply-adds, %.0f cycles with every lane busy, %.0f in the same words",
			name, layers, steps, cycles/steps, float64(c.MACs)/cycles, float64(c.MACs)/float64(c.Busy), 100*float64(c.MACs)/float64(c.Busy*uint64(c.Lanes)), c.Lanes,
			float64(c.Changes)/steps, float64(done)/steps, float64(c.Sent)/steps, float64(all)/steps, float64(all)/steps/float64(c.Lanes), denseWords(n))
		require.NoError(t, e.Close())
	}
}

// denseWords is how many cycles a step takes where every input is sent, in the words that the device has.
func denseWords(n *delta.Network) (words float64) {
	lanes := fpga.DeltaBuild().Lanes
	for i := range n.Graph().Nodes {
		node := &n.Graph().Nodes[i]
		switch node.Kind {
		case topology.Linear:
			words += float64(node.In.Len() * ((node.Out.Channels + lanes - 1) / lanes))
		case topology.Conv2D:
			words += float64(node.In.Len() * ((node.Out.Channels + lanes/9 - 1) / (lanes / 9)))
		}
	}
	return words
}
