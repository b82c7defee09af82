package command

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
	framing "github.com/saccade-dev/saccade/features/frames"
)

// networkFlags say which network is trained.
type networkFlags struct {
	Network  string  `help:"A network to begin with. mlp: one hidden layer; conv: two convolutions, the second with twice the channels at half the size." enum:"mlp,conv" placeholder:"NAME" default:"mlp"`
	Hidden   int     `help:"Neurons of the hidden layer (mlp, if nothing is said 256), or channels of the first convolution (conv, 32)." placeholder:"N"`
	Step     string  `help:"Who shares the steps that activations are rounded to." enum:"layer,channel,neuron" placeholder:"WHO" default:"layer"`
	TopK     float64 `name:"top-k" help:"Keep this share of a hidden layer's values, the largest, and make the others zero, in training too. If nothing is said, all." placeholder:"SHARE"`
	Topology string  `help:"File of a topology, in the place of such a network; 'saccade train delta --show' writes one to begin with." placeholder:"FILE"`
	Refine   string  `help:"Go on from a trained network: a file of a delta network or a model with one. Its frames and topology are kept where nothing else is said; with --topology, layers of the same name keep their numbers." placeholder:"NET|MODEL"`
	Show     bool    `help:"Print the network's topology, and train nothing."`
}

// The sizes where nothing is said: beyond them, recordings held out of N-MNIST's training half
// were recognised no better.
const (
	defaultHidden   = 256
	defaultChannels = 32
	maxHiddenLayer  = 1 << 16
)

func (f *networkFlags) check(g given) error {
	var of []error
	if f.Topology != "" {
		of = append(of, g.unused("no --topology with it, which says it", "network", "hidden", "step", "top-k"))
	}
	if f.Refine != "" {
		of = append(of, g.unused("no --refine with it, whose network has its layers already", "network", "hidden", "step", "top-k"))
	}
	if g["hidden"] && (f.Hidden < 1 || f.Hidden > maxHiddenLayer) {
		of = append(of, usageError{fmt.Errorf("--hidden: expected 1 to %d, found %d", maxHiddenLayer, f.Hidden)})
	}
	if g["top-k"] && !(f.TopK >= topology.MinShare && f.TopK <= 1) {
		of = append(of, usageError{fmt.Errorf("--top-k: expected a share from %s to 1, found %v", plainly(topology.MinShare), f.TopK)})
	}
	return firstOf(of...)
}

// build makes the topology of a built-in network for frames and labels.
func (f *networkFlags) build(c framing.Config, labels int) *topology.Topology {
	t := &topology.Topology{Name: f.Network, Input: topology.Input{
		Shape: topology.Shape{Channels: c.Planes(), Height: c.Rows(), Width: c.Columns()}, Max: c.Levels,
	}}
	hidden := f.Hidden
	step := topology.Per(f.Step)
	quantised := func(n string) []topology.Layer {
		out := []topology.Layer{{Name: "relu" + n, Kind: topology.ReLU}}
		if f.TopK > 0 {
			out = append(out, topology.Layer{Name: "top" + n, Kind: topology.TopK, Share: f.TopK})
		}
		return append(out, topology.Layer{Name: "delta" + n, Kind: topology.Delta, Step: step})
	}
	if f.Network == "conv" {
		if hidden == 0 {
			hidden = defaultChannels
		}
		// Strides halve what is still large, so that the last layer does not have most of the work.
		h, w := c.Rows(), c.Columns()
		for i, channels := range []int{hidden, 2 * hidden} {
			n := fmt.Sprint(i + 1)
			stride := 1
			if min(h, w) > 16 || i == 1 && min(h, w) >= 4 {
				stride = 2
			}
			h, w = (h+stride-1)/stride, (w+stride-1)/stride
			t.Layers = append(t.Layers, topology.Layer{
				Name: "conv" + n, Kind: topology.Conv2D, Out: channels,
				Kernel: [2]int{3, 3}, Stride: [2]int{stride, stride}, Padding: [4]int{1, 1, 1, 1},
			})
			t.Layers = append(t.Layers, quantised(n)...)
		}
		t.Layers = append(t.Layers, topology.Layer{Name: "flat", Kind: topology.Flatten})
	} else {
		if hidden == 0 {
			hidden = defaultHidden
		}
		t.Layers = append(t.Layers, topology.Layer{Name: "flat", Kind: topology.Flatten}, topology.Layer{Name: "hidden", Kind: topology.Linear, Out: hidden})
		t.Layers = append(t.Layers, quantised("")...)
	}
	t.Layers = append(t.Layers, topology.Layer{Name: "logits", Kind: topology.Linear, Out: labels})
	return t
}

// stepsFit refuses steps for neurons where convolutions follow, before the network is put together.
func (f *networkFlags) stepsFit() error {
	if f.Network == "conv" && f.Step == string(topology.PerNeuron) {
		return usageError{errors.New("--step neuron: expected --network mlp with it: a window takes values of several neurons together, which must share a step")}
	}
	return nil
}
