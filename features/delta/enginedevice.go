package delta

import (
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// device is what holds an engine's layers with weights, or some of them.
type device struct {
	engine hw.DeltaEngine
	layers []int // their nodes
	err    error // of the call that failed, behind which sums are not known any more
}

// deviceLayer is one of them.
type deviceLayer struct {
	device *device
	number int
	loaded bool // the device has the sums that the host has
}

// maxWordsOfChange is how many words a change of a layer's input may need on a device at the most. A device's changes
// have 16 bits; those of levels need three at the most, those of averages and residual sums can need any number.
const maxWordsOfChange = 8

// ErrNoDeviceLayers is the error of an engine whose network has no layer that a device could hold.
var ErrNoDeviceLayers = errors.New("delta network: none of its layers can run on a device")

// openDevice gives the layers that a device can hold to the target.
func (e *Engine) openDevice() error {
	opener, ok := e.target.(hw.DeltaOpener)
	if !ok {
		return fmt.Errorf("delta network: device %s takes no layers of delta networks", e.target.Name())
	}
	if e.options.Mode == AlwaysDense {
		return errors.New("delta network: options: a device adds what changed, and is never dense")
	}
	var d device
	var layers []hw.DeltaLayer
	for i := range e.net.graph.Nodes {
		if shape, ok := e.net.deviceShape(i); ok {
			layers = append(layers, hw.DeltaLayer{DeltaShape: shape, Weights: e.net.plans[i].wide()})
			d.layers = append(d.layers, i)
		}
	}
	if len(layers) == 0 {
		return ErrNoDeviceLayers
	}
	var err error
	if d.engine, err = opener.OpenDelta(layers); err != nil {
		return fmt.Errorf("delta network: device %s: layers %s to %s: %w", e.target.Name(),
			e.net.graph.Nodes[d.layers[0]].Name, e.net.graph.Nodes[d.layers[len(d.layers)-1]].Name, err)
	}
	e.takeDevice(&d)
	return nil
}

// deviceShape is that of a node, if a device could hold it: a linear layer, or a convolution of 3x3 with one stride and
// one padding, whose input has no more values and no larger changes than words have bits for.
func (n *Network) deviceShape(i int) (s hw.DeltaShape, ok bool) {
	node := &n.graph.Nodes[i]
	switch node.Kind {
	case topology.Linear:
		s = hw.DeltaShape{Kind: hw.DeltaLinear, Channels: node.In.Channels, Height: 1, Width: 1, Outputs: node.Out.Channels}
	case topology.Conv2D:
		p := node.Padding[0]
		if node.Kernel != [2]int{3, 3} || node.Groups != 1 || node.Stride[0] != node.Stride[1] || node.Padding != [4]int{p, p, p, p} {
			return s, false
		}
		s = hw.DeltaShape{
			Kind: hw.DeltaConv3x3, Channels: node.In.Channels, Height: node.In.Height, Width: node.In.Width,
			Outputs: node.Out.Channels, Stride: node.Stride[0], Padding: p,
		}
	default:
		return s, false
	}
	const largest = 1<<15 - 2
	b := n.bounds[node.From].with(0)
	return s, s.Validate() == nil && b.Max-b.Min <= maxWordsOfChange*largest
}

// wide are a layer's weights in 16 bits.
func (p *plan) wide() []int16 {
	if p.weights16 != nil {
		return p.weights16
	}
	out := make([]int16, len(p.weights8))
	for i, w := range p.weights8 {
		out[i] = int16(w)
	}
	return out
}

// takeDevice has layers run on a device, which gets their sums before it is asked for anything; nil is none.
func (e *Engine) takeDevice(d *device) {
	if d == nil {
		return
	}
	e.device = d
	for number, i := range d.layers {
		w := weightedOf(e.stageOf(i))
		w.device = &deviceLayer{device: d, number: number}
		w.counters.StateBytes += 4 * len(w.out) // the device has them as well
	}
}

// stageOf is the stage of a node that has one of its own.
func (e *Engine) stageOf(node int) stage {
	for _, s := range e.stages {
		if s.common() == e.of[node] {
			return s
		}
	}
	return nil
}

// deviceFailed is the error of the device, nil where all is well.
func (e *Engine) deviceFailed() error {
	if e.device == nil {
		return nil
	}
	return e.device.err
}

// stale notes that the host has made other sums.
func (l *deviceLayer) stale() {
	if l != nil {
		l.loaded = false
	}
}

// runOnDevice adds what changed. An error is kept for the engine, which asks behind every layer.
func (w *weighted) runOnDevice() {
	l := w.device
	if l.device.err != nil {
		return
	}
	w.all, w.fresh = w.all || w.fresh, false
	if !l.loaded {
		if l.device.err = w.fail(l.device.engine.Load(l.number, w.out)); l.device.err != nil {
			return
		}
		l.loaded = true
	}
	channels := w.node.Out.Channels
	l.device.err = w.fail(l.device.engine.Add(l.number, w.in.changes, w.out, func(from, to int) {
		for pixel := from / channels; pixel*channels < to; pixel++ {
			w.mark[pixel] = true
		}
	}))
}

func (w *weighted) fail(err error) error {
	if err != nil {
		return fmt.Errorf("delta network: layer %s: %w", w.node.Name, err)
	}
	return nil
}

// Device tells what the engine's device has counted since it was opened, and how many layers it has; ok is false where
// there is none.
func (e *Engine) Device() (c hw.DeltaCounters, layers int, ok bool, err error) {
	if e.device == nil {
		return c, 0, false, nil
	}
	if err := e.deviceFailed(); err != nil {
		return c, 0, true, err
	}
	c, err = e.device.engine.Counters()
	return c, len(e.device.layers), true, err
}

// Close gives the engine's device back; the engine cannot step any more. Engines without a device need not be closed.
func (e *Engine) Close() error {
	if e.device == nil {
		return nil
	}
	if e.device.err == nil {
		e.device.err = errClosed
	}
	return e.device.engine.Close()
}

var errClosed = errors.New("delta network: the engine is closed")
