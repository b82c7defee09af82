package lava

import (
	"crypto/sha256"
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/delta/window"
	"github.com/saccade-dev/saccade/hw"
)

const (
	inputShift = 12 // of inputs, biases and thresholds
	sentShift  = 6  // of what is sent
	convBits   = 24 // of sums of convolutions
)

// Network is a sigma-delta network at work. It is used by one goroutine at a time.
type Network struct {
	input   topology.Input
	first   sender
	entered Counters // of the input
	inside  []int32  // of inputs, in the order of memory
	layers  []*layer
	last    topology.Node
	output  []int32

	fingerprint [sha256.Size]byte // of topology, weights and biases
}

// sender is a delta: it remembers all that it sent.
type sender struct {
	threshold int32
	sent      []int32
	changes   []hw.Delta // that go on in this step
}

// New makes a network of a topology and the arrays with its weights.
func New(t *topology.Topology, arrays npz.Archive, target hw.Target) (*Network, error) {
	if err := target.Usable(); err != nil {
		return nil, fmt.Errorf("lava: device %s cannot be used here: %w", target.Name(), err)
	}
	k := target.Kernels()
	if k == nil || k.Delta.Columns8 == nil {
		return nil, fmt.Errorf("lava: device %s has no kernels of delta networks", target.Name())
	}
	g, err := t.Resolve()
	if err != nil {
		return nil, fmt.Errorf("lava: %w", err)
	}
	n, err := build(g, arrays, &k.Delta)
	if err != nil {
		return nil, fmt.Errorf("lava: %w", err)
	}
	h := sha256.New()
	h.Write([]byte(g.Topology.String() + "\x00"))
	for _, l := range n.layers {
		h.Write(appendValues(nil, l.bias))
		h.Write(l.raw)
		l.raw = nil
	}
	h.Sum(n.fingerprint[:0])
	return n, nil
}

// build goes through the nodes, which have to come in the order that the package says.
func build(g *topology.Graph, arrays npz.Archive, k *hw.DeltaKernels) (*Network, error) {
	for i := range g.Nodes[1:] {
		if n := &g.Nodes[i+1]; n.From != i {
			return nil, fmt.Errorf("layer %s: expected a layer that takes the one before it, found one that takes %s", n.Name, g.Nodes[n.From].Name)
		}
	}
	rest := nodes{g.Nodes[1:]}
	out := &Network{input: g.Topology.Input}
	delta, err := rest.take("a delta of the input", topology.Delta, topology.Threshold)
	if err != nil {
		return nil, err
	}
	out.first, out.entered = newSender(delta, delta.Out.Len()), inputCounters(delta.Out.Len())
	out.inside = window.Outside(delta.Out.Channels, delta.Out.Height*delta.Out.Width)
	for {
		var flat *topology.Node
		if rest.next(topology.Flatten) {
			flat, _ = rest.take("", topology.Flatten)
		}
		node, err := rest.take("linear or conv2d", topology.Linear, topology.Conv2D)
		if err != nil {
			return nil, err
		}
		l, err := newLayer(node, flat, arrays, k)
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", node.Name, err)
		}
		out.layers = append(out.layers, l)
		if rest.next(topology.Sigma) {
			out.last = *node
			break
		}
		if _, err := rest.take("relu, or sigma of the last layer", topology.ReLU); err != nil {
			return nil, err
		}
		if delta, err = rest.take("delta or threshold", topology.Delta, topology.Threshold); err != nil {
			return nil, err
		}
		l.sender = newSender(delta, node.Out.Len())
		l.counters.StateBytes += valueBytes * node.Out.Len()
	}
	if len(rest.list) > 1 {
		return nil, fmt.Errorf("layer %s: expected nothing behind sigma", rest.list[1].Name)
	}
	out.output = make([]int32, out.last.Out.Len())
	return out, nil
}

// nodes are those that are still to be built.
type nodes struct{ list []topology.Node }

func (n *nodes) next(kind topology.Kind) bool { return len(n.list) > 0 && n.list[0].Kind == kind }

func (n *nodes) take(want string, kinds ...topology.Kind) (*topology.Node, error) {
	for _, k := range kinds {
		if n.next(k) {
			node := &n.list[0]
			n.list = n.list[1:]
			return node, nil
		}
	}
	if len(n.list) == 0 {
		return nil, fmt.Errorf("expected %s, found the end of the layers", want)
	}
	return nil, fmt.Errorf("layer %s: expected %s, found %s", n.list[0].Name, want, n.list[0].Kind)
}

func newSender(n *topology.Node, values int) sender {
	return sender{
		threshold: int32(n.Threshold) << inputShift,
		sent:      make([]int32, values), changes: make([]hw.Delta, 0, values),
	}
}

// begin forgets what was listed in the step before.
func (s *sender) begin() { s.changes = s.changes[:0] }

// offer sends what a value has become, if that is enough of a change.
func (s *sender) offer(i int, a int32) {
	d := a - s.sent[i]
	if d == 0 || d < s.threshold && -d < s.threshold {
		return
	}
	s.sent[i] = a
	if v := d >> sentShift; v != 0 {
		s.changes = append(s.changes, hw.Delta{Index: int32(i), Value: v})
	}
}

// Input is what a step takes.
func (n *Network) Input() topology.Input { return n.input }

// Output is the shape of what a step gives.
func (n *Network) Output() topology.Shape { return n.last.Out }

// Delay is how many steps what has been put in takes to come out: one a layer with weights.
func (n *Network) Delay() int { return len(n.layers) }

// Step takes a time step: [channel][row][column] in, and so out, overwritten by the next
// step. What has just been put in comes out as many steps later as there are layers.
func (n *Network) Step(input []int32) ([]int32, error) {
	if len(input) != n.input.Len() {
		return nil, fmt.Errorf("lava: expected an input of %d values, found %d", n.input.Len(), len(input))
	}
	for i, v := range input {
		if int(v) < n.input.Min || int(v) > n.input.Max {
			return nil, fmt.Errorf("lava: value %d of the input: expected %d to %d, found %d", i, n.input.Min, n.input.Max, v)
		}
	}
	n.first.begin()
	for i := range input {
		from := i
		if n.inside != nil {
			from = int(n.inside[i])
		}
		n.first.offer(i, input[from]<<inputShift)
	}
	changes := n.first.changes
	n.entered.send(len(changes))
	for _, l := range n.layers {
		changes = l.step(changes)
	}
	l := n.layers[len(n.layers)-1]
	for i, at := range l.order {
		n.output[at] = l.sigma[i]
	}
	return n.output, nil
}

// Reset goes back to before the first step.
func (n *Network) Reset() {
	clear(n.first.sent)
	n.entered.clear()
	for _, l := range n.layers {
		clear(l.sent)
		clear(l.sigma)
		clear(l.sums)
		l.pending = false
		l.counters.clear()
	}
}

// wrap is a number's lowest bits, with sign.
func wrap(v int32) int32 { return v << (32 - convBits) >> (32 - convBits) }

// bytes8 are weights or biases as int8.
func bytes8(a *npz.Array, name string) ([]int8, error) {
	values, err := a.Ints(math.MinInt8, math.MaxInt8)
	if err != nil {
		return nil, fmt.Errorf("array %s: %w", name, err)
	}
	out := make([]int8, len(values))
	for i, v := range values {
		out[i] = int8(v)
	}
	return out, nil
}
