package delta

import (
	"fmt"

	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/hw"
)

// Mode says how layers with weights compute. The results are the same bits.
type Mode uint8

// The modes.
const (
	// Auto adds what changed, unless multiplying the inputs that are not zero is less work.
	Auto Mode = iota
	// AlwaysDelta always adds what changed.
	AlwaysDelta
	// AlwaysDense multiplies all inputs, zeros too: what a network costs that knows
	// nothing of sparsity, for comparisons.
	AlwaysDense
)

// Options choose how an engine works, none of which changes a result.
type Options struct {
	Mode Mode
	// LookMACs is how many multiply-adds take as long as looking at an input to see
	// whether it is zero, which is what multiplying the inputs costs besides. 0 stands for
	// DefaultLookMACs on every target, so that what is counted does not depend on the
	// target either.
	LookMACs float64
	// Device has the layers with weights that a device can hold run on it, where the target is an
	// [hw.DeltaOpener]; everything else runs on its kernels. Such layers always add what changed. The engine
	// must be closed.
	Device bool
}

// DefaultLookMACs is from where multiplying the inputs of a layer of 256x1156 took no
// longer than adding its changes: where 50 more inputs changed than there were with AVX2,
// 80 with AVX-512, none in portable Go, which are 11, 17 and 0 multiply-adds a look. Where
// it is another, the form chosen is sometimes the slower one of two that are close.
const DefaultLookMACs = 12

// tapMACs is how many multiply-adds take as long as making a tap of a convolution and
// beginning with it: about 10 ns, of channels as many as 16 to 64.
const tapMACs = 360

// Engine runs a network on changes: it remembers every layer's sums, and adds to them
// what changed in the layer's inputs. Its results are those of [Dense], bit for bit,
// on every target. It is used by one goroutine at a time.
type Engine struct {
	net     *Network
	target  hw.Target
	options Options

	stages  []stage // the input first
	of      []*base // the stage that has a node's values
	input   *input
	last    *base
	steps   uint64
	output  []int32    // of the last step, [channel][row][column]
	frame   []hw.Delta // of the output
	outside []int32    // of the output's values, nil for the same
	device  *device    // nil where there is none
	list    func(list []hw.Delta, before, now []int32, first int32) (n, nonzero int, least, largest int32)
}

// NewEngine makes an engine of a network on a target.
func NewEngine(n *Network, target hw.Target) (*Engine, error) {
	return NewEngineWith(n, target, Options{})
}

// NewEngineWith makes an engine that works as told.
func NewEngineWith(n *Network, target hw.Target, o Options) (*Engine, error) {
	if err := target.Usable(); err != nil {
		return nil, fmt.Errorf("delta network: device %s cannot be used here: %w", target.Name(), err)
	}
	k := target.Kernels()
	if k == nil || k.Delta.Columns8 == nil || k.Delta.Changes == nil || k.Delta.Levels == nil {
		return nil, fmt.Errorf("delta network: device %s has no kernels of delta networks", target.Name())
	}
	if o.Mode > AlwaysDense || !(o.LookMACs >= 0) {
		return nil, fmt.Errorf("delta network: options: expected a known mode and multiply-adds from 0, found %d and %v", o.Mode, o.LookMACs)
	}
	if o.LookMACs == 0 {
		o.LookMACs = DefaultLookMACs
	}
	e := &Engine{net: n, target: target, options: o, list: k.Delta.Changes, of: make([]*base, len(n.graph.Nodes))}
	e.build(&k.Delta)
	for _, s := range e.stages {
		s.ready()
		b := s.common()
		b.counters.Layer, b.counters.Neurons = b.node.Name, len(b.out)
		b.counters.StateBytes = 4 * len(b.out)
	}
	for _, s := range e.stages {
		if before := beforeOf(s); before != nil {
			s.common().counters.StateBytes += 4 * len(before)
		}
	}
	if o.Device {
		if err := e.openDevice(); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Network is what the engine runs.
func (e *Engine) Network() *Network { return e.net }

// Step computes the output of an input, both [channel][row][column]. The output is
// overwritten by the next step. An input of another length, or with a value out of
// range, is an error and changes nothing.
func (e *Engine) Step(input []int32) ([]int32, error) {
	in := e.net.graph.Topology.Input
	if err := e.deviceFailed(); err != nil {
		return nil, err
	}
	if len(input) != len(e.input.out) {
		return nil, errLength(len(e.input.out), len(input))
	}
	if err := e.input.take(input, in); err != nil {
		return nil, err
	}
	if err := e.step(); err != nil {
		return nil, err
	}
	put(e.output, e.last.out, e.outside)
	return e.output, nil
}

// StepChanges takes a frame of changes of the input and gives the frame of changes of
// the output, with the indices of [channel][row][column]. The frame given is
// overwritten by the next step. A frame with an index or a value out of range is an
// error and changes nothing.
func (e *Engine) StepChanges(frame []hw.Delta) ([]hw.Delta, error) {
	in := e.net.graph.Topology.Input
	if err := e.deviceFailed(); err != nil {
		return nil, err
	}
	if len(frame) > in.Len() {
		return nil, fmt.Errorf("delta network: expected at most %d changes, found %d", in.Len(), len(frame))
	}
	if err := e.input.takeChanges(frame, in); err != nil {
		return nil, err
	}
	if err := e.step(); err != nil {
		return nil, err
	}
	if e.outside == nil {
		n, _, _, _ := e.list(e.frame[:cap(e.frame)], e.output, e.last.out, 0)
		return e.frame[:n], nil
	}
	e.frame = e.frame[:0]
	for i, v := range e.last.out {
		at := e.outside[i]
		if old := e.output[at]; v != old {
			e.frame = append(e.frame, hw.Delta{Index: at, Value: v - old})
			e.output[at] = v
		}
	}
	return e.frame, nil
}

// Output are the values that the last step gave, [channel][row][column]. They are
// overwritten by the next step.
func (e *Engine) Output() []int32 { return e.output }

// put copies values to the order outside.
func put(to, values, outside []int32) {
	if outside == nil {
		copy(to, values)
		return
	}
	for i, at := range outside {
		to[at] = values[i]
	}
}

// Values are a copy of those of a layer, by its index, after the last step:
// [channel][row][column]; -1 is the input. They are nil of a ReLU that is part of the
// delta activation behind it.
func (e *Engine) Values(layer int) []int32 {
	n := &e.net.graph.Nodes[layer+1]
	b := e.of[layer+1]
	if n.Kind == topology.ReLU && b.node != n {
		return nil
	}
	out := make([]int32, len(b.out))
	put(out, b.out, e.net.plans[layer+1].outside)
	return out
}

func (e *Engine) step() error {
	for _, s := range e.stages {
		b := s.common()
		b.counters.FanOut = 0
		s.run()
		b.count()
		if err := e.deviceFailed(); err != nil {
			return err
		}
	}
	e.steps++
	return nil
}

// Reset goes back to before the first step, counters included.
func (e *Engine) Reset() {
	for _, s := range e.stages {
		b := s.common()
		clear(b.out)
		clear(beforeOf(s))
		b.changes, b.spans, b.nonzero = b.changes[:0], b.spans[:0], 0
		c := &b.counters
		*c = LayerCounters{Layer: c.Layer, Neurons: c.Neurons, DenseMACs: c.DenseMACs, StateBytes: c.StateBytes}
		if w := weightedOf(s); w != nil {
			w.restart()
			w.fresh = true
			w.device.stale()
		}
	}
	e.steps = 0
	clear(e.output)
}

func weightedOf(s stage) *weighted {
	switch s := s.(type) {
	case *linear[int8]:
		return &s.weighted
	case *linear[int16]:
		return &s.weighted
	case *conv[int8]:
		return &s.weighted
	case *conv[int16]:
		return &s.weighted
	default:
		return nil
	}
}

// beforeOf is what a stage compares its sums with, nil where it does not.
func beforeOf(s stage) []int32 {
	if w := weightedOf(s); w != nil {
		return w.before
	}
	if p, ok := s.(*avgPool); ok {
		return p.before
	}
	return nil
}
