package onnx

import (
	"fmt"
	"maps"
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
	return strings.Join(slices.Sorted(maps.Keys(operators)), ", ") + " (and of constants also " + strings.Join(only, ", ") + ")"
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

// relu is a ReLU, and a delta activation behind it.
func (c *converter) relu(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
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

func (c *converter) leavesOut(n *node) bool {
	return c.options.Logits && (n.op == "Softmax" || n.op == "LogSoftmax") && len(n.outputs) > 0 && n.outputs[0] == c.output
}

// softmax is left out at the end, where that is wanted.
func (c *converter) softmax(n *node) (value, error) {
	v, err := c.data(n, 0)
	if err != nil {
		return v, err
	}
	if !c.leavesOut(n) {
		want := "none, or one at the end, with the option to leave it out (logits)"
		return v, wrong("", want, fmt.Sprintf("%s, which a network of integers has not", n.op))
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
