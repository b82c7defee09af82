package quantise_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/npz"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// tensor is an array of an archive that a test writes.
type tensor struct {
	shape  []int
	values []float64
}

// archive writes arrays of float64 as numpy does.
func archive(t require.TestingT, tensors map[string]tensor) npz.Archive {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, a := range tensors {
		f, err := w.Create(name + ".npy")
		require.NoError(t, err)
		shape := "("
		for _, n := range a.shape {
			shape += fmt.Sprintf("%d, ", n)
		}
		header := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': %s), }\n", shape)
		data := binary.LittleEndian.AppendUint16([]byte("\x93NUMPY\x01\x00"), uint16(len(header)))
		data = append(data, header...)
		for _, v := range a.values {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
		}
		_, err = f.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	out, err := npz.Read(b.Bytes())
	require.NoError(t, err)
	return out
}

// arraysOf are the arrays of parameters.
func arraysOf(t require.TestingT, top *topology.Topology, p quantise.Params) map[string]tensor {
	g, err := top.Resolve()
	require.NoError(t, err)
	out := map[string]tensor{"input.scale": {nil, []float64{p.Input}}}
	for i := range g.Nodes[1:] {
		n := &g.Nodes[i+1]
		l := p.Layers[n.Name]
		switch n.Kind {
		case topology.Linear:
			out[n.Name+".weight"] = tensor{[]int{n.Out.Channels, n.In.Channels}, l.Weights}
		case topology.Conv2D:
			out[n.Name+".weight"] = tensor{[]int{n.Out.Channels, n.In.Channels / n.Groups, n.Kernel[0], n.Kernel[1]}, l.Weights}
		}
		if l.Bias != nil {
			out[n.Name+".bias"] = tensor{[]int{len(l.Bias)}, l.Bias}
		}
		if n.Kind == topology.Cut {
			out[n.Name+".bound"] = tensor{nil, []float64{l.Bound}}
		}
		switch len(l.Steps) {
		case 0:
		case n.Out.Channels, 1:
			out[n.Name+".step"] = tensor{[]int{len(l.Steps)}, l.Steps}
		default:
			out[n.Name+".step"] = tensor{[]int{n.Out.Channels, n.Out.Height, n.Out.Width}, l.Steps}
		}
	}
	return out
}

func TestRead(t *testing.T) {
	for name := range networks {
		top, want, inputs := calibrated(t, name, topology.Int8, 3)
		tensors := arraysOf(t, top, want)
		got, err := quantise.Read(top, archive(t, tensors))
		require.NoError(t, err, name)
		a, _, err := quantise.Quantise(top, want)
		require.NoError(t, err)
		b, _, err := quantise.Quantise(top, got)
		require.NoError(t, err)
		require.Equal(t, a.Fingerprint(), b.Fingerprint())

		// Without steps it is read for calibration, and gives the same again.
		for key := range tensors {
			if len(key) > 5 && key[len(key)-5:] == ".step" {
				delete(tensors, key)
			}
		}
		got, err = quantise.Read(top, archive(t, tensors))
		require.NoError(t, err)
		_, _, err = quantise.Quantise(top, got)
		require.ErrorContains(t, err, "steps, found 0")
		got, err = quantise.Calibrate(t.Context(), top, got, slices.Values(inputs))
		require.NoError(t, err)
		require.Equal(t, want.Layers["delta1"].Steps, got.Layers["delta1"].Steps)
	}
}

func TestReadRefused(t *testing.T) {
	top := parse(t, "mlp", topology.Int8)
	p := random(t, top, rand.New(rand.NewPCG(1, 1)))
	for says, change := range map[string]func(a map[string]tensor){
		"layer hidden: array hidden.weight: expected it, found":               func(a map[string]tensor) { delete(a, "hidden.weight") },
		"array hidden.weight: expected shape [30 40], found [40 30]":          func(a map[string]tensor) { a["hidden.weight"] = tensor{[]int{40, 30}, a["hidden.weight"].values} },
		"array other.weight: expected one that a layer of the topology takes": func(a map[string]tensor) { a["other.weight"] = tensor{nil, []float64{1}} },
		"array relu.bias: expected one that a layer of the topology takes":    func(a map[string]tensor) { a["relu.bias"] = tensor{nil, []float64{1}} },
		"layer delta2: array delta2.step: expected shape [20], found []":      func(a map[string]tensor) { a["delta2.step"] = tensor{nil, []float64{1}} },
		"layer delta: steps: value 0: found -1":                               func(a map[string]tensor) { a["delta.step"] = tensor{nil, []float64{-1}} },
		"the worth of the input's levels: expected a number above 0, found 0": func(a map[string]tensor) { a["input.scale"] = tensor{nil, []float64{0}} },
		"layer out: biases: value 2: found NaN":                               func(a map[string]tensor) { a["out.bias"].values[2] = math.NaN() },
	} {
		tensors := arraysOf(t, top, p)
		tensors["out.bias"] = tensor{[]int{5}, slices.Clone(tensors["out.bias"].values)}
		change(tensors)
		_, err := quantise.Read(top, archive(t, tensors))
		require.ErrorContains(t, err, says)
	}
}
