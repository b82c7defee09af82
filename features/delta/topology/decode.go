package topology

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// topology reads the file's outermost mapping.
func (d *decoder) topology(n ast.Node, t *Topology) {
	d.places[place{-1, ""}] = n.GetToken().Position
	var input, layers ast.Node
	d.fields(n, -1, "", func(name string, value ast.Node) bool {
		switch name {
		case "name":
			t.Name = d.text(value, -1, name)
		case "input":
			input = value
		case "layers":
			layers = value
		default:
			return false
		}
		return true
	}, "name, input, layers")
	if d.err != nil {
		return
	}
	if input == nil || layers == nil {
		d.fail(n.GetToken().Position, -1, "", "fields input and layers", "not both of them")
		return
	}
	d.input(input, &t.Input)
	list, ok := layers.(*ast.SequenceNode)
	if !ok {
		d.fail(layers.GetToken().Position, -1, "layers", "a list", describe(layers))
		return
	}
	if len(list.Values) > MaxLayers {
		d.fail(layers.GetToken().Position, -1, "layers", fmt.Sprintf("at most %d layers", MaxLayers), strconv.Itoa(len(list.Values)))
		return
	}
	t.Layers = make([]Layer, len(list.Values))
	for i, value := range list.Values {
		d.layer(i, value, &t.Layers[i])
	}
}

func (d *decoder) input(n ast.Node, in *Input) {
	in.Channels = 1
	in.Height, in.Width = 1, 1
	into := map[string]*int{"channels": &in.Channels, "height": &in.Height, "width": &in.Width, "min": &in.Min, "max": &in.Max}
	d.fields(n, -1, "input.", func(name string, value ast.Node) bool {
		to := into[name]
		if to != nil {
			*to = d.number(value, -1, "input."+name)
		}
		return to != nil
	}, "channels, height, width, min, max")
}

// fieldsOf are the fields that a type has beside name, type and from.
var fieldsOf = map[Kind][]string{
	Linear:    {"out", "bias", "weights"},
	Conv2D:    {"out", "kernel", "stride", "padding", "groups", "bias", "weights"},
	AvgPool:   {"kernel", "stride", "padding"},
	MaxPool:   {"kernel", "stride", "padding"},
	ReLU:      {},
	Add:       {"with"},
	Flatten:   {},
	Delta:     {"step", "levels"},
	Threshold: {"threshold", "step", "levels"},
	Sigma:     {},
	TopK:      {"k", "share"},
	Cut:       {},
}

func (d *decoder) layer(i int, n ast.Node, l *Layer) {
	d.places[place{i, ""}] = start(n).Position
	// The type first: it says which other fields there are.
	for _, pair := range pairs(n) {
		d.places[place{i, pair.Key.GetToken().Value}] = start(pair.Value).Position
		switch pair.Key.GetToken().Value {
		case "type":
			l.Kind = Kind(d.text(pair.Value, i, "type"))
		case "name":
			l.Name = d.text(pair.Value, i, "name")
		}
	}
	own, known := fieldsOf[l.Kind]
	if !known && d.err == nil {
		d.err = fail(i, "type", "one of "+kindNames(), strconv.Quote(short(string(l.Kind))))
		d.locate(d.err)
	}
	names := append([]string{"name", "type", "from"}, own...)
	d.fields(n, i, "", func(name string, value ast.Node) bool {
		if !slices.Contains(names, name) {
			return false
		}
		d.field(i, name, value, l)
		return true
	}, strings.Join(names, ", "))
	if d.err != nil && d.err.layer == i {
		d.err.Layer = l.Name
	}
}

func (d *decoder) field(i int, name string, value ast.Node, l *Layer) {
	switch name {
	case "from":
		l.From = d.text(value, i, name)
	case "with":
		l.With = d.text(value, i, name)
	case "out":
		l.Out = d.positive(value, i, name)
	case "kernel":
		copy(l.Kernel[:], d.sizes(value, i, name, 1, 2))
	case "stride":
		copy(l.Stride[:], d.sizes(value, i, name, 1, 2))
	case "padding":
		copy(l.Padding[:], d.sizes(value, i, name, 0, 4))
	case "groups":
		l.Groups = d.positive(value, i, name)
	case "bias":
		switch text := d.text(value, i, name); text {
		case "true", "false":
			l.NoBias = text == "false"
		default:
			d.fail(value.GetToken().Position, i, name, "true or false", strconv.Quote(short(text)))
		}
	case "weights":
		l.Weights = Format(d.text(value, i, name))
	case "step":
		l.Step = Per(d.text(value, i, name))
	case "levels":
		l.Levels = d.positive(value, i, name)
	case "threshold":
		l.Threshold = d.positive(value, i, name)
	case "k":
		l.K = d.positive(value, i, name)
	case "share":
		l.Share = d.share(value, i, name)
	}
}

// fields goes through the fields of a mapping. The function tells whether it knows one.
func (d *decoder) fields(n ast.Node, layer int, prefix string, set func(name string, value ast.Node) bool, known string) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		d.fail(n.GetToken().Position, layer, strings.TrimSuffix(prefix, "."), "fields "+known, describe(n))
		return
	}
	seen := map[string]bool{}
	for _, pair := range pairs(n) {
		tk := pair.Key.GetToken()
		if d.err != nil {
			return
		}
		if seen[tk.Value] {
			d.fail(tk.Position, layer, prefix+short(tk.Value), "every field once", "a second one")
			return
		}
		seen[tk.Value] = true
		d.places[place{layer, prefix + tk.Value}] = start(pair.Value).Position
		if !set(tk.Value, pair.Value) {
			d.fail(tk.Position, layer, "", "one of the fields "+known, strconv.Quote(short(tk.Value)))
			return
		}
	}
}

func pairs(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	default:
		return nil
	}
}
