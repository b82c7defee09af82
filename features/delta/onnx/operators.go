package onnx

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// operators are those of values that depend on the input, each with what makes layers of
// it.
var operators = map[string]func(*converter, *node) (value, error){
	"Add": (*converter).sum, "AveragePool": (*converter).averagePool, "BatchNormalization": (*converter).normalise,
	"Conv": (*converter).convolve, "Dropout": (*converter).dropout, "Flatten": (*converter).flatten, "Gemm": (*converter).gemm,
	"GlobalAveragePool": (*converter).globalAveragePool, "Identity": (*converter).identity, "MatMul": (*converter).matMul,
	"MaxPool": (*converter).maxPool, "Relu": (*converter).relu, "Reshape": (*converter).reshape,
	"Transpose": (*converter).transpose, "Sum": (*converter).sum, "Softmax": (*converter).softmax, "LogSoftmax": (*converter).softmax,
	"Cast": (*converter).cast, "Clip": (*converter).clip, "Div": (*converter).scaled, "Max": (*converter).clip, "Mul": (*converter).scaled,
	"Pad": (*converter).pad, "ReduceMean": (*converter).reduceMean, "Sigmoid": (*converter).softmax, "Squeeze": (*converter).squeeze,
	"Sub": (*converter).scaled, "Unsqueeze": (*converter).squeeze,
}

// folders are those of constants; Shape's result is one whatever it takes.
var folders = map[string]func(*converter, *node) (*constant, error){
	"Constant": (*converter).foldConstant, "Identity": (*converter).foldSame, "Cast": (*converter).foldCast,
	"Transpose": (*converter).foldTranspose, "Reshape": (*converter).foldReshape, "Shape": (*converter).foldShape,
	"Gather": (*converter).foldGather, "Unsqueeze": (*converter).foldAxes, "Squeeze": (*converter).foldAxes,
	"Concat": (*converter).foldConcat, "Slice": (*converter).foldSlice,
}

// supportedNames are those of all operators, for errors.
func supportedNames() string {
	var only []string
	for op := range folders {
		if operators[op] == nil {
			only = append(only, op)
		}
	}
	slices.Sort(only)
	layers := slices.DeleteFunc(slices.Sorted(maps.Keys(operators)), func(op string) bool { return slices.Contains(atTheEnd, op) })
	return strings.Join(layers, ", ") + " (at the end also " + strings.Join(atTheEnd, ", ") + "; of constants also " + strings.Join(only, ", ") + ")"
}

// identity does nothing.
func (c *converter) identity(n *node) (value, error) { return c.data(n, 0) }

// dropout does nothing in inference.
func (c *converter) dropout(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	return v, c.inference(n, 2)
}

// inference refuses nodes that would train: by an attribute or, from some version of an
// operator on, by an input.
func (c *converter) inference(n *node, input int) error {
	training, err := n.integer("training_mode", 0)
	if err != nil {
		return err
	}
	if c.opset < 7 {
		test, err := n.integer("is_test", 0)
		if err != nil {
			return err
		}
		training = 1 - min(test, 1)
	}
	if input > 0 && n.input(input) != "" {
		k, err := c.constant(n, input)
		if err != nil {
			return err
		}
		for _, v := range k.values {
			if v != 0 {
				training = 1
			}
		}
	}
	if training != 0 {
		return wrong("", "a network exported for inference", "a node in training")
	}
	return nil
}

// cast to floats of any size changes nothing: values are computed with more bits than any has.
func (c *converter) cast(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	to, err := n.integer("to", 0)
	if err != nil {
		return v, err
	}
	if format, known := types[to]; !known || format.whole {
		return v, wrong("to", "a type of floats", fmt.Sprintf("data type %d", to))
	}
	return v, nil
}

// relu is a ReLU, and a delta activation behind it.
func (c *converter) relu(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	return c.rectify(n, v)
}

// clip is a ReLU where there is no upper bound; so is the maximum with 0.
func (c *converter) clip(n *node) (value, error) {
	data := 0
	if _, ok := c.values[n.input(0)]; !ok && n.op == "Max" {
		data = 1
	}
	v, err := c.data(n, data)
	if err != nil {
		return v, err
	}
	bounds := [2]float64{math.Inf(-1), math.Inf(1)}
	if n.op == "Max" {
		if len(n.inputs) != 2 {
			return v, wrong("", "two inputs", fmt.Sprint(len(n.inputs)))
		}
		err = c.bound(n, 1-data, &bounds[0])
	} else {
		for i, name := range []string{"min", "max"} {
			if bounds[i], err = n.float(name, bounds[i]); err != nil { // until version 10
				return v, err
			}
			if n.input(i+1) == "" {
				continue
			}
			if err = c.bound(n, i+1, &bounds[i]); err != nil {
				return v, err
			}
		}
	}
	switch {
	case err != nil:
		return v, err
	case bounds[0] != 0 || bounds[1] < math.MaxFloat32:
		found := fmt.Sprintf("%v to %v", bounds[0], bounds[1])
		if bounds[0] == 0 && bounds[1] == 6 {
			found = "a ReLU6, " + found
		}
		return v, hinted(wrong("bounds", "0 and none above, which is a ReLU", found), "no layer here has an upper bound: train the network with a ReLU")
	}
	return c.rectify(n, v)
}

// bound reads a constant of one number.
func (c *converter) bound(n *node, i int, to *float64) error {
	k, err := c.constant(n, i)
	if err != nil {
		return err
	}
	if len(k.values) != 1 {
		return wrong(fmt.Sprintf("input %d", i), "one number", fmt.Sprintf("sizes %v", k.dims))
	}
	*to = k.values[0]
	return nil
}

func (c *converter) rectify(n *node, v value) (value, error) {
	var err error
	if v.layer, err = c.add(n, topology.Layer{Kind: topology.ReLU}, v); err != nil {
		return v, err
	}
	v.shared = false
	if c.options.Deltas == Nowhere || n.outputs[0] == c.output || c.dropped(n.outputs[0]) {
		return v, nil
	}
	return c.delta(n, v)
}

// dropped tells whether what a result goes into leaves it as the output.
func (c *converter) dropped(name string) bool {
	for i := range c.graph.nodes {
		n := &c.graph.nodes[i]
		if c.leavesOut(n) && n.input(0) == name && c.takers[name] == 1 {
			return true
		}
	}
	return false
}

// atTheEnd are the operators that can be left out there.
var atTheEnd = []string{"LogSoftmax", "Sigmoid", "Softmax"}

func (c *converter) leavesOut(n *node) bool {
	return c.options.Logits && slices.Contains(atTheEnd, n.op) && len(n.outputs) > 0 && n.outputs[0] == c.output
}

// softmax is left out at the end, where that is wanted.
func (c *converter) softmax(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	if !c.leavesOut(n) {
		if n.outputs[0] == c.output {
			return v, hinted(wrong("", "the sums in front of it at the end", n.op), "Options.Logits, --logits of the command, leaves it out, which changes no decision")
		}
		return v, hinted(wrong("", "a supported operator", n.op+" within the network"), hints[n.op])
	}
	if n.op == "Sigmoid" {
		return v, nil
	}
	axis, err := n.integer("axis", -1)
	if err != nil {
		return v, err
	}
	if len(v.dims) != 1 || v.turned || axis != -1 && axis != 1 {
		return v, wrong("axis", "that of the features of [batch feature]", fmt.Sprintf("axis %d of a frame of sizes %v", axis, v.dims))
	}
	return v, nil
}
