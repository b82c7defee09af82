package train

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// network is a topology with its numbers in the form that is computed with. Computing
// changes nothing in it.
type network struct {
	graph  *topology.Graph
	input  float64 // what a level of the input is worth
	layers []layer // of each node; nil for the input and for what hands on what it is given
	of     []int   // the node that holds a node's values: its own, or what it hands on
	needs  []bool  // whether the gradient of a node's values is asked for

	// numbers are all weights, then all biases; gradients lie the same.
	// Weights of linear layers are [in][out], so that an input that is zero leaves out a row.
	numbers []float32
	weights int     // how many of them are weights
	values  int     // of all nodes
	chunk   int     // how many steps are computed at once, if no sequence is longer
	at      []place // of each node

	steps  []float64 // of all quantising layers; 0 before they are known
	floors []float64 // the least each may become
	bounds []float64 // of each node, those of cuts
}

// place is where a node's numbers are.
type place struct{ weights, bias, steps, count int }

// newNetwork lays out a topology; all numbers are zero.
func newNetwork(t *topology.Topology) (*network, error) {
	g, err := t.Resolve()
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	n := &network{graph: g, at: make([]place, len(g.Nodes)), of: make([]int, len(g.Nodes)), needs: make([]bool, len(g.Nodes))}
	n.layers, n.bounds = make([]layer, len(g.Nodes)), make([]float64, len(g.Nodes))
	biases, steps := 0, 0
	for i := range g.Nodes {
		node, at := &g.Nodes[i], &n.at[i]
		n.values += node.Out.Len()
		at.weights = n.weights
		n.weights += node.WeightsLen()
		at.bias = biases
		if node.Kind.Weighted() && !node.NoBias {
			biases += node.Out.Channels
		}
		at.steps = steps
		if node.Kind.Quantises() {
			at.count = node.Step.Of(node.Out)
			steps += at.count
		}
	}
	for i := range n.at {
		n.at[i].bias += n.weights
	}
	n.chunk = min(max(chunkValues/n.values, 1), chunkRows)
	n.numbers = make([]float32, n.weights+biases)
	n.steps, n.floors = make([]float64, steps), make([]float64, steps)
	for i := range g.Nodes {
		if err := n.lay(i); err != nil {
			return nil, fmt.Errorf("train: layer %s: %w", g.Nodes[i].Name, err)
		}
	}
	return n, nil
}

// lay makes the layer of a node.
func (n *network) lay(i int) error {
	node := &n.graph.Nodes[i]
	n.of[i] = i
	if i == 0 {
		return nil
	}
	c := common{node: node, index: i, from: n.of[node.From]}
	n.needs[i] = n.needs[c.from]
	switch node.Kind {
	case topology.Linear:
		n.layers[i] = &linear{common: c}
	case topology.Conv2D:
		n.layers[i] = newConvolution(c)
	case topology.AvgPool:
		n.layers[i] = &avgPool{c}
	case topology.MaxPool:
		n.layers[i] = &maxPool{c}
	case topology.ReLU:
		n.layers[i] = &relu{c}
	case topology.Add:
		n.layers[i] = &add{c, n.of[node.With]}
		n.needs[i] = n.needs[i] || n.needs[n.of[node.With]]
	case topology.Delta:
		n.layers[i] = &activation{c}
	case topology.Threshold:
		n.layers[i] = &threshold{c}
	case topology.Cut:
		n.layers[i] = &cut{c}
	case topology.TopK:
		n.layers[i] = &topK{c}
	case topology.Flatten, topology.Sigma:
		n.of[i], n.needs[i] = c.from, n.needs[c.from]
	default:
		return fmt.Errorf("type: %q cannot be trained", node.Kind)
	}
	// The steps of a delta activation over the bare input are of use as well.
	n.needs[i] = n.needs[i] || node.Kind.Weighted() || node.Kind == topology.Delta
	return nil
}

// initialise draws weights as He et al. 2015 (arXiv:1502.01852): with a variance of 2
// over the number of inputs that an output sums up, here uniformly. Biases are zero.
func (n *network) initialise(seed uint64) {
	for i := range n.graph.Nodes {
		node := &n.graph.Nodes[i]
		if !node.Kind.Weighted() {
			continue
		}
		// A source a layer, so that a layer begins the same whatever the others are.
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		bound := math.Sqrt(6 / float64(node.FanIn()))
		w := n.weightsOf(i)
		for k := range w {
			w[k] = float32(float64(bound*2)*rng.Float64() - bound)
		}
	}
}

// weightsOf are the weights of a node.
func (n *network) weightsOf(i int) []float32 {
	return n.numbers[n.at[i].weights:][:n.graph.Nodes[i].WeightsLen()]
}

// biasRange is where the biases of a node are among the numbers; none where it has none.
func (n *network) biasRange(i int) (from, to int) {
	node := &n.graph.Nodes[i]
	if !node.Kind.Weighted() || node.NoBias {
		return n.at[i].bias, n.at[i].bias
	}
	return n.at[i].bias, n.at[i].bias + node.Out.Channels
}

// stepsOf are the steps of a node.
func (n *network) stepsOf(i int) []float64 { return n.steps[n.at[i].steps:][:n.at[i].count] }

// outputs is how many values the network gives.
func (n *network) outputs() int { return n.graph.Last().Out.Len() }

// put takes parameters over. Steps may be missing.
func (n *network) put(p *quantise.Params) {
	n.input = p.Input
	for i := range n.graph.Nodes {
		node := &n.graph.Nodes[i]
		l := p.Layers[node.Name]
		w := n.weightsOf(i)
		for k, v := range l.Weights {
			if node.Kind == topology.Linear {
				k = k%node.In.Channels*node.Out.Channels + k/node.In.Channels
			}
			w[k] = float32(v)
		}
		from, _ := n.biasRange(i)
		for k, v := range l.Bias {
			n.numbers[from+k] = float32(v)
		}
		copy(n.stepsOf(i), l.Steps)
		n.bounds[i] = l.Bound
	}
}

// params are the numbers as other packages take them.
func (n *network) params() quantise.Params {
	p := quantise.Params{Input: n.input, Layers: map[string]quantise.Layer{}}
	for i := range n.graph.Nodes {
		node := &n.graph.Nodes[i]
		var l quantise.Layer
		w := n.weightsOf(i)
		for k := range w {
			if node.Kind == topology.Linear {
				k = k%node.In.Channels*node.Out.Channels + k/node.In.Channels
			}
			l.Weights = append(l.Weights, float64(w[k]))
		}
		for from, to := n.biasRange(i); from < to; from++ {
			l.Bias = append(l.Bias, float64(n.numbers[from]))
		}
		// Layers whose steps are not known yet have none.
		if s := n.stepsOf(i); len(s) > 0 && s[0] > 0 {
			l.Steps = append(l.Steps, s...)
		}
		l.Bound = n.bounds[i]
		if l.Weights != nil || l.Steps != nil || l.Bound != 0 {
			p.Layers[node.Name] = l
		}
	}
	return p
}
