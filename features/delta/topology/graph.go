package topology

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/saccade-dev/saccade/features/delta/window"
)

// Node is the input or a layer, with what follows from its place in the network.
type Node struct {
	Layer            // of the input only the name, and Kind is ""
	From, With int   // the nodes that it takes; With is -1 but for add
	Takers     []int // the nodes that take it
	In, Out    Shape
	Per        Per           // how many values of its output share a scale at least
	Window     window.Window // of convolutions and pooling
}

// Graph is a topology whose layers fit each other.
type Graph struct {
	Topology Topology // with all defaults filled in
	Nodes    []Node   // Nodes[0] is the input, Nodes[i+1] is layer i
}

// Last is the node whose output is the network's.
func (g *Graph) Last() *Node { return &g.Nodes[len(g.Nodes)-1] }

// WeightsLen is the number of weights of a node: [out][in] of a linear layer,
// [out][in/groups][kernel height][kernel width] of a convolution.
func (n *Node) WeightsLen() int {
	switch n.Kind {
	case Linear:
		return n.Out.Channels * n.In.Channels
	case Conv2D:
		return n.Out.Channels * n.FanIn()
	default:
		return 0
	}
}

// FanIn is how many inputs an output of a layer with weights sums up.
func (n *Node) FanIn() int {
	if n.Kind == Conv2D {
		return n.In.Channels / n.Groups * n.Kernel[0] * n.Kernel[1]
	}
	return n.In.Channels
}

// DenseMACs is how many multiply-adds the node takes where every input is multiplied
// with every weight that it meets. What a convolution would multiply with its padding
// is not counted.
func (n *Node) DenseMACs() int64 {
	switch n.Kind {
	case Linear:
		return int64(n.In.Channels) * int64(n.Out.Channels)
	case Conv2D:
		return n.Window.Pairs() * int64(n.In.Channels) * int64(n.Out.Channels/n.Groups)
	default:
		return 0
	}
}

// Keep is how many values a topk keeps: its k, or the nearest whole number to its share
// of them, which is 1 at least.
func (n *Node) Keep() int {
	if n.K > 0 {
		return n.K
	}
	return max(int(math.Round(n.Share*float64(n.Out.Len()))), 1)
}

var validName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]*$`)

// Resolve checks that the layers fit each other and infers their shapes. An error is
// an [*Error] and names the layer.
func (t *Topology) Resolve() (*Graph, error) {
	g := &Graph{Topology: Topology{Name: t.Name, Input: t.Input, Layers: slices.Clone(t.Layers)}}
	if e := checkInput(t); e != nil {
		return nil, e
	}
	if len(t.Layers) < 1 || len(t.Layers) > MaxLayers {
		return nil, fail(-1, "layers", fmt.Sprintf("1 to %d layers", MaxLayers), strconv.Itoa(len(t.Layers)))
	}
	index := map[string]int{InputName: 0}
	g.Nodes = append(g.Nodes, Node{Layer: Layer{Name: InputName}, From: -1, With: -1, In: t.Input.Shape, Out: t.Input.Shape, Per: PerLayer})
	neurons, weights := t.Input.Len(), 0
	for i := range g.Topology.Layers {
		l := &g.Topology.Layers[i]
		*l = l.complete()
		n, e := g.node(i, l, index)
		if e != nil {
			e.Layer = l.Name
			return nil, e
		}
		neurons += n.Out.Len()
		weights += n.WeightsLen()
		switch {
		case neurons > MaxNeurons:
			return nil, fail(i, "", fmt.Sprintf("at most %d values in all layers", MaxNeurons), fmt.Sprintf("%d up to layer %s", neurons, l.Name))
		case weights > MaxWeights:
			return nil, fail(i, "", fmt.Sprintf("at most %d weights in all layers", MaxWeights), fmt.Sprintf("%d up to layer %s", weights, l.Name))
		}
		index[l.Name] = i + 1
		g.Nodes = append(g.Nodes, n)
		for _, from := range []int{n.From, n.With} {
			if from >= 0 {
				g.Nodes[from].Takers = append(g.Nodes[from].Takers, i+1)
			}
		}
	}
	for i := range g.Nodes[:len(g.Nodes)-1] {
		if len(g.Nodes[i].Takers) == 0 {
			e := fail(i-1, "", "a layer that takes its output, as it is not the last", "none")
			e.Layer = g.Nodes[i].Name
			return nil, e
		}
	}
	return g, nil
}

func checkInput(t *Topology) *Error {
	in := t.Input
	switch {
	case in.Channels < 1 || in.Channels > MaxOut:
		return fail(-1, "input.channels", fmt.Sprintf("1 to %d", MaxOut), strconv.Itoa(in.Channels))
	case in.Height < 1 || in.Height > MaxSide:
		return fail(-1, "input.height", fmt.Sprintf("1 to %d", MaxSide), strconv.Itoa(in.Height))
	case in.Width < 1 || in.Width > MaxSide:
		return fail(-1, "input.width", fmt.Sprintf("1 to %d", MaxSide), strconv.Itoa(in.Width))
	case in.Len() > MaxNeurons:
		return fail(-1, "input", fmt.Sprintf("at most %d values", MaxNeurons), strconv.Itoa(in.Len()))
	case in.Min < -MaxLevels || in.Min > 0:
		return fail(-1, "input.min", fmt.Sprintf("%d to 0", -MaxLevels), strconv.Itoa(in.Min))
	case in.Max < 1 || in.Max > MaxLevels:
		return fail(-1, "input.max", fmt.Sprintf("1 to %d", MaxLevels), strconv.Itoa(in.Max))
	case t.Name != "" && (len(t.Name) > maxName || !validName.MatchString(t.Name)):
		return fail(-1, "name", wantName, strconv.Quote(short(t.Name)))
	}
	return nil
}

const wantName = "a letter, then letters, digits, and any of _ . -, at most 64"

// node makes the node of layer i.
func (g *Graph) node(i int, l *Layer, index map[string]int) (Node, *Error) {
	n := Node{Layer: *l, From: i, With: -1}
	if len(l.Name) > maxName || !validName.MatchString(l.Name) {
		return n, fail(i, "name", wantName, strconv.Quote(short(l.Name)))
	}
	if _, taken := index[l.Name]; taken {
		return n, fail(i, "name", "a name of its own", strconv.Quote(l.Name)+", which is taken")
	}
	if l.From != "" {
		from, ok := index[l.From]
		if !ok {
			return n, fail(i, "from", "the name of a layer before it", strconv.Quote(short(l.From)))
		}
		n.From = from
	}
	if l.Kind == Add {
		with, ok := index[l.With]
		if !ok {
			return n, fail(i, "with", "the name of a layer before it", strconv.Quote(short(l.With)))
		}
		n.With = with
	}
	n.In, n.Out, n.Per = g.Nodes[n.From].Out, g.Nodes[n.From].Out, g.Nodes[n.From].Per
	return n, n.infer(i, g)
}

// kinds are the types of layers, for errors.
var kinds = []Kind{Linear, Conv2D, AvgPool, MaxPool, ReLU, Add, Flatten, Delta, Threshold, Sigma, TopK, Cut}

func kindNames() string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}
