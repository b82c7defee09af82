package command

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// A layer that sends nothing by its nature has a blank, one that could and did not a 0; and it is
// said what the error of confidences is of.
func TestTableOfANetwork(t *testing.T) {
	top, err := topology.Parse([]byte(`
input: {channels: 2, height: 2, width: 2, max: 1}
layers:
  - {name: conv, type: conv2d, out: 2, kernel: 1, bias: false}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: sum, type: conv2d, out: 1, kernel: 1, bias: false}
  - {name: pool, type: avgpool, kernel: 2}
  - {name: flat, type: flatten}
  - {name: last, type: linear, out: 1, bias: false}
`), "")
	require.NoError(t, err)
	one, err := delta.NewRequant(1)
	require.NoError(t, err)
	n, err := delta.New(top, []delta.Params{
		{Weights8: make([]int8, 4)},
		{},
		{Requant: []delta.Requant{one}},
		{Weights8: make([]int8, 2)},
		{},
		{},
		{Weights8: make([]int8, 1)},
	}, delta.Scales{Input: 1, Output: []float64{1}})
	require.NoError(t, err)
	layers := []decide.LayerCounters{
		{Layer: "input", Neurons: 8, Sent: 12, Values: 32, StateBytes: 32},
		{Layer: "conv", Neurons: 8, MACs: 24, Dense: 64, StateBytes: 32},
		{Layer: "delta", Neurons: 8, Values: 32, StateBytes: 40},
		{Layer: "sum", Neurons: 4, Dense: 32, Sent: 2, Values: 16, StateBytes: 16},
		{Layer: "pool", Neurons: 1, Values: 4, StateBytes: 4},
		{Layer: "flat", Neurons: 1, StateBytes: 4},
		{Layer: "last", Neurons: 1, Dense: 4, StateBytes: 4},
	}
	r := &networkResult{Counters: decide.Counters{Frames: 4, Layers: layers}, MACs: 6, DenseMACs: 25, Of: ofGiven, sends: senders(n, layers), recordings: 1}
	text := r.String()
	require.Contains(t, text, `
  layer  neurons  macs a frame  dense  sent a frame  density  dense form  state
  input        8                               3.00   37.5 %                 32
  conv         8             6     16                              0.0 %     32
  delta        8                                  0    0.0 %                 40
  sum          4             0      8         0.500   12.5 %       0.0 %     16
  pool         1                                                              4
  flat         1                                                              4
  last         1             0      1                              0.0 %      4
`)
	require.Contains(t, text, "for frames,\n          of the recordings in this folder: too good if the model has learned from them\n")
	r.Of = ofHeldOut
	require.Contains(t, r.String(), "          of the recordings held out, which the network has not learned from but its temperatures were fitted to: a little too good\n")
	r.Of = ofFitted
	require.Contains(t, r.String(), "          of the recordings that its temperatures were fitted to: a little too good, and more if the network has learned from them\n")
	r.Of = ofLearned
	require.Contains(t, r.String(), "          of the recordings that the network has learned from: too good\n")
}
