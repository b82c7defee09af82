package topology_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

const digits = `# A network for digits.
name: digits
input: {channels: 2, height: 34, width: 34, min: 0, max: 15}
layers:
  - name: conv1
    type: conv2d
    out: 16
    kernel: 3
    stride: 2
    padding: 1
  - {name: relu1, type: relu}
  - {name: delta1, type: delta, step: channel}
  - {name: conv2, type: conv2d, out: 16, kernel: [3, 5], padding: [1, 2], groups: 4, bias: false, weights: int16}
  - {name: sum, type: add, with: delta1}
  - {name: held, type: threshold, threshold: 3, levels: 255}
  - {name: max, type: maxpool, kernel: 2}
  - {name: other, type: avgpool, from: held, kernel: 3, stride: 2, padding: [1, 0, 0, 1]}
  - {name: both, type: add, from: max, with: other}
  - {name: flat, type: flatten}
  - {name: logits, type: linear, out: 10}
  - {name: values, type: sigma}
`

func TestShapes(t *testing.T) {
	top, err := topology.Parse([]byte(digits), "digits.yaml")
	require.NoError(t, err)
	g, err := top.Resolve()
	require.NoError(t, err)
	want := []string{
		"input 2x34x34", "conv1 16x17x17", "relu1 16x17x17", "delta1 16x17x17", "conv2 16x17x17", "sum 16x17x17",
		"held 16x17x17", "max 16x8x8", "other 16x8x8", "both 16x8x8", "flat 1024x1x1", "logits 10x1x1", "values 10x1x1",
	}
	for i, n := range g.Nodes {
		require.Equal(t, want[i], fmt.Sprintf("%s %s", n.Name, n.Out))
	}
	require.Equal(t, 16*2*9, g.Nodes[1].WeightsLen())
	require.Equal(t, 16*4*15, g.Nodes[4].WeightsLen())
	require.Equal(t, 10240, g.Nodes[11].WeightsLen())
	require.EqualValues(t, 10240, g.Nodes[11].DenseMACs())
	// Of 17x3 positions of the kernel on each axis one lies on the padding: 50 of 51.
	require.EqualValues(t, 50*50*2*16, g.Nodes[1].DenseMACs())
	require.Equal(t, []int{4, 5}, g.Nodes[3].Takers)
	require.Equal(t, 6, g.Nodes[8].From)
	require.Equal(t, 8, g.Nodes[9].With)
}

// What is printed is read as the same network, whatever is in it.
func TestPrintedIsTheSame(t *testing.T) {
	top, err := topology.Parse([]byte(digits), "")
	require.NoError(t, err)
	again, err := topology.Parse([]byte(top.String()), "")
	require.NoError(t, err)
	require.Equal(t, top.String(), again.String())
	a, err := top.Resolve()
	require.NoError(t, err)
	b, err := again.Resolve()
	require.NoError(t, err)
	require.Equal(t, a.Topology, b.Topology)

	rapid.Check(t, func(t *rapid.T) {
		// Names that YAML takes for something else, if they are not quoted.
		name := rapid.SampledFrom([]string{"null", "true", "no", "x", "n.1", "a-b_c", "e1", "input2"}).Draw(t, "name")
		top := topology.Topology{
			Name:  name,
			Input: topology.Input{Shape: topology.Shape{Channels: 3, Height: 9, Width: 9}, Min: -rapid.IntRange(0, 32767).Draw(t, "min"), Max: 7},
			Layers: []topology.Layer{
				{
					Name: name, Kind: topology.Conv2D, Out: rapid.IntRange(1, 9).Draw(t, "out"), Kernel: [2]int{rapid.IntRange(1, 5).Draw(t, "height"), 3},
					Stride: [2]int{1, rapid.IntRange(0, 3).Draw(t, "stride")}, Padding: [4]int{0, 1, 0, rapid.IntRange(0, 2).Draw(t, "padding")},
					NoBias: rapid.Bool().Draw(t, "bias"),
				},
				{Name: "second", Kind: topology.Threshold, Threshold: 3, Levels: rapid.IntRange(4, 32767).Draw(t, "levels")},
				{Name: "third", Kind: topology.Add, From: "second", With: name},
			},
		}
		g, err := top.Resolve()
		require.NoError(t, err)
		again, err := topology.Parse([]byte(top.String()), "")
		require.NoError(t, err, top.String())
		h, err := again.Resolve()
		require.NoError(t, err)
		require.Equal(t, g, h)
	})
}

// Errors say the line, the column, the layer, the field, what was expected and what was
// found.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ old, replacement, says string }{
		{"stride: 2\n", "stride: 0\n", "topology digits.yaml:9:13: layer conv1: stride: expected a number from 1, found 0"},
		{"    stride: 2\n", "    strid: 2\n", `topology digits.yaml:9:5: layer conv1: expected one of the fields name, type, from, out, kernel, stride, padding, groups, bias, weights, found "strid"`},
		{"out: 16\n", "out: 16\n    out: 17\n", "digits.yaml:8:5: "},
		{"out: 16\n", "out: sixteen\n", `topology digits.yaml:7:10: layer conv1: out: expected a whole number, found "sixteen"`},
		{"out: 16\n", "out: 1.5\n", `topology digits.yaml:7:10: layer conv1: out: expected a whole number, found "1.5"`},
		{"out: 16\n", "out: 2000000\n", "topology digits.yaml:7:10: layer conv1: out: expected 1 to 1048576, found 2000000"},
		{"out: 16\n", "out: [1]\n", "topology digits.yaml:7:10: layer conv1: out: expected a single value, found a list"},
		{"type: conv2d\n", "type: conv3d\n", `topology digits.yaml:6:11: layer conv1: type: expected one of linear, conv2d, avgpool, maxpool, relu, add, flatten, delta, threshold, sigma, topk, cut, found "conv3d"`},
		{"padding: 1\n", "padding: 3\n", "topology digits.yaml:10:14: layer conv1: padding: expected less than the kernel's height of 3, found 3"},
		{"padding: 1\n", "padding: [1, 2, 3]\n", "topology digits.yaml:10:14: layer conv1: padding: expected a number or a list of 2 or 4, found a list of 3"},
		{"groups: 4", "groups: 3", "topology digits.yaml:13:83: layer conv2: groups: expected a divisor of the 16 channels of the input and of the 16 of the output, found 3"},
		{"kernel: [3, 5]", "kernel: [30, 5]", "topology digits.yaml:13:50: layer conv2: kernel: expected a height of at most 19, the padded input's, found 30"},
		{"with: delta1", "with: delta2", `topology digits.yaml:14:34: layer sum: with: expected the name of a layer before it, found "delta2"`},
		{"with: delta1", "with: input", "topology digits.yaml:14:34: layer sum: with: expected the shape of the other input, 16x17x17, found 2x34x34 of input"},
		{"from: held", "from: values", `topology digits.yaml:17:40: layer other: from: expected the name of a layer before it, found "values"`},
		{"name: relu1", "name: conv1", `topology digits.yaml:11:12: layer conv1: name: expected a name of its own, found "conv1", which is taken`},
		{"name: relu1", "name: input", `layer input: name: expected a name of its own`},
		{"name: relu1", `name: "a b"`, `topology digits.yaml:11:12: layer a b: name: expected a letter, then letters`},
		{"step: channel", "step: row", `topology digits.yaml:12:39: layer delta1: step: expected layer, channel or neuron, found "row"`},
		{"step: channel", "step: neuron", "topology digits.yaml:13:5: layer conv2: expected an input whose values share a step, at least in a channel, found a step for each neuron"},
		{"threshold: 3", "threshold: 300", "topology digits.yaml:15:46: layer held: threshold: expected 1 to 254, fewer than the levels, found 300"},
		{"levels: 255", "levels: 70000", "layer held: levels: expected 1 to 32767, found 70000"},
		{"weights: int16", "weights: int4", `layer conv2: weights: expected int8 or int16, found "int4"`},
		{"bias: false", "bias: no", `layer conv2: bias: expected true or false, found "no"`},
		{"{name: flat, type: flatten}", "{name: flat, type: relu}", "topology digits.yaml:20:5: layer logits: expected a flat input: a flatten layer before it, found 16x8x8"},
		{"max: 15", "max: 0", "topology digits.yaml:3:58: input.max: expected 1 to 32767, found 0"},
		{"height: 34", "height: 0", "topology digits.yaml:3:30: input.height: expected 1 to 8192, found 0"},
		{"height: 34", "hight: 34", `expected one of the fields channels, height, width, min, max, found "hight"`},
		{"channels: 2", "channels: 1000000", "topology digits.yaml:3:8: input: expected at most 16777216 values"},
		{"from: max, ", "", "layer max: expected a layer that takes its output, as it is not the last, found none"},
		{"name: digits", "name: [a]", "topology digits.yaml:2:7: name: expected a single value, found a list"},
		{"layers:\n", "layer:\n", `expected one of the fields name, input, layers, found "layer"`},
		{"  - {name: relu1, type: relu}\n", "  - relu\n", `topology digits.yaml:11:5: layers[1]: type: expected one of`},
		{"{name: relu1, type: relu}", "{name: &a relu1, type: relu}", "expected plain fields and lists, found an anchor (&)"},
		{"{name: relu1, type: relu}", "{name: relu1, type: relu", "expected YAML, found a mistake"},
		{"{name: relu1, type: relu}", "{name: [[[[[[[[[[1]]]]]]]]]], type: relu}", "found structure more than 8 deep"},
		{"# A network for digits.", "# \xff", "expected text in UTF-8"},
		{digits, "", "expected fields name, input and layers, found nothing"},
		{digits, "layers: [{name: a, type: relu}]", "topology digits.yaml:1:"},
		{digits, "input: {max: 1}\nlayers: []", "topology digits.yaml:2:9: layers: expected 1 to 256 layers, found 0"},
		{digits, strings.Repeat(" ", 1<<18), "expected a file of at most"},
		{digits, digits + "---\nname: x\n", "expected one document, found a second one"},
	} {
		changed := strings.Replace(digits, c.old, c.replacement, 1)
		require.NotEqual(t, digits, changed, c.old)
		_, err := topology.Parse([]byte(changed), "digits.yaml")
		require.ErrorContains(t, err, c.says, "%s -> %s", c.old, c.replacement)
	}
	path := filepath.Join(t.TempDir(), "t.yaml")
	require.NoError(t, os.WriteFile(path, []byte(digits), 0o600))
	_, err := topology.Load(path)
	require.NoError(t, err)
	_, err = topology.Load(path + "s")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// The largest topology that is written can be read, in reasonable time.
func TestLargest(t *testing.T) {
	top := topology.Topology{Input: topology.Input{Shape: topology.Shape{Channels: 1, Height: 4, Width: 4}, Max: 1}}
	for i := range topology.MaxLayers {
		top.Layers = append(top.Layers, topology.Layer{Name: fmt.Sprintf("layer%059d", i), Kind: topology.Conv2D, Out: 1, Kernel: [2]int{1, 1}})
	}
	_, err := top.Resolve()
	require.NoError(t, err)
	begin := time.Now()
	_, err = topology.Parse([]byte(top.String()), "")
	require.NoError(t, err)
	t.Logf("%d bytes in %v", len(top.String()), time.Since(begin))
	top.Layers = append(top.Layers, topology.Layer{Name: "more", Kind: topology.ReLU})
	_, err = top.Resolve()
	require.ErrorContains(t, err, "expected 1 to 256 layers, found 257")
}

// A small file cannot ask for much.
func TestBounds(t *testing.T) {
	big := topology.Input{Shape: topology.Shape{Channels: 1, Height: 4096, Width: 4000}, Max: 1}
	for says, layers := range map[string][]topology.Layer{
		"expected at most 16777216 values in all layers, found":                   {{Name: "a", Kind: topology.ReLU}},
		"layer a: kernel: expected a height that, times the output's, is at most": {{Name: "a", Kind: topology.MaxPool, Kernel: [2]int{2000, 1}, Stride: [2]int{1, 1}}},
		"layer a: expected at most 16777216 values, found":                        {{Name: "a", Kind: topology.Conv2D, Kernel: [2]int{1, 1}, Out: 100}},
		"layer a: expected at most 1048576 neurons, found 16384000":               {{Name: "a", Kind: topology.Flatten}},
		"layer a: stride: expected 1 to 8192, found 100000":                       {{Name: "a", Kind: topology.AvgPool, Kernel: [2]int{2, 2}, Stride: [2]int{1, 100000}}},
		"layer a: kernel: expected a height of 1 to 64, found 65":                 {{Name: "a", Kind: topology.Conv2D, Kernel: [2]int{65, 1}, Out: 1}},
	} {
		_, err := (&topology.Topology{Input: big, Layers: layers}).Resolve()
		require.ErrorContains(t, err, says)
	}
	_, err := (&topology.Topology{Input: topology.Input{Shape: topology.Shape{Channels: 1 << 20, Height: 1, Width: 1}, Max: 1}, Layers: []topology.Layer{{Name: "a", Kind: topology.Linear, Out: 1 << 20}}}).Resolve()
	require.ErrorContains(t, err, "layer a: expected at most 268435456 weights, found 1099511627776")
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(digits))
	f.Add([]byte("input: {channels: 3, max: 9}\nlayers: [{name: a, type: linear, out: 3}]"))
	f.Add([]byte("input:\n  max: 1\nlayers:\n- name: a\n  type: threshold\n  threshold: 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		top, err := topology.Parse(text, "fuzz.yaml")
		if err != nil {
			var e *topology.Error
			require.ErrorAs(t, err, &e)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		again, err := topology.Parse([]byte(top.String()), "")
		require.NoError(t, err, top.String())
		require.Equal(t, top.String(), again.String())
	})
}
