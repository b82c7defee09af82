package onnx_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/saccade-dev/saccade/features/delta/onnx"
)

// What is not supported is told with the node, what was expected and what was found.
func TestRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	image, flat := []int{1, 4, 6, 6}, []int{1, 5}
	relu := op{kind: "Relu", in: []string{"x"}, out: "h"}
	for name, c := range map[string]struct {
		g    *net
		says string
	}{
		"operator":             {single("Tanh", image, nil), `node 0 (Tanh of "x"): expected a supported operator, found Tanh (delta networks have ReLU alone: train the network with it)`},
		"domain":               {chain(13, flat, nil, op{kind: "Relu", domain: "com.example", in: []string{"x"}, out: "y"}), `found Relu of domain "com.example" (export the network with operators of ONNX alone`},
		"input":                {single("Relu", []int{1, 3, 0, 6}, nil), `input "x": axis 2: expected a fixed size from 1 to 1048576`},
		"no input axes":        {single("Relu", []int{4}, nil), "expected a tensor of 2 to 4 axes"},
		"large input":          {single("Relu", []int{1, 1 << 20, 1 << 20, 1 << 20}, nil), "expected at most 16777216 values in a frame"},
		"old opset":            {&net{opset: 5, input: flat, output: "x"}, "the default operator set: expected version 6 to 28, found 5"},
		"new opset":            {&net{opset: 29, input: flat, output: "x"}, "found 29"},
		"nothing":              {&net{opset: 9, input: flat, output: "x"}, "layers: expected 1 to 256 layers"},
		"output":               {&net{opset: 9, input: flat, output: "y"}, `output "y": expected a result that depends on the input, found none`},
		"constant output":      {chain(9, flat, nil, op{kind: "Constant", out: "y", attributes: with("value", ints{1})}), `output "y": expected a result`},
		"unknown name":         {chain(9, flat, nil, op{kind: "Add", in: []string{"x", "z"}, out: "y"}), `input "z": expected a constant, the graph's input or a result of a node before it`},
		"order":                {chain(9, flat, nil, op{kind: "Relu", in: []string{"h"}, out: "y"}, relu, op{kind: "Relu", in: []string{"y"}, out: "z"}), `node 0 (Relu of "h"): input "h"`},
		"name twice":           {chain(9, flat, nil, relu, relu), `output "h": expected a name of its own`},
		"dilations":            {single("Conv", image, with("dilations", []int{1, 2}), filled(rng, 2, 4, 2, 2)), "dilations: expected 1, found [1 2]"},
		"dilated pool":         {single("MaxPool", image, with("kernel_shape", []int{2, 2}, "dilations", []int{2, 2})), "dilations: expected 1"},
		"conv weights":         {single("Conv", image, nil, filled(rng, 2, 3, 2, 2)), "of 4 channels in 1 groups, found sizes [2 3 2 2]"},
		"conv of one axis":     {single("Conv", []int{1, 4, 6}, nil, filled(rng, 2, 4, 2)), "expected [batch channel row column], found a frame of sizes [4 6]"},
		"conv bias":            {single("Conv", image, nil, filled(rng, 2, 4, 2, 2), filled(rng, 3)), "bias: expected 2 numbers, found sizes [3]"},
		"conv group":           {single("Conv", image, with("group", 3), filled(rng, 3, 1, 2, 2)), "of 4 channels in 3 groups"},
		"conv outputs":         {single("Conv", image, with("group", 2), filled(rng, 3, 2, 2, 2)), "groups: expected a divisor of the 4 channels"},
		"kernel":               {single("Conv", image, nil, filled(rng, 2, 4, 7, 7)), "kernel_shape: expected at most the padded frame's 6, found 7"},
		"kernel_shape":         {single("Conv", image, with("kernel_shape", []int{3, 3}), filled(rng, 2, 4, 2, 2)), "kernel_shape: expected that of the weights, [2 2], found [3 3]"},
		"pads":                 {single("Conv", image, with("pads", []int{2, 0, 0, 0}), filled(rng, 2, 4, 2, 2)), "padding: expected less than the kernel's height of 2, found 2"},
		"negative pads":        {single("Conv", image, with("pads", []int{-1, 0, 0, 0}), filled(rng, 2, 4, 2, 2)), "pads: expected numbers from 0 to 8192, found -1"},
		"strides":              {single("Conv", image, with("strides", []int{0, 1}), filled(rng, 2, 4, 2, 2)), "strides: expected numbers from 1"},
		"strides of one axis":  {single("MaxPool", image, with("kernel_shape", []int{2, 2}, "strides", []int{2})), "strides: expected 2 numbers, for rows and columns, found 1"},
		"auto_pad":             {single("MaxPool", image, with("kernel_shape", []int{2, 2}, "auto_pad", "SOME")), `auto_pad: expected NOTSET, VALID, SAME_UPPER or SAME_LOWER, found "SOME"`},
		"kind of an attribute": {single("MaxPool", image, with("kernel_shape", 2)), "kernel_shape: expected an attribute of type 7, found type 2"},
		"no kernel":            {single("MaxPool", image, nil), "kernel_shape: expected two sizes, found none"},
		"average of padding":   {single("AveragePool", image, with("kernel_shape", []int{3, 3}, "pads", []int{1, 1, 1, 1})), "count_include_pad: expected 1, or no padding"},
		"average beyond":       {single("AveragePool", image, with("kernel_shape", []int{4, 4}, "strides", []int{4, 4}, "ceil_mode", 1)), "ceil_mode: expected windows within the padded frame"},
		"gemm of a frame":      {single("Gemm", image, nil, filled(rng, 6, 3)), "expected [batch feature]: a Flatten before it, found a frame of sizes [4 6 6]"},
		"gemm rows":            {single("Gemm", flat, with("transB", 1), filled(rng, 5, 3)), "B: expected a matrix of 5 columns, found sizes [5 3]"},
		"gemm transA":          {single("Gemm", flat, with("transA", 1), filled(rng, 5, 3)), "transA: expected 0, or 1 where the input is transposed, found 1"},
		"gemm bias":            {single("Gemm", flat, nil, filled(rng, 5, 3), filled(rng, 5)), "expected one number, or one for each of the 3 channels of sizes [1 3], found sizes [5]"},
		"weights on the left":  {chain(9, flat, map[string]any{"w": filled(rng, 5, 5)}, op{kind: "MatMul", in: []string{"w", "x"}, out: "y"}), "input 0: expected weights on the right"},
		"transposed output":    {single("Transpose", flat, nil), `output "y": expected [batch feature], found the transposed`},
		"channels last":        {single("Transpose", image, with("perm", []int{0, 2, 3, 1})), `output "y": expected channels first, found them last, of a frame of sizes [6 6 4]`},
		"rows for columns":     {single("Transpose", image, with("perm", []int{0, 1, 3, 2})), "perm: expected a matrix that is transposed, or channels that are put last or first again, found axes [0 1 3 2]"},
		"product of results":   {chain(9, flat, nil, op{kind: "MatMul", in: []string{"x", "x"}, out: "y"}), `input 1: expected a constant, found "x"`},
		"bias of columns": {chain(9, image, map[string]any{"w": filled(rng, 6, 4, 1, 1), "b": filled(rng, 6)}, op{kind: "Conv", in: []string{"x", "w"}, out: "h"},
			op{kind: "Add", in: []string{"h", "b"}, out: "y"}), "expected one number, or one for each of the 6 channels of sizes [1 6 6 6], found sizes [6]"},
		"sizes of a sum": {chain(9, flat, map[string]any{"w": filled(rng, 5, 4)}, op{kind: "MatMul", in: []string{"x", "w"}, out: "h"},
			op{kind: "Add", in: []string{"h", "x"}, out: "y"}), "expected two results of the same sizes, found frames of sizes [4] and [5]"},
		"sum of three":  {chain(9, flat, nil, op{kind: "Sum", in: []string{"x", "x", "x"}, out: "y"}), "expected two inputs, found 3"},
		"flatten axis":  {single("Flatten", image, with("axis", 2)), "axis: expected 1, which leaves frames apart, found 2"},
		"reshape":       {single("Reshape", image, nil, ints{1, 4, 36}), "shape: expected one that makes frames of sizes [4 6 6] flat, [batch 144], found [1 4 36]"},
		"reshape batch": {single("Reshape", image, nil, ints{2, -1}), "found [2 -1]"},
		"training":      {single("Dropout", image, nil, tensor{[]int{1}, []float64{0.5}}, tensor{[]int{1}, []float64{1}}), "expected a network exported for inference, found a node in training"},
		"softmax":       {single("Softmax", flat, nil), `node 0 (Softmax of "x"): expected the sums in front of it at the end, found Softmax (Options.Logits, --logits of the command, leaves it out, which changes no decision)`},
		"inner softmax": {chain(13, flat, nil, op{kind: "Softmax", in: []string{"x"}, out: "h"}, op{kind: "Relu", in: []string{"h"}, out: "y"}), "found Softmax within the network (it depends on all values of a frame"},
		"inner sigmoid": {chain(13, flat, nil, op{kind: "Sigmoid", in: []string{"x"}, out: "h"}, op{kind: "Relu", in: []string{"h"}, out: "y"}), "found Sigmoid within the network (delta networks have ReLU alone"},
		"relu6":         {single("Clip", flat, nil, tensor{nil, []float64{0}}, tensor{nil, []float64{6}}), "bounds: expected 0 and none above, which is a ReLU, found a ReLU6, 0 to 6 (no layer here has an upper bound: train the network with a ReLU)"},
		"old relu6":     {chain(9, flat, nil, op{kind: "Clip", in: []string{"x"}, out: "y", attributes: with("min", 0.0, "max", 6.0)}), "found a ReLU6, 0 to 6"},
		"clip":          {single("Clip", flat, nil, tensor{nil, []float64{-1}}), "found -1 to +Inf"},
		"clip of many":  {single("Clip", flat, nil, filled(rng, 5)), "input 1: expected one number, found sizes [5]"},
		"maximum":       {single("Max", flat, nil, tensor{nil, []float64{1}}), "found 1 to +Inf"},
		"pad of ones":   {padded(image, ints{0, 0, 1, 1, 0, 0, 1, 1}, tensor{nil, []float64{1}}), "pads: expected zeros around rows and columns"},
		"pad of edges":  {single("Pad", image, with("mode", "edge"), ints{0, 0, 1, 1, 0, 0, 1, 1}), `of mode "edge"`},
		"pad channels":  {single("Pad", image, nil, ints{0, 1, 0, 0, 0, 1, 0, 0}), "found [0 1 0 0 0 1 0 0]"},
		"crop":          {single("Pad", image, nil, ints{0, 0, -1, 0, 0, 0, 0, 0}), "pads: expected numbers from 0 to 8192, found -1"},
		"pad alone":     {single("Pad", image, nil, ints{0, 0, 1, 1, 0, 0, 1, 1}), "expected a result of a layer, found that of a Pad"},
		"pad and pool": {chain(13, image, map[string]any{"p": ints{0, 0, 1, 1, 0, 0, 1, 1}}, op{kind: "Pad", in: []string{"x", "p"}, out: "h"},
			op{kind: "MaxPool", in: []string{"h"}, out: "y", attributes: with("kernel_shape", []int{2, 2})}), "expected a Conv or an AveragePool right behind a Pad"},
		"mean of channels":  {single("ReduceMean", image, with("axes", []int{1})), "axes: expected the rows and columns of [batch channel row column], found axes [1]"},
		"product":           {chain(13, flat, nil, op{kind: "Mul", in: []string{"x", "x"}, out: "y"}), "expected a constant on one side"},
		"divided by":        {chain(13, flat, map[string]any{"k": filled(rng, 5)}, op{kind: "Div", in: []string{"k", "x"}, out: "y"}), "input 1: expected a constant to divide by"},
		"divided by 0":      {single("Div", flat, nil, tensor{nil, []float64{0}}), "input 1: expected numbers other than 0, found 0"},
		"factor of columns": {chain(13, image, map[string]any{"k": filled(rng, 6)}, op{kind: "Relu", in: []string{"x"}, out: "h"}, op{kind: "Mul", in: []string{"h", "k"}, out: "y"}), "one for each of the 4 channels of sizes [1 4 6 6]"},
		"cast":              {single("Cast", flat, with("to", 6)), "to: expected a type of floats, found data type 6"},
		"squeeze":           {single("Squeeze", image, nil, ints{2}), "axes: expected axes of one of [4 6 6], found [2]"},
		"unsqueeze":         {single("Unsqueeze", image, nil, ints{0}), "axes: expected those that leave frames of sizes [4 6 6] as they are, or flat, found [0]"},
		"lstm":              {single("LSTM", flat, nil), "found LSTM (networks are run frame by frame, and remember nothing)"},
		"quantised":         {single("QLinearConv", image, nil), "found QLinearConv (export the network in floats"},
		"gather of data": {
			chain(9, flat, map[string]any{"i": ints{0}}, op{kind: "Gather", in: []string{"x", "i"}, out: "y"}),
			"expected Gather of constants, found a result that depends on the network's input",
		},
		"variance": {chain(9, flat, map[string]any{"w": filled(rng, 5, 1), "one": filled(rng, 1), "v": tensor{[]int{1}, []float64{-1}}}, op{kind: "MatMul", in: []string{"x", "w"}, out: "h"},
			op{kind: "BatchNormalization", in: []string{"h", "one", "one", "one", "v"}, out: "y"}), "expected variances above 0 with epsilon, found -1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.Read(c.g.bytes(), asItIs)
			require.ErrorContains(t, err, c.says)
		})
	}
	_, err := onnx.Read(single("Relu", flat, nil).bytes(), onnx.Options{Input: onnx.Input{Max: 1}})
	require.ErrorContains(t, err, "what a level of the input is worth: expected a number above 0, found 0")
	_, err = onnx.Read(single("Relu", flat, nil).bytes(), onnx.Options{Input: onnx.Input{Max: 0, Scale: 1}})
	require.ErrorContains(t, err, "input.max: expected 1 to 32767, found 0")
}

// padded is a network of a Pad with a value.
func padded(input []int, pads ints, value tensor) *net {
	return single("Pad", input, nil, pads, value)
}

// All nodes that are wrong are told at once, but not those that only take their results, and
// not without an end.
func TestAllThatIsWrong(t *testing.T) {
	g := chain(13, []int{1, 4, 4, 4}, nil,
		op{kind: "Gelu", name: "first", in: []string{"x"}, out: "a"}, op{kind: "Relu", in: []string{"a"}, out: "b"},
		op{kind: "MaxPool", name: "third", in: []string{"x"}, out: "c", attributes: with("kernel_shape", []int{9, 9})},
		op{kind: "Tanh", name: "fourth", in: []string{"c"}, out: "d"}, op{kind: "Add", in: []string{"b", "d"}, out: "y"})
	_, err := onnx.Read(g.bytes(), asItIs)
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 4)
	require.Regexp(t, `^onnx: supported operators: Add, AveragePool, .*, Unsqueeze \(at the end also LogSoftmax, Sigmoid, Softmax; of constants also Concat, .*\)$`, lines[3])
	require.Contains(t, lines[0], `onnx: node 0 "first" (Gelu of "x"): `)
	require.Contains(t, lines[1], `onnx: node 2 "third" (MaxPool of "x"): kernel_shape`)
	require.Contains(t, lines[2], `onnx: node 3 "fourth" (Tanh of "c"): `)
	e, ok := errors.AsType[*onnx.NodeError](err)
	require.True(t, ok)
	require.Equal(t, 0, e.Position)
	require.Equal(t, "Gelu", e.Op)

	many := &net{opset: 13, input: []int{1, 4}}
	for i := range 100 {
		many.ops = append(many.ops, op{kind: "Nothing", in: []string{"x"}, out: "r" + strings.Repeat("i", i+1)})
	}
	last := op{kind: "Concat", out: "y"}
	for i := range many.ops {
		last.in = append(last.in, many.ops[i].out)
	}
	many.ops, many.output = append(many.ops, last), "y"
	_, err = onnx.Read(many.bytes(), asItIs)
	require.Len(t, strings.Split(err.Error(), "\n"), 34)
	require.ErrorContains(t, err, "and 68 nodes more")
}

// Tensors whose values do not fit their sizes, or are elsewhere.
func TestTensors(t *testing.T) {
	file := func(weights []byte) []byte {
		node := op{kind: "MatMul", in: []string{"x", "w"}, out: "y"}
		graph := part(part(nil, 1, node.bytes(raw)), 5, weights)
		shape := part(part(nil, 1, nil), 1, number(nil, 1, 2))
		graph = part(graph, 11, part(text(nil, 1, "x"), 2, part(nil, 1, part(nil, 2, shape))))
		return part(part(nil, 7, part(graph, 12, text(nil, 1, "y"))), 8, number(nil, 2, 13))
	}
	head := func(kind int, dims ...int) []byte {
		b := number(text(nil, 8, "w"), 2, kind)
		for _, d := range dims {
			b = number(b, 1, d)
		}
		return b
	}
	four := make([]byte, 16)
	for name, c := range map[string]struct {
		weights []byte
		says    string
	}{
		"right":     {part(head(1, 2, 2), 9, four), ""},
		"short":     {part(head(1, 2, 2), 9, four[:15]), "tensor \"w\": expected 16 bytes, for sizes [2 2] of float, found 15"},
		"none":      {head(1, 2, 2), "expected 4 values, for sizes [2 2], found 0"},
		"few":       {part(head(1, 2, 2), 4, four[:8]), "expected 4 values, for sizes [2 2], found 2"},
		"many":      {part(head(1, 2, 1), 4, four), "expected at most 2"},
		"odd":       {part(head(1, 2, 2), 4, four[:7]), "expected whole numbers of 4 bytes, found 7 bytes"},
		"huge":      {part(head(1, 1<<40, 1<<40), 9, four), "values left of those of all constants, found [1099511627776 1099511627776]"},
		"large":     {part(head(1, 1<<20, 1<<20), 9, four), "values left of those of all constants"},
		"negative":  {part(head(1, -2, 2), 9, four), "expected sizes from 0"},
		"field":     {part(head(1, 2, 2), 10, append(four, four...)), "expected values of float in field 4, found values in field 10"},
		"type":      {part(head(8, 2, 2), 9, four), "found data type 8"},
		"elsewhere": {number(part(head(1, 2, 2), 13, text(text(nil, 1, "location"), 2, "weights.bin")), 14, 1), `expected values in the model's own file (save it as one file), found values in file "weights.bin"`},
		"somewhere": {number(head(1, 2, 2), 14, 1), "found values in another file"},
		"segment":   {part(part(head(1, 2, 2), 9, four), 3, number(nil, 1, 0)), "expected a tensor as a whole"},
		"wire":      {number(head(1, 2, 2), 9, 3), "a tensor's raw_data: expected wire type 2, found 0"},
		"axes":      {head(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), "a tensor's dims: expected at most 16"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := onnx.Read(file(c.weights), asItIs)
			if c.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.says)
		})
	}
}

// A file that is cut, or is something else, is an error that says at which byte.
func TestDamagedFiles(t *testing.T) {
	whole := single("Gemm", []int{1, 5}, nil, filled(rand.New(rand.NewPCG(5, 5)), 5, 3)).bytes()
	_, err := onnx.Read(whole, asItIs)
	require.NoError(t, err)
	for n := range whole {
		_, err := onnx.Read(whole[:n], asItIs)
		require.ErrorContains(t, err, "onnx", "%d bytes", n)
	}
	_, err = onnx.Read([]byte("PK\x03\x04 and so on"), asItIs)
	require.ErrorContains(t, err, "onnx at byte 2: expected a field of a model")
	// Fields that nobody knows, in every wire type, change nothing.
	more := protowire.AppendVarint(protowire.AppendTag(whole, 500, protowire.VarintType), 7)
	more = protowire.AppendFixed64(protowire.AppendTag(more, 501, protowire.Fixed64Type), 7)
	more = protowire.AppendFixed32(protowire.AppendTag(more, 502, protowire.Fixed32Type), 7)
	more = text(more, 503, "and a text")
	more = protowire.AppendGroup(protowire.AppendTag(more, 504, protowire.StartGroupType), 504, text(nil, 1, "group"))
	_, err = onnx.Read(more, asItIs)
	require.NoError(t, err)

	dir := t.TempDir()
	_, err = onnx.Load(dir, asItIs)
	require.ErrorContains(t, err, "expected an ONNX file, found a folder")
	path := filepath.Join(dir, "net.onnx")
	require.NoError(t, os.WriteFile(path, whole[:9], 0o600))
	_, err = onnx.Load(path, asItIs)
	require.ErrorContains(t, err, path+": onnx at byte ")
}
