package onnx_test

import (
	"encoding/binary"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// The tests write models themselves, by the field numbers of onnx.proto, in all the
// forms that a protobuf writer may choose.

// form is how the values of a tensor are written.
type form int

const (
	raw form = iota
	packed
	unpacked
	doubles
	halves
	brains // bfloat16
	forms
)

// tensor is one of a test's network.
type tensor struct {
	dims   []int
	values []float64
}

// ints is a row of whole numbers.
type ints []int

// op is a node.
type op struct {
	kind, name, domain string
	in                 []string
	out                string
	attributes         map[string]any // int, float64, string, []int, []float64, tensor, ints
}

// net is a network of one input and one output.
type net struct {
	opset       int
	input       []int // with the batch; 0 for an open size
	ops         []op
	initial     map[string]any // tensor or ints
	output      string
	form        form
	batchName   bool // the open size has a name
	constInputs bool // constants are listed among the inputs too
}

func text(b []byte, n protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), s)
}

func part(b []byte, n protowire.Number, body []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), body)
}

func number(b []byte, n protowire.Number, v int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), uint64(int64(v)))
}

func float(b []byte, n protowire.Number, v float64) []byte {
	return protowire.AppendFixed32(protowire.AppendTag(b, n, protowire.Fixed32Type), math.Float32bits(float32(v)))
}

// bytes is the file.
func (g *net) bytes() []byte {
	var graph []byte
	for _, o := range g.ops {
		graph = part(graph, 1, o.bytes(g.form))
	}
	graph = text(graph, 2, "test graph")
	var names []string
	for name := range g.initial {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		graph = part(graph, 5, tensorBytes(name, g.initial[name], g.form))
		if g.constInputs {
			graph = part(graph, 11, text(nil, 1, name))
		}
	}
	var shape []byte
	for _, d := range g.input {
		var dim []byte
		switch {
		case d > 0:
			dim = number(nil, 1, d)
		case g.batchName:
			dim = text(nil, 2, "batch")
		}
		shape = part(shape, 1, dim)
	}
	kind := part(number(nil, 1, 1), 2, shape)
	graph = part(graph, 11, part(text(nil, 1, "x"), 2, part(nil, 1, kind)))
	graph = part(graph, 12, text(nil, 1, g.output))

	out := number(nil, 1, 8)            // ir_version
	out = text(out, 2, "a test")        // producer_name
	out = text(out, 6, "of no account") // doc_string, which is not read
	out = part(out, 7, graph)
	out = part(out, 8, number(text(nil, 1, "com.example"), 2, 1))
	return part(out, 8, number(nil, 2, g.opset))
}

func (o *op) bytes(f form) []byte {
	var b []byte
	for _, in := range o.in {
		b = text(b, 1, in)
	}
	b = text(b, 2, o.out)
	if o.name != "" {
		b = text(b, 3, o.name)
	}
	b = text(b, 4, o.kind)
	if o.domain != "" {
		b = text(b, 7, o.domain)
	}
	var names []string
	for name := range o.attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		a := text(nil, 1, name)
		switch v := o.attributes[name].(type) {
		case float64:
			a = number(float(a, 2, v), 20, 1)
		case int:
			a = number(number(a, 3, v), 20, 2)
		case []float64:
			for _, x := range v {
				a = float(a, 7, x)
			}
			a = number(a, 20, 6)
		case string:
			a = number(text(a, 4, v), 20, 3)
		case []int:
			if f == packed {
				var list []byte
				for _, i := range v {
					list = protowire.AppendVarint(list, uint64(int64(i)))
				}
				a = part(a, 8, list)
			} else {
				for _, i := range v {
					a = number(a, 8, i)
				}
			}
			a = number(a, 20, 7)
		default:
			a = number(part(a, 5, tensorBytes("", v, f)), 20, 4)
		}
		b = part(b, 5, a)
	}
	return b
}

func tensorBytes(name string, value any, f form) []byte {
	var b, data []byte
	dims := func(list []int) {
		if f == unpacked {
			for _, d := range list {
				b = number(b, 1, d)
			}
			return
		}
		var p []byte
		for _, d := range list {
			p = protowire.AppendVarint(p, uint64(d))
		}
		b = part(b, 1, p)
	}
	switch v := value.(type) {
	case ints:
		dims([]int{len(v)})
		b = number(b, 2, 7)
		for _, i := range v {
			switch f {
			case unpacked:
				b = number(b, 7, i)
			case packed:
				data = protowire.AppendVarint(data, uint64(int64(i)))
			default:
				data = binary.LittleEndian.AppendUint64(data, uint64(int64(i)))
			}
		}
		if f != unpacked {
			b = part(b, map[bool]protowire.Number{true: 7, false: 9}[f == packed], data)
		}
	case tensor:
		dims(v.dims)
		b = number(b, 2, map[form]int{raw: 1, packed: 1, unpacked: 1, doubles: 11, halves: 10, brains: 16}[f])
		for _, x := range v.values {
			single := math.Float32bits(float32(x))
			switch f {
			case raw, packed:
				data = binary.LittleEndian.AppendUint32(data, single)
			case unpacked:
				b = float(b, 4, x)
			case doubles:
				data = binary.LittleEndian.AppendUint64(data, math.Float64bits(x))
			case halves:
				data = protowire.AppendVarint(data, uint64(halfBits(x)))
			default:
				data = binary.LittleEndian.AppendUint16(data, uint16(single>>16))
			}
		}
		field := map[form]protowire.Number{raw: 9, packed: 4, doubles: 10, halves: 5, brains: 9}[f]
		if f != unpacked {
			b = part(b, field, data)
		}
	}
	return text(b, 8, name)
}

// halfBits is a number that a float of 16 bits holds exactly, as its bits.
func halfBits(x float64) uint16 {
	if x == 0 {
		return 0
	}
	sign := uint16(0)
	if x < 0 {
		sign, x = 1<<15, -x
	}
	fraction, exponent := math.Frexp(x)
	if exponent < -13 {
		return sign | uint16(math.Ldexp(x, 24))
	}
	return sign | uint16(exponent+14)<<10 | uint16(math.Ldexp(fraction, 11))&1023
}

// exact rounds to few bits, so that a number is the same in all forms.
func exact(x float64) float64 { return math.Round(x*16) / 16 }
