package rtltest_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/train"
	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// deltaNetworks are small enough for the memories of the build of that name.
var deltaNetworks = map[string]string{
	"1156-32-10": `
input: {channels: 1, height: 34, width: 34, max: 7}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 32}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: logits, type: linear, out: 10}
`,
	"three convolutions": `
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
`,
}

const (
	frameSide  = 34
	frameSteps = 30
)

// countFrames are steps of 10 ms with the events of each pixel among the last 30 ms, 7 at most: frames that overlap.
func countFrames(in []events.Event) train.Sequence {
	const interval, window, most = 10_000, 3, 7
	s := train.Sequence{Levels: make([]int16, frameSteps*frameSide*frameSide), Steps: frameSteps}
	for _, e := range in {
		at := int(e.T-in[0].T) / interval
		for step := at; step < min(at+window, frameSteps) && max(e.X, e.Y) < frameSide; step++ {
			v := &s.Levels[(step*frameSide+int(e.Y))*frameSide+int(e.X)]
			*v = min(*v+1, most)
		}
	}
	return s
}

// onPair is a target whose layers of delta networks are the design's and the model's at once.
type onPair struct {
	hw.Target
	pair *rtltest.DeltaPair
}

func (o onPair) OpenDelta(layers []hw.DeltaLayer) (hw.DeltaEngine, error) {
	return hwfpga.OpenDelta(o.pair, layers, hwfpga.Options{Unverified: true}) // the pair compares
}

// Trained networks on real recordings, through what a host does with a device: the design has its model's pins in every
// cycle, and the outputs are the definition's.
func TestDeltaRecordings(t *testing.T) {
	b := deltaBuilds["network"]
	if os.Getenv("SACCADE_SLOW") != "" {
		b = fpga.DeltaBuild()
	}
	all := recordings(t, 20)
	program := compiledDelta(t, b)
	var learn train.Sequences
	for i, in := range all {
		s := countFrames(in)
		s.Label = i % 10
		learn = append(learn, s)
	}
	purego, err := hw.Find("purego")
	require.NoError(t, err)
	for name, text := range deltaNetworks {
		t.Run(name, func(t *testing.T) {
			parsed, err := topology.Parse([]byte(text), "")
			require.NoError(t, err)
			trainer, err := train.New(parsed, train.Options{Epochs: 1, Batch: 5, Seed: 1})
			require.NoError(t, err)
			require.NoError(t, trainer.Run(t.Context(), learn[:10], nil))
			network, _, err := quantise.Quantise(trainer.Topology(), trainer.Params())
			require.NoError(t, err)

			p, err := rtltest.NewDeltaPair(simulate(t, program, rand.New(rand.NewPCG(5, 5)).Uint32()), b)
			require.NoError(t, err)
			engine, err := delta.NewEngineWith(network, onPair{purego, p}, delta.Options{Device: true})
			require.NoError(t, err)
			dense := delta.NewDense(network)
			frame := make([]int32, frameSide*frameSide)
			distinct := map[int32]bool{}
			for k, s := range learn[17:] { // which it has not learned from
				for step := range s.Steps {
					for i, v := range s.Levels[step*len(frame):][:len(frame)] {
						frame[i] = int32(v)
					}
					want, err := dense.Step(frame)
					require.NoError(t, err)
					got, err := engine.Step(frame)
					require.NoError(t, err)
					require.Equal(t, want, got, "recording %d, step %d", k, step)
					distinct[got[0]] = true
				}
			}
			require.Greater(t, len(distinct), 20, "outputs that differ from step to step")
			c, layers, _, err := engine.Device()
			require.NoError(t, err)
			counters := engine.Counters()
			done, all := counters.TotalMACs()
			require.Equal(t, done, c.MACs)
			steps := float64(counters.Steps)
			t.Logf("%d layers, %v steps: %.0f cycles a step, of them %.0f with a word issued to %d lanes; %.0f changes, %.0f multiply-adds of %.0f, %.0f sums sent",
				layers, steps, float64(c.Cycles)/steps, float64(c.Busy)/steps, c.Lanes, float64(c.Changes)/steps, float64(c.MACs)/steps, float64(all)/steps, float64(c.Sent)/steps)
			require.NoError(t, engine.Close())
		})
	}
}
