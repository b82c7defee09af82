package topology

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// start is the first token of a node: for a mapping the library gives its first colon.
func start(n ast.Node) *token.Token {
	if m, ok := n.(*ast.MappingNode); ok && m.IsFlowStyle {
		return n.GetToken()
	}
	if all := pairs(n); len(all) > 0 {
		return all[0].Key.GetToken()
	}
	return n.GetToken()
}

// text reads a single value as it is written.
func (d *decoder) text(n ast.Node, layer int, field string) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.NullNode, *ast.LiteralNode:
	case ast.ScalarNode:
		return n.GetToken().Value
	}
	d.fail(n.GetToken().Position, layer, field, "a single value", describe(n))
	return ""
}

func (d *decoder) number(n ast.Node, layer int, field string) int {
	text := d.text(n, layer, field)
	v, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		d.fail(n.GetToken().Position, layer, field, "a whole number", strconv.Quote(short(text)))
	}
	return int(v)
}

// positive reads a number from 1. Zero would be taken for the default.
func (d *decoder) positive(n ast.Node, layer int, field string) int {
	v := d.number(n, layer, field)
	if v < 1 {
		d.fail(n.GetToken().Position, layer, field, "a number from 1", strconv.Itoa(v))
	}
	return v
}

// share reads a part of one. Zero would be taken for a missing field.
func (d *decoder) share(n ast.Node, layer int, field string) float64 {
	text := d.text(n, layer, field)
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= MinShare && v <= 1) {
		d.fail(n.GetToken().Position, layer, field, fmt.Sprintf("a number from %s to 1", number(MinShare)), strconv.Quote(short(text)))
	}
	return v
}

// number writes one as a file has it, without an exponent.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// sizes reads one number for both axes, or a list of two or of up to so many.
func (d *decoder) sizes(n ast.Node, layer int, field string, least, most int) []int {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		v := d.number(n, layer, field)
		if v < least {
			d.fail(n.GetToken().Position, layer, field, fmt.Sprintf("a number from %d", least), strconv.Itoa(v))
		}
		return slices.Repeat([]int{v}, most)
	}
	if len(list.Values) != 2 && len(list.Values) != most {
		want := "a number or a list of 2"
		if most > 2 {
			want += fmt.Sprintf(" or %d", most)
		}
		d.fail(n.GetToken().Position, layer, field, want, fmt.Sprintf("a list of %d", len(list.Values)))
		return nil
	}
	out := make([]int, 0, most)
	for _, value := range list.Values {
		v := d.number(value, layer, field)
		if v < least {
			d.fail(value.GetToken().Position, layer, field, fmt.Sprintf("numbers from %d", least), strconv.Itoa(v))
		}
		out = append(out, v)
	}
	if len(out) < most {
		out = append(out, out...)
	}
	return out
}

// describe says what stands where something else was expected.
func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "fields"
	case *ast.SequenceNode:
		return "a list"
	default:
		return strconv.Quote(short(n.GetToken().Value))
	}
}
