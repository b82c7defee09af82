package onnx

import (
	"errors"
	"fmt"
	"math"
	"os"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Place says where delta activations are put.
type Place uint8

// The places.
const (
	// BehindReLU puts one behind each ReLU that something takes.
	BehindReLU Place = iota
	// Everywhere puts one, besides, in front of each layer with weights that would take
	// sums: a layer whose input comes from another without a ReLU between them.
	Everywhere
	// Nowhere leaves the network as it is in the file: what the others are compared with.
	Nowhere
)

// Input says what the numbers of an input are worth, of which a file says nothing.
type Input struct {
	Min, Max int     // the levels that there are
	Scale    float64 // what a level is worth, above 0
}

// Options say what a file does not.
type Options struct {
	Input Input
	// Deltas is where delta activations are put, Step who shares their steps, Levels how many there are
	// on either side of zero; Threshold makes them threshold deltas of as many steps, 0 does not. As
	// in package topology.
	Deltas    Place
	Step      topology.Per
	Levels    int
	Threshold int
	// Weights is the format of all weights, int8 if nothing is said.
	Weights topology.Format
	// Logits leaves out a Softmax, LogSoftmax or Sigmoid at the end. It changes no decision.
	Logits bool
}

// Network is what was read: a network of real numbers, whose layers have the names of the
// nodes. Delta activations have no steps yet, see [quantise.Calibrate].
type Network struct {
	Topology *topology.Topology
	Params   quantise.Params
	Producer string // what wrote the file, "" where it does not say
	Opset    int    // the version of the operators
	// ChannelsLast says that frames are [row][column][channel] in the file, which the network
	// takes as [channel][row][column] as any other.
	ChannelsLast bool
}

// Load reads a network from a file.
func Load(path string, o Options) (*Network, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s: expected an ONNX file, found a folder or something else", path)
	case st.Size() > MaxFileBytes:
		return nil, fmt.Errorf("%s: expected a file of at most %d bytes, found %d", path, MaxFileBytes, st.Size())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := Read(b, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// Read reads a network from the bytes of a file. What is wrong with nodes is a joined error of
// a [*NodeError] each, of which there may be many.
func Read(b []byte, o Options) (*Network, error) {
	if !(o.Input.Scale > 0) || math.IsInf(o.Input.Scale, 1) {
		return nil, fmt.Errorf("onnx: what a level of the input is worth: expected a number above 0, found %v", o.Input.Scale)
	}
	m, err := parse(b)
	if err != nil {
		return nil, err
	}
	if m.opset < OldestOpset || m.opset > NewestOpset {
		return nil, fmt.Errorf("onnx: the default operator set: expected version %d to %d, found %d", OldestOpset, NewestOpset, m.opset)
	}
	c, err := newConverter(m, o)
	if err != nil {
		return nil, err
	}
	if err := c.run(); err != nil {
		return nil, err
	}
	if s := o.Input.Scale * c.scale; !(s > 0) || math.IsInf(s, 1) {
		return nil, fmt.Errorf("onnx: what a level of the input is worth: expected a number above 0 behind what the file multiplies it with, found %v", s)
	}
	t := c.topology(m.graph.name)
	if _, err := t.Resolve(); err != nil {
		return nil, c.located(err)
	}
	return &Network{
		Topology: t, Params: quantise.Params{Input: o.Input.Scale * c.scale, Layers: c.params},
		Producer: m.producer, Opset: int(m.opset), ChannelsLast: c.last,
	}, nil
}

// located is an error of a topology as one of the node that the layer is of.
func (c *converter) located(err error) error {
	e, ok := errors.AsType[*topology.Error](err)
	if !ok || c.sources[e.Layer] == nil {
		return fmt.Errorf("onnx: %w", err)
	}
	return c.sources[e.Layer].of(wrong(e.Field, e.Want, e.Got))
}
