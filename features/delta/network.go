package delta

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Params are the numbers of a layer. Which of them there are depends on its type.
type Params struct {
	// Weights8 or Weights16, by the layer's format: [out][in] of a linear layer,
	// [out][in/groups][kernel height][kernel width] of a convolution. The least value
	// of the format is not used.
	Weights8  []int8
	Weights16 []int16
	// Bias is one for each output channel, in the units of the sums. It is what sums
	// begin with, and no part of any change.
	Bias []int32

	// Requant makes levels, of a delta activation or a threshold: one for all neurons,
	// one for each channel, or one for each neuron, [channel][row][column].
	Requant []Requant

	// Multiply, of add, is what the values of its input and of the other one are
	// multiplied by, to be in one unit: one number for all channels or one for each.
	Multiply [2][]int32

	// Bound, of a cut: values of a smaller magnitude become 0. Weigh, of a topk: a value
	// counts by its magnitude times that, as values of several units have to be compared.
	// Either is one number for all values, one for each channel, or one for each value,
	// [channel][row][column].
	Bound, Weigh []int32
}

// Scales say what levels stand for. The arithmetic has no use for them.
type Scales struct {
	Input  float64   // what a level of the input is worth
	Output []float64 // what a unit of the output is worth: one number, one a channel, or one a value
	// Sums are, of each layer with weights in their order, what a unit of its sums is worth: one
	// number or one a channel. With them, integers can be taken back to the real numbers that
	// they were made of. Nil where that is not known, as of networks that were trained elsewhere.
	Sums [][]float64
}

// Network is a delta network in integers. It does not change, and any number of
// engines may run it at once.
type Network struct {
	graph  *topology.Graph
	params []Params // of each node; none of the input's
	bounds []Bounds // of each node's values
	scales Scales
	plans  []plan

	once   sync.Once
	digest [32]byte
}

// New checks that the parameters, one for each layer, are those of the topology, and
// that no sum can leave 32 bits whatever the input: an error names the layer. It keeps
// the slices.
func New(t *topology.Topology, params []Params, scales Scales) (*Network, error) {
	g, err := t.Resolve()
	if err != nil {
		return nil, fmt.Errorf("delta network: %w", err)
	}
	if len(params) != len(t.Layers) {
		return nil, fmt.Errorf("delta network: expected parameters of %d layers, found of %d", len(t.Layers), len(params))
	}
	n := &Network{graph: g, params: append([]Params{{}}, params...), scales: scales}
	n.bounds = make([]Bounds, len(g.Nodes))
	n.bounds[0] = Bounds{int64(t.Input.Min), int64(t.Input.Max)}
	for i := range g.Nodes[1:] {
		node, p := &g.Nodes[i+1], &n.params[i+1]
		err := p.check(node)
		if err == nil {
			n.bounds[i+1], err = n.prove(node, p)
		}
		if err != nil {
			return nil, fmt.Errorf("delta network: layer %s: %w", node.Name, err)
		}
	}
	if err := scales.check(g); err != nil {
		return nil, fmt.Errorf("delta network: %w", err)
	}
	n.plans = make([]plan, len(g.Nodes))
	for i := range g.Nodes {
		n.plans[i] = newPlan(&g.Nodes[i], &n.params[i])
	}
	return n, nil
}

// Topology is that of the network, with all defaults filled in.
func (n *Network) Topology() *topology.Topology { return &n.graph.Topology }

// Graph is the topology with its shapes.
func (n *Network) Graph() *topology.Graph { return n.graph }

// Params are those of a layer, by its index; they must not be changed.
func (n *Network) Params(layer int) *Params { return &n.params[layer+1] }

// Bounds are the least and the largest value that a layer can give, by its index; -1 is
// the input.
func (n *Network) Bounds(layer int) Bounds { return n.bounds[layer+1] }

// Scales are what levels stand for.
func (n *Network) Scales() Scales { return n.scales }

// Real turns values of the output into what they stand for, appended to dst.
func (n *Network) Real(dst []float64, output []int32) []float64 {
	shape := n.graph.Last().Out
	for i, v := range output {
		dst = append(dst, float64(v)*n.scales.Output[i*len(n.scales.Output)/shape.Len()])
	}
	return dst
}

func (s Scales) check(g *topology.Graph) error {
	out := g.Last().Out
	if err := checkCount("scales of the output", len(s.Output), true, 1, out.Channels, out.Len()); err != nil {
		return err
	}
	for _, v := range append([]float64{s.Input}, s.Output...) {
		if !(v > 0) || math.IsInf(v, 1) {
			return fmt.Errorf("scales: expected numbers above 0, found %v", v)
		}
	}
	return s.checkSums(g)
}

func (s Scales) checkSums(g *topology.Graph) error {
	if s.Sums == nil {
		return nil
	}
	rest := s.Sums
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if !n.Kind.Weighted() {
			continue
		}
		if len(rest) == 0 {
			return fmt.Errorf("layer %s: scales of sums: expected those of every layer with weights, found of %d", n.Name, len(s.Sums))
		}
		if err := checkCount("scales of sums", len(rest[0]), true, 1, n.Out.Channels); err != nil {
			return fmt.Errorf("layer %s: %w", n.Name, err)
		}
		for _, v := range rest[0] {
			if !(v > 0) || math.IsInf(v, 1) {
				return fmt.Errorf("layer %s: scales of sums: expected numbers above 0, found %v", n.Name, v)
			}
		}
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return fmt.Errorf("scales of sums: expected those of %d layers with weights, found of %d", len(s.Sums)-len(rest), len(s.Sums))
	}
	return nil
}

// check tells whether the parameters are those of a node.
func (p *Params) check(n *topology.Node) error {
	var want8, want16, wantBias int
	if n.Kind.Weighted() {
		if n.Weights == topology.Int16 {
			want16 = n.WeightsLen()
		} else {
			want8 = n.WeightsLen()
		}
		if !n.NoBias {
			wantBias = n.Out.Channels
		}
	}
	switch {
	case len(p.Weights8) != want8:
		return fmt.Errorf("expected %d weights of 8 bits, found %d", want8, len(p.Weights8))
	case len(p.Weights16) != want16:
		return fmt.Errorf("expected %d weights of 16 bits, found %d", want16, len(p.Weights16))
	case len(p.Bias) != wantBias:
		return fmt.Errorf("expected %d biases, found %d", wantBias, len(p.Bias))
	case slices.Contains(p.Weights8, math.MinInt8) || slices.Contains(p.Weights16, math.MinInt16):
		return fmt.Errorf("expected weights from %d to %d, found %d", -n.Weights.Largest(), n.Weights.Largest(), -n.Weights.Largest()-1)
	}
	if err := checkCount("requantisations", len(p.Requant), n.Kind.Quantises(), 1, n.Out.Channels, n.Out.Len()); err != nil {
		return err
	}
	for i, r := range p.Requant {
		if !r.valid() {
			return fmt.Errorf("requantisation %d: expected a multiplier from %d and a shift from 1 to 62, found %d and %d", i, 1<<30, r.Mul, r.Shift)
		}
	}
	for _, c := range []struct {
		what  string
		of    topology.Kind
		least int32
		got   []int32
	}{{"bounds", topology.Cut, 0, p.Bound}, {"weights of magnitudes", topology.TopK, 1, p.Weigh}} {
		if err := checkCount(c.what, len(c.got), n.Kind == c.of, 1, n.Out.Channels, n.Out.Len()); err != nil {
			return err
		}
		if len(c.got) > 0 && slices.Min(c.got) < c.least {
			return fmt.Errorf("%s: expected numbers from %d, found %d", c.what, c.least, slices.Min(c.got))
		}
	}
	for _, m := range p.Multiply {
		if err := checkCount("multipliers", len(m), n.Kind == topology.Add, 1, n.Out.Channels); err != nil {
			return err
		}
		if len(m) > 0 && slices.Min(m) < 1 {
			return fmt.Errorf("multipliers: expected numbers from 1, found %d", slices.Min(m))
		}
	}
	return nil
}

func checkCount(what string, got int, there bool, want ...int) error {
	if !there {
		want = []int{0}
	}
	if !slices.Contains(want, got) {
		return fmt.Errorf("%s: expected one of %d, found %d", what, want, got)
	}
	return nil
}

// weight is one of a layer's, whatever its format.
func (p *Params) weight(i int) int32 {
	if p.Weights16 != nil {
		return int32(p.Weights16[i])
	}
	return int32(p.Weights8[i])
}

// bias is that of an output channel.
func (p *Params) bias(channel int) int32 {
	if p.Bias == nil {
		return 0
	}
	return p.Bias[channel]
}
