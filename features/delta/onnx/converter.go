package onnx

import (
	"errors"
	"fmt"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// value is a result of a node that depends on the input.
type value struct {
	layer  string // the layer that gives it
	dims   []int  // of one frame, as the file has it: [channel row column], [row column] or [feature]
	order  order  // of the file beside that of the layer
	pads   [4]int // zeros around it that are in dims and not in the layer: top, left, bottom, right
	turned bool   // a matrix whose second axis is the batch
	levels bool   // what it holds are levels, or sums of few of them
	shared bool   // several nodes take it, or it is the output
}

// converter goes through a graph, in the order of the file, which is one in which every
// node stands behind those that it takes.
type converter struct {
	graph   *graph
	opset   int64
	options Options

	values    map[string]value
	constants map[string]*constant
	broken    map[string]bool // results of nodes that were refused
	takers    map[string]int  // how many nodes take a result
	left      int             // values that constants may still have
	weights   int             // of all layers
	unknown   bool            // a node was of an operator that is not supported
	batch     int64           // of the input; -1 where it is open
	fixed     bool            // a layer takes the input, whose sizes then stay as they are
	scale     float64         // what the file multiplies the input with
	last      bool            // the file's input has its channels last

	layers  []topology.Layer
	params  map[string]quantise.Layer
	sources map[string]*node  // of layers
	deltas  map[string]string // put behind a layer
	input   topology.Shape
	output  string

	inputName string
	names     map[string]bool
}

func newConverter(m *model, o Options) (*converter, error) {
	c := &converter{
		graph: m.graph, opset: m.opset, options: o, left: maxValues, scale: 1,
		values: map[string]value{}, constants: map[string]*constant{}, broken: map[string]bool{}, takers: map[string]int{},
		params: map[string]quantise.Layer{}, sources: map[string]*node{}, deltas: map[string]string{},
		names: map[string]bool{topology.InputName: true},
	}
	if len(m.graph.outputs) != 1 {
		return nil, fmt.Errorf("onnx: expected a graph of one output, found %d%s", len(m.graph.outputs), named(m.graph.outputs))
	}
	c.output = m.graph.outputs[0].name
	return c, c.takeInput()
}

// run goes through the nodes that the output needs. What is wrong with any of them is
// told together.
func (c *converter) run() error {
	needed, err := c.needed()
	if err != nil {
		return err
	}
	in := c.values[c.inputName]
	in.shared = c.takers[c.inputName] > 1
	c.values[c.inputName] = in
	var errs []error
	for _, n := range needed {
		if err := c.node(n); err != nil {
			errs = append(errs, n.of(err))
			for _, out := range n.outputs {
				c.broken[out] = true
			}
		}
	}
	if len(errs) > 0 {
		return c.told(errs)
	}
	switch v, ok := c.values[c.output]; {
	case !ok:
		return fmt.Errorf("onnx: output %s: expected a result that depends on the input, found none", short(c.output))
	case v.turned:
		return fmt.Errorf("onnx: output %s: expected [batch feature], found the transposed", short(c.output))
	case !v.order.straight():
		return fmt.Errorf("onnx: output %s: expected channels first, found them last, of a frame of sizes %v", short(c.output), v.dims)
	case v.pads != [4]int{}:
		return fmt.Errorf("onnx: output %s: expected a result of a layer, found that of a Pad", short(c.output))
	}
	return nil
}

// needed are the nodes that the output depends on, in the order of the file.
func (c *converter) needed() ([]*node, error) {
	makes := map[string]*node{}
	for i := range c.graph.nodes {
		n := &c.graph.nodes[i]
		for _, out := range n.outputs {
			if out == "" {
				continue
			}
			if makes[out] != nil {
				return nil, n.of(wrong("output "+short(out), "a name of its own", fmt.Sprintf("that of an output of node %d", makes[out].at)))
			}
			makes[out] = n
		}
	}
	marked := make([]bool, len(c.graph.nodes))
	c.takers[c.output] = 2 // so that nothing is folded into what is seen outside
	for rest := []string{c.output}; len(rest) > 0; {
		n := makes[rest[len(rest)-1]]
		rest = rest[:len(rest)-1]
		if n == nil || marked[n.at] {
			continue
		}
		marked[n.at] = true
		rest = append(rest, n.inputs...)
		if n.op == "Shape" {
			continue // it takes sizes, and no values
		}
		for _, in := range n.inputs {
			c.takers[in]++
		}
	}
	var out []*node
	for i := range c.graph.nodes {
		if marked[i] {
			out = append(out, &c.graph.nodes[i])
		}
	}
	return out, nil
}

// node takes one node.
func (c *converter) node(n *node) error {
	do, fold := operators[n.op], folders[n.op]
	if do == nil && fold == nil || !isDefault(n.domain) {
		return c.unsupported(n)
	}
	constants := true
	for _, in := range n.inputs {
		switch _, data := c.values[in]; {
		case in == "":
		case c.broken[in]:
			// It was told of the node in front.
			for _, out := range n.outputs {
				c.broken[out] = true
			}
			return nil
		case data:
			constants = false
		case c.constants[in] == nil && c.graph.constants[in] == nil:
			return wrong("input "+short(in), "a constant, the graph's input or a result of a node before it", "none of that name")
		}
	}
	if len(n.outputs) == 0 || n.outputs[0] == "" {
		return wrong("", "an output", "none")
	}
	for _, out := range n.outputs[1:] {
		if c.takers[out] > 0 {
			return wrong("output "+short(out), "no node that takes another output than the first", fmt.Sprint(c.takers[out]))
		}
	}
	if fold != nil && (constants || n.op == "Shape") {
		k, err := fold(c, n)
		if err != nil {
			return err
		}
		if c.left -= len(k.values); c.left < 0 {
			return wrong("", fmt.Sprintf("at most %d values in all constants", maxValues), "more")
		}
		c.constants[n.outputs[0]] = k
		return nil
	}
	if do == nil {
		return wrong("", n.op+" of constants", "a result that depends on the network's input")
	}
	v, err := do(c, n)
	if err != nil {
		return err
	}
	if _, fits := lengthOf(v.dims); !fits {
		return wrong("", fmt.Sprintf("at most %d values in a frame", topology.MaxNeurons), fmt.Sprintf("sizes %v", v.dims))
	}
	v.shared = v.shared || c.takers[n.outputs[0]] > 1
	c.values[n.outputs[0]] = v
	return nil
}

// told joins errors, the first ones, and says once what is supported where that is asked.
func (c *converter) told(errs []error) error {
	errs = bounded(errs)
	if c.unknown {
		errs = append(errs, errors.New("onnx: supported operators: "+supportedNames()))
	}
	return errors.Join(errs...)
}

func (c *converter) unsupported(n *node) error {
	found, hint := operator(n.op), hints[n.op]
	if !isDefault(n.domain) {
		found += " of domain " + short(n.domain)
		hint = "export the network with operators of ONNX alone, and without a runtime's optimisations"
	}
	c.unknown = true
	return hinted(wrong("", "a supported operator", found), hint)
}

// data is an input that depends on the network's input.
func (c *converter) data(n *node, i int) (value, error) {
	v, ok := c.values[n.input(i)]
	if !ok {
		return v, wrong(fmt.Sprintf("input %d", i), "a result that depends on the network's input", short(n.input(i)))
	}
	return v, c.unpadded(n, v)
}

// unpadded refuses zeros around a frame, which only the windows of some layers have room for.
func (c *converter) unpadded(n *node, v value) error {
	if v.pads == [4]int{} || slices.Contains(takePads, n.op) {
		return nil
	}
	return wrong("input 0", "a Conv or an AveragePool right behind a Pad, whose padding it becomes", "another operator")
}

// constant is an input that does not.
func (c *converter) constant(n *node, i int) (*constant, error) {
	name := n.input(i)
	if name == "" {
		return nil, wrong(fmt.Sprintf("input %d", i), "a constant", "none")
	}
	if k := c.constants[name]; k != nil {
		return k, nil
	}
	t := c.graph.constants[name]
	if t == nil {
		return nil, wrong(fmt.Sprintf("input %d", i), "a constant", short(name))
	}
	k, err := t.read(c.left)
	if err != nil {
		return nil, err
	}
	c.left -= len(k.values)
	c.constants[name] = k
	return k, nil
}
