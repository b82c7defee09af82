package onnx_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// grower makes a random network, operator by operator; what came of the ones before
// tells the sizes for the next.
type grower struct {
	t    *rapid.T
	rng  *rand.Rand
	g    *net
	now  string
	same []string // results of the sizes of the one now
}

func (w *grower) dims() []int {
	in := append([]int{1}, w.g.input[1:]...)
	return w.g.evaluate(w.t, tensor{in, make([]float64, count(in))})[w.now].dims
}

func (w *grower) constant(v tensor) string {
	name := fmt.Sprintf("c%d", len(w.g.initial))
	w.g.initial[name] = v
	return name
}

func (w *grower) add(kind string, attributes map[string]any, in ...string) {
	before := w.dims()
	out := fmt.Sprintf("r%d", len(w.g.ops))
	w.g.ops = append(w.g.ops, op{kind: kind, name: rapid.SampledFrom([]string{"", "/" + kind, "layer." + out}).Draw(w.t, "name"), in: in, out: out, attributes: attributes})
	w.now, w.g.output = out, out
	if now := w.dims(); fmt.Sprint(now) != fmt.Sprint(before) {
		w.same = nil
	}
	w.same = append(w.same, out)
}

func (w *grower) int(least, most int, what string) int {
	return rapid.IntRange(least, most).Draw(w.t, what)
}

// window are attributes of a window that fits, and its kernel.
func (w *grower) window(h, v int, pads bool) (map[string]any, []int) {
	kernel := []int{w.int(1, min(4, h), "kernel"), w.int(1, min(4, v), "kernel")}
	a := with("strides", []int{w.int(1, 3, "stride"), w.int(1, 3, "stride")})
	switch choice := w.int(0, 3, "padding"); {
	case choice == 0:
		a["auto_pad"] = "VALID"
	case choice == 1 && pads:
		a["auto_pad"] = rapid.SampledFrom([]string{"SAME_UPPER", "SAME_LOWER"}).Draw(w.t, "auto")
	case choice == 2 && pads:
		pad := func(k int) int { return w.int(0, k-1, "pad") }
		a["pads"] = []int{pad(kernel[0]), pad(kernel[1]), pad(kernel[0]), pad(kernel[1])}
	}
	return a, kernel
}

func (w *grower) grow() {
	d := w.dims()
	if len(d) == 2 {
		w.growFlat(d)
		return
	}
	switch w.int(0, 11, "operator") {
	case 8:
		w.affine([]int{d[1], 1, 1})
	case 9: // elementwise, channels last
		w.add("Transpose", with("perm", []int{0, 2, 3, 1}), w.now)
		w.affine([]int{d[1]})
		w.add("Relu", nil, w.now)
		w.add("Transpose", with("perm", []int{0, 3, 1, 2}), w.now)
		w.same = []string{w.now}
	case 10: // flat, channels last
		w.add("Transpose", with("perm", []int{0, 2, 3, 1}), w.now)
		w.add("Flatten", nil, w.now)
		if rapid.Bool().Draw(w.t, "mixed") {
			w.affine([]int{1, d[1] * d[2] * d[3]})
		}
		w.add("Gemm", nil, w.now, w.constant(filled(w.rng, d[1]*d[2]*d[3], w.int(1, 6, "out"))))
		w.same = []string{w.now}
	case 11:
		top, left, k := w.int(0, 1, "pad"), w.int(0, 1, "pad"), w.int(2, 3, "kernel")
		w.g.initial["pads"+w.now] = ints{0, 0, top, left, 0, 0, 1, 1}
		if d[2]+1 < k || d[3]+1 < k {
			return
		}
		w.add("Pad", nil, w.now, "pads"+w.now)
		if rapid.Bool().Draw(w.t, "pooled") {
			w.add("AveragePool", with("kernel_shape", []int{k, k}), w.now)
		} else {
			w.add("Conv", nil, w.now, w.constant(filled(w.rng, 2, d[1], k, k)))
		}
		w.same = []string{w.now}
	case 0, 1:
		groups := rapid.SampledFrom([]int{1, d[1]}).Draw(w.t, "groups")
		a, k := w.window(d[2], d[3], true)
		a["group"] = groups
		out := groups * w.int(1, 3, "out")
		in := []string{w.now, w.constant(filled(w.rng, out, d[1]/groups, k[0], k[1]))}
		if rapid.Bool().Draw(w.t, "bias") {
			in = append(in, w.constant(filled(w.rng, out)))
		}
		w.add("Conv", a, in...)
		w.behind([]int{1, out, 1, 1})
	case 2:
		a, k := w.window(d[2], d[3], true)
		a["kernel_shape"] = k
		if rapid.Bool().Draw(w.t, "ceil") && a["auto_pad"] == nil {
			a["ceil_mode"] = 1
		}
		w.add("MaxPool", a, w.now)
	case 3:
		pads := rapid.Bool().Draw(w.t, "count")
		a, k := w.window(d[2], d[3], pads)
		a["kernel_shape"], a["count_include_pad"] = k, map[bool]int{true: 1}[pads]
		w.add("AveragePool", a, w.now)
	case 4:
		w.add("Relu", nil, w.now)
	case 5:
		w.add(rapid.SampledFrom([]string{"Add", "Sum"}).Draw(w.t, "sum"), nil, w.now, rapid.SampledFrom(w.same).Draw(w.t, "other"))
	case 6:
		w.add("Flatten", nil, w.now)
	default:
		w.add("Identity", nil, w.now)
	}
}

func (w *grower) growFlat(d []int) {
	out := w.int(1, 6, "out")
	switch w.int(0, 5, "flat operator") {
	case 5:
		w.affine([]int{d[1]})
	case 0:
		a := with("alpha", exact(w.rng.NormFloat64()), "beta", exact(w.rng.NormFloat64()))
		weights := filled(w.rng, d[1], out)
		if rapid.Bool().Draw(w.t, "transB") {
			a["transB"], weights = 1, filled(w.rng, out, d[1])
		}
		w.add("Gemm", a, w.now, w.constant(weights), w.constant(filled(w.rng, 1, out)))
	case 1:
		w.add("MatMul", nil, w.now, w.constant(filled(w.rng, d[1], out)))
		w.behind([]int{out})
	case 2:
		w.add("Relu", nil, w.now)
	case 3:
		w.add("Add", nil, rapid.SampledFrom(w.same).Draw(w.t, "other"), w.now)
	default:
		w.add("Dropout", nil, w.now)
	}
}

// affine multiplies channels, or adds to them, wherever that is.
func (w *grower) affine(dims []int) {
	if rapid.Bool().Draw(w.t, "one number") {
		dims = nil
	}
	k := w.constant(positive(w.rng, dims...))
	in := []string{w.now, k}
	kind := rapid.SampledFrom([]string{"Mul", "Div", "Sub", "Add"}).Draw(w.t, "arithmetic")
	if kind != "Div" && rapid.Bool().Draw(w.t, "constant first") {
		in = []string{k, w.now}
	}
	w.add(kind, nil, in...)
	w.same = []string{w.now}
}

// behind adds, sometimes, what is folded into a layer with weights.
func (w *grower) behind(bias []int) {
	if rapid.Bool().Draw(w.t, "added bias") {
		w.add("Add", nil, w.now, w.constant(filled(w.rng, bias...)))
		w.same = []string{w.now} // what was in front of it must have no other taker
	}
	if rapid.Bool().Draw(w.t, "normalised") {
		c := w.dims()[1]
		w.add("BatchNormalization", nil, w.now, w.constant(filled(w.rng, c)), w.constant(filled(w.rng, c)), w.constant(filled(w.rng, c)), w.constant(positive(w.rng, c)))
		w.same = []string{w.now}
	}
}

// Random networks compute what their definitions say, with and without names, in every
// form of writing numbers.
func TestRandomNetworks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		in := []int{0, rapid.IntRange(1, 3).Draw(t, "channels"), rapid.IntRange(1, 7).Draw(t, "height"), rapid.IntRange(1, 7).Draw(t, "width")}
		g := &net{opset: 17, input: in, initial: map[string]any{}, form: form(rapid.IntRange(0, int(forms)-1).Draw(t, "form"))}
		w := &grower{t: t, rng: rng, g: g, now: "x", same: []string{"x"}}
		w.add("Relu", nil, "x") // so that there is a layer
		for range rapid.IntRange(1, 8).Draw(t, "operators") {
			w.grow()
		}
		n := agrees(t, g, rng)

		// Delta activations change no shape, and there is one for each ReLU that is taken.
		o := asItIs
		o.Deltas, o.Step, o.Levels = onnx.Everywhere, topology.PerLayer, 15
		deltas, err := onnx.Read(g.bytes(), o)
		require.NoError(t, err)
		a, err := n.Topology.Resolve()
		require.NoError(t, err)
		b, err := deltas.Topology.Resolve()
		require.NoError(t, err)
		require.Equal(t, a.Last().Out, b.Last().Out)
		for i := range b.Nodes {
			node := &b.Nodes[i]
			switch {
			case node.Kind.Weighted():
				require.True(t, quantised(b, node.From), "%s in\n%s", node.Name, deltas.Topology)
			case node.Kind == topology.ReLU && i+1 < len(b.Nodes):
				require.Len(t, node.Takers, 1)
				require.Equal(t, topology.Delta, b.Nodes[node.Takers[0]].Kind)
			}
		}
	})
}

// quantised tells whether a node gives levels, or what pools make of them.
func quantised(g *topology.Graph, i int) bool {
	n := &g.Nodes[i]
	switch {
	case i == 0 || n.Kind.Quantises():
		return true
	case n.Kind.Weighted() || n.Kind == topology.Add:
		return false
	default:
		return quantised(g, n.From)
	}
}
