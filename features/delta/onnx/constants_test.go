package onnx_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/saccade-dev/saccade/features/delta/onnx"
)

// weightsOf reads a network of 2 features and gives the numbers of its one layer with weights.
func weightsOf(t *testing.T, g *net) (weights, bias []float64) {
	n, err := onnx.Read(g.bytes(), asItIs)
	require.NoError(t, err)
	for _, l := range n.Params.Layers {
		if l.Weights != nil {
			return l.Weights, l.Bias
		}
	}
	require.Fail(t, "no layer with weights")
	return nil, nil
}

// Constants that nodes make of others arrive as they should, in every type.
func TestConstants(t *testing.T) {
	mul := op{kind: "MatMul", in: []string{"x", "w"}, out: "h"}
	add := op{kind: "Add", in: []string{"h", "b"}, out: "y"}
	list := func(name string, values ...float64) op {
		return op{kind: "Constant", out: name, attributes: with("value_floats", values)}
	}
	shape := op{kind: "Constant", out: "s", attributes: with("value_ints", []int{2, 2})}
	cast := func(in, out string, to int) op {
		return op{kind: "Cast", in: []string{in}, out: out, attributes: with("to", to)}
	}
	for name, c := range map[string]struct {
		ops           []op
		initial       map[string]any
		weights, bias []float64
	}{
		"floats and one": {
			[]op{list("v", 1, 2, 3, 4), shape, {kind: "Reshape", in: []string{"v", "s"}, out: "w"}, mul, {kind: "Constant", out: "b", attributes: with("value_float", 0.5)}, add},
			nil,
			[]float64{1, 3, 2, 4},
			[]float64{0.5, 0.5},
		},
		"cast": {
			[]op{cast("i", "w1", 1), cast("w1", "w2", 10), shape, {kind: "Reshape", in: []string{"w2", "s"}, out: "w"}, mul},
			map[string]any{"i": ints{1, -2, 3, 4}},
			[]float64{1, 3, -2, 4},
			nil,
		},
		"transposed": {
			[]op{{kind: "Transpose", in: []string{"m"}, out: "w"}, mul},
			map[string]any{"m": tensor{[]int{2, 2}, []float64{1, 2, 3, 4}}},
			[]float64{1, 2, 3, 4},
			nil,
		},
		"constant output of identity": {
			[]op{{kind: "Identity", in: []string{"m"}, out: "w"}, mul, {kind: "Identity", in: []string{"v"}, out: "b"}, add},
			map[string]any{"m": tensor{[]int{2, 2}, []float64{1, 2, 3, 4}}, "v": tensor{[]int{2}, []float64{7, 8}}},
			[]float64{1, 3, 2, 4},
			[]float64{7, 8},
		},
		"sizes of a constant": {
			[]op{
				{kind: "Shape", in: []string{"m"}, out: "all"},
				{kind: "Shape", in: []string{"m"}, out: "two", attributes: with("start", 1, "end", -1)},
				{kind: "Squeeze", in: []string{"two"}, out: "number"},
				{kind: "Unsqueeze", in: []string{"number"}, out: "row"},
				{kind: "Concat", in: []string{"row", "open"}, out: "s"},
				{kind: "Reshape", in: []string{"m", "s"}, out: "w"},
				mul,
			},
			map[string]any{"m": tensor{[]int{1, 2, 2}, []float64{1, 2, 3, 4}}, "open": ints{-1}},
			[]float64{1, 3, 2, 4},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := chain(17, []int{0, 2}, c.initial, c.ops...)
			for g.form = range forms {
				weights, bias := weightsOf(t, g)
				require.Equal(t, c.weights, weights)
				require.Equal(t, c.bias, bias)
			}
		})
	}
}

// A transpose moves every value to where its index says.
func TestTransposedConvolution(t *testing.T) {
	w := filled(rand.New(rand.NewPCG(9, 9)), 3, 2, 4, 5) // height, in, width, out
	g := chain(17, []int{1, 2, 6, 6}, map[string]any{"w": w},
		op{kind: "Transpose", in: []string{"w"}, out: "v", attributes: with("perm", []int{3, 1, 0, 2})}, op{kind: "Conv", in: []string{"x", "v"}, out: "y"})
	weights, _ := weightsOf(t, g)
	k := 0
	for o := range 5 {
		for i := range 2 {
			for y := range 3 {
				for x := range 4 {
					require.Equal(t, w.at(y, i, x, o), weights[k])
					k++
				}
			}
		}
	}
}

// Weights of whole numbers, of a float of 16 bits in its least and largest, and raw.
func TestTypes(t *testing.T) {
	file := func(kind, field int, data []byte) []byte {
		node := op{kind: "MatMul", in: []string{"x", "w"}, out: "y"}
		w := number(number(number(text(nil, 8, "w"), 2, kind), 1, 2), 1, 1)
		switch field {
		case 9:
			w = part(w, 9, data)
		default:
			for ; len(data) > 0; data = data[2:] {
				w = number(w, 5, int(int16(binary.LittleEndian.Uint16(data))))
			}
		}
		shape := part(part(nil, 1, nil), 1, number(nil, 1, 2))
		graph := part(part(nil, 1, node.bytes(raw)), 5, w)
		graph = part(graph, 11, part(text(nil, 1, "x"), 2, part(nil, 1, part(nil, 2, shape))))
		return part(part(nil, 7, part(graph, 12, text(nil, 1, "y"))), 8, number(nil, 2, 13))
	}
	for name, c := range map[string]struct {
		kind, field int
		data        []byte
		want        []float64
	}{
		"int8":          {3, 9, []byte{0x80, 0x7f}, []float64{-128, 127}},
		"uint8":         {2, 9, []byte{0x80, 0xff}, []float64{128, 255}},
		"bool":          {9, 9, []byte{0, 1}, []float64{0, 1}},
		"int32":         {6, 9, []byte{0xfe, 0xff, 0xff, 0xff, 3, 0, 0, 0}, []float64{-2, 3}},
		"int32 fields":  {6, 5, []byte{0xfe, 0xff, 3, 0}, []float64{-2, 3}},
		"half":          {10, 9, []byte{0x01, 0x00, 0xff, 0xfb}, []float64{0x1p-24, -65504}},
		"half fields":   {10, 5, []byte{0x00, 0x3c, 0x00, 0xc0}, []float64{1, -2}},
		"brain, raw":    {16, 9, []byte{0x80, 0x3f, 0x00, 0xc0}, []float64{1, -2}},
		"brain, fields": {16, 5, []byte{0x80, 0x3f, 0x00, 0xc0}, []float64{1, -2}},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := onnx.Read(file(c.kind, c.field, c.data), asItIs)
			require.NoError(t, err)
			require.Equal(t, c.want, n.Params.Layers["y"].Weights)
		})
	}
}

// Operators of constants refuse what they cannot make.
func TestRefusedConstants(t *testing.T) {
	matrix := tensor{[]int{2, 2}, []float64{1, 2, 3, 4}}
	for says, ops := range map[string][]op{
		"to: expected a type of floats, or one of whole numbers for whole numbers, found data type 7": {{kind: "Cast", in: []string{"m"}, out: "w", attributes: with("to", 7)}},
		"perm: expected each of 2 axes once, found [0 0]":                                             {{kind: "Transpose", in: []string{"m"}, out: "w", attributes: with("perm", []int{0, 0})}},
		"shape: expected one of the 4 values of sizes [2 2], found [3]":                               {{kind: "Constant", out: "s", attributes: with("value_ints", []int{3})}, {kind: "Reshape", in: []string{"m", "s"}, out: "w"}},
		"input 0: expected whole numbers on one axis":                                                 {{kind: "Concat", in: []string{"m", "m"}, out: "w"}},
		"input 1: expected indices of 2 numbers, found [5]":                                           {{kind: "Gather", in: []string{"i", "five"}, out: "w"}},
		"input 0: expected one number, found 2":                                                       {{kind: "Squeeze", in: []string{"i"}, out: "w"}},
		"expected a value that is a tensor, numbers or a number, found none":                          {{kind: "Constant", out: "w", attributes: with("value_string", "no")}},
		"value: expected an attribute of type 4, found type 3":                                        {{kind: "Constant", out: "w", attributes: with("value", "no")}},
		"steps: expected 1, found others":                                                             {{kind: "Slice", in: []string{"i", "five", "five", "five", "five"}, out: "w"}},
	} {
		g := chain(17, []int{0, 2}, map[string]any{"m": matrix, "i": ints{1, 2}, "five": ints{5}},
			append(slices.Clone(ops), op{kind: "MatMul", in: []string{"x", "w"}, out: "y"})...)
		_, err := onnx.Read(g.bytes(), asItIs)
		require.ErrorContains(t, err, says)
	}
}

// A graph has one input and one output.
func TestPorts(t *testing.T) {
	port := func(b []byte, n int, name string) []byte {
		shape := part(part(nil, 1, nil), 1, number(nil, 1, 2))
		return part(b, protowire.Number(n), part(text(nil, 1, name), 2, part(nil, 1, part(nil, 2, shape))))
	}
	relu := op{kind: "Relu", in: []string{"x"}, out: "y"}
	for says, ports := range map[string][][2]any{
		"expected a graph of one input, found 0":                {{12, "y"}},
		`expected a graph of one input, found 2: "x", "z"`:      {{11, "x"}, {11, "z"}, {12, "y"}},
		"expected a graph of one output, found 0":               {{11, "x"}},
		`expected a graph of one output, found 2: "y", "other"`: {{11, "x"}, {12, "y"}, {12, "other"}},
		"onnx: input: expected a name, found none":              {{11, ""}, {12, "y"}},
	} {
		graph := part(nil, 1, relu.bytes(raw))
		for _, p := range ports {
			n, _ := p[0].(int)
			name, _ := p[1].(string)
			graph = port(graph, n, name)
		}
		_, err := onnx.Read(part(part(nil, 7, graph), 8, number(nil, 2, 13)), asItIs)
		require.ErrorContains(t, err, says)
	}
}
