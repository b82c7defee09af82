package decide

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
)

// Network is a delta network with what goes in, and what its outputs stand for. It does
// not change, and any number of deciders may use it at once.
type Network struct {
	// Frames is what the network is given, complete.
	Frames frames.Config
	Net    *delta.Network
	// Labels are what the outputs stand for, one for each, in their order.
	Labels []string
	// Interval calibrates decisions from one frame, Whole those from all frames so far,
	// by their number. Nil where they are not calibrated.
	Interval, Whole *readout.Schedule
}

// The bounds of labels.
const (
	MaxLabels = 1 << 12
	maxLabel  = 255 // bytes
)

// Validate tells whether the parts of the network fit each other.
func (n *Network) Validate() error {
	if n.Net == nil {
		return errors.New("expected a network, found none")
	}
	if err := n.Frames.Validate(); err != nil {
		return err
	}
	if err := CheckInput(n.Frames, n.Net.Topology().Input); err != nil {
		return err
	}
	return n.validateLabels()
}

// CheckInput tells whether a network with such an input can be given frames: planes of
// their size, or as many values in a row, and their levels.
func CheckInput(c frames.Config, in topology.Input) error {
	c = c.Canonical()
	whole := topology.Shape{Channels: c.Planes(), Height: c.Rows(), Width: c.Columns()}
	flat := topology.Shape{Channels: c.Len(), Height: 1, Width: 1}
	if in.Shape != whole && in.Shape != flat || in.Min > 0 || in.Max < c.Levels {
		return fmt.Errorf("the network's input does not fit the frames: expected %d planes of %dx%d (width x height), or %d values, and levels from 0 or less to %d or more, found %d planes of %dx%d and levels %d to %d",
			whole.Channels, whole.Width, whole.Height, flat.Channels, c.Levels, in.Channels, in.Width, in.Height, in.Min, in.Max)
	}
	return nil
}

func (n *Network) validateLabels() error {
	if outputs := n.Net.Graph().Last().Out.Len(); len(n.Labels) != outputs || outputs > MaxLabels {
		return fmt.Errorf("labels: expected %d, one for each output, and at most %d, found %d", outputs, MaxLabels, len(n.Labels))
	}
	seen := make(map[string]bool, len(n.Labels))
	for i, l := range n.Labels {
		if l == "" || len(l) > maxLabel || !utf8.ValidString(l) {
			return fmt.Errorf("label %d: expected 1 to %d bytes of UTF-8, found %.300q", i, maxLabel, l)
		}
		if seen[l] {
			return fmt.Errorf("label %d: %q stands twice", i, l)
		}
		seen[l] = true
	}
	return nil
}

// Complete fills in what follows of frames from the layers in front of them: the
// geometry and the number of features. Of raw events the first layer's geometry is all
// that matters.
func Complete(c frames.Config, layers []stack.Config) (frames.Config, error) {
	if len(layers) == 0 {
		return c, errors.New("frames: expected layers to complete them by, found none")
	}
	c.Width, c.Height = layers[0].Feast.Width, layers[0].Feast.Height // events keep their pixels
	if c.Source == frames.Features {
		at := Layer(c, len(layers))
		if at < 0 || at >= len(layers) {
			return c, fmt.Errorf("frames: layer %d: expected 1 to %d, or 0 for the last", c.Layer, len(layers))
		}
		c.Features = layers[at].Feast.Features()
	}
	c = c.Canonical()
	return c, c.Validate()
}

// Layer is the index, from 0, of the layer whose winners frames are made of, where
// there are so many; -1 for raw events.
func Layer(c frames.Config, layers int) int {
	switch {
	case c.Source != frames.Features:
		return -1
	case c.Layer == 0:
		return layers - 1
	default:
		return c.Layer - 1
	}
}
