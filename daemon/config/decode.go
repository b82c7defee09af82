package config

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// decoder turns the syntax tree of a file into a Config. It goes by the tree and
// not by the library's own decoder, because every value's place is needed again
// when the values are validated, and because a problem must not hide the next.
type decoder struct {
	file     string
	at       map[string]*token.Position // of every field in the file, by path
	problems []*Problem
}

func (d *decoder) add(at *token.Position, path, want, got string) *Problem {
	p := &Problem{File: d.file, Path: path, Want: want, Got: got}
	if at != nil {
		p.Line, p.Column = at.Line, at.Column
	}
	d.problems = append(d.problems, p)
	return p
}

// problem is a Problem at the place of a field, for validation, or of the section
// that it would stand in.
func (d *decoder) problem(path string) *Problem {
	p := &Problem{File: d.file}
	for path != "" {
		if at := d.at[path]; at != nil {
			p.Line, p.Column = at.Line, at.Column
			break
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return p
}

// unreadable tells whether a field, or what it belongs to, could not be read: what
// validation says of the default in its place is no news.
func (d *decoder) unreadable(path string) bool {
	return slices.ContainsFunc(d.problems, func(p *Problem) bool {
		rest, ok := strings.CutPrefix(path, p.Path)
		return ok && p.Path != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// section decodes the file's outermost mapping.
func (d *decoder) section(n ast.Node, c *Config) {
	if _, ok := n.(*ast.NullNode); !ok {
		d.value(n, start(n).Position, reflect.ValueOf(c).Elem(), "")
	}
}

func (d *decoder) value(n ast.Node, at *token.Position, v reflect.Value, path string) {
	d.at[path] = at
	switch {
	case v.Kind() == reflect.Struct:
		d.structure(n, v, path)
	case v.Kind() == reflect.Slice:
		d.list(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

// start is the first token of a node: for a mapping the library gives its first colon.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

func (d *decoder) structure(n ast.Node, v reflect.Value, path string) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.NullNode:
		return // every field is left out
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		d.add(d.at[path], path, "a section with fields", describe(n))
		return
	}
	for _, pair := range pairs {
		tk := pair.Key.GetToken()
		name := tk.Value
		f := field(v, name)
		if !f.IsValid() {
			p := d.add(tk.Position, join(path, quoteName(name)), "a field that exists", "an unknown one")
			p.Hint = hint(name, v.Type(), path)
			continue
		}
		here := join(path, name)
		if first := d.at[here]; first != nil {
			d.add(tk.Position, here, "every field once", fmt.Sprintf("a second one; the first is at %d:%d", first.Line, first.Column))
			continue
		}
		at := start(pair.Value).Position
		if pair.Value.GetToken().Type == token.ImplicitNullType {
			at = tk.Position // nothing has no place
		}
		d.value(pair.Value, at, f, here)
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.add(d.at[path], path, "a list", describe(n))
		return
	}
	if len(seq.Values) > maxList {
		d.add(d.at[path], path, fmt.Sprintf("a list of at most %d", maxList), strconv.Itoa(len(seq.Values)))
		return
	}
	// The empty list is written as such and read as the zero value that it stands for.
	list := reflect.Zero(v.Type())
	for i, item := range seq.Values {
		e := reflect.New(v.Type().Elem()).Elem()
		preset(e)
		d.value(item, start(item).Position, e, index(path, i))
		list = reflect.Append(list, e)
	}
	v.Set(list)
}

// scalar decodes a single value from its text. What the library takes a plain
// text for does not matter: the field says what it is.
func (d *decoder) scalar(n ast.Node, v reflect.Value, path string) {
	text, quoted, ok := scalarText(n)
	if !ok {
		d.add(d.at[path], path, wanted(v), describe(n))
		return
	}
	if v.Kind() == reflect.String {
		v.SetString(text)
		return
	}
	if !quoted && set(v, text) {
		return
	}
	p := d.add(d.at[path], path, wanted(v), quote(text))
	if quoted && set(reflect.New(v.Type()).Elem(), text) {
		p.Hint = "without the quotes"
	}
	if (v.Kind() == reflect.Bool || v.Type() == switchType) && slices.Contains([]string{"yes", "no", "on", "off"}, strings.ToLower(text)) {
		p.Hint = "true for yes, false for no"
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil && v.Type() == durationType {
		p.Hint = "a duration needs its unit"
	}
}

// scalarText is the text of a single value, and whether it was quoted.
func scalarText(n ast.Node) (text string, quoted, ok bool) {
	switch n := n.(type) {
	case *ast.NullNode:
		return "", false, false
	case *ast.LiteralNode:
		return n.Value.Value, true, true
	case *ast.StringNode:
		tk := n.GetToken()
		return n.Value, tk.Type == token.SingleQuoteType || tk.Type == token.DoubleQuoteType, true
	case ast.ScalarNode:
		return n.GetToken().Value, false, true
	default:
		return "", false, false
	}
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	sizeType     = reflect.TypeFor[Size]()
	switchType   = reflect.TypeFor[Switch]()
)

// PanicFieldType is the panic of a configuration type with a field of a kind that
// the decoder does not know.
const PanicFieldType = "config: a field is of a type that cannot be read"

// set parses a text into a field and tells whether it could; if not, the field
// keeps its value.
func set(v reflect.Value, text string) bool {
	var x any
	var err error
	switch {
	case v.Type() == durationType:
		x, err = time.ParseDuration(text)
	case v.Type() == sizeType:
		x, err = ParseSize(text)
	case v.Type() == switchType:
		x, err = parseSwitch(text)
	case v.Kind() == reflect.Bool:
		x, err = parseBool(text)
	case v.Kind() == reflect.Int:
		x, err = strconv.Atoi(text)
	case v.Kind() == reflect.Uint64:
		x, err = strconv.ParseUint(text, 10, 64)
	case v.Kind() == reflect.Float64:
		x, err = parseFloat(text)
	default:
		panic(PanicFieldType)
	}
	if err == nil {
		v.Set(reflect.ValueOf(x))
	}
	return err == nil
}

// parseBool reads the booleans of YAML 1.2.
func parseBool(text string) (bool, error) {
	switch text {
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	default:
		return false, strconv.ErrSyntax
	}
}

// parseFloat reads decimal numbers: neither Go's hexadecimals nor inf and nan.
func parseFloat(text string) (float64, error) {
	if strings.ContainsAny(text, "xXpPnN_") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(text, 64)
}

// wanted says what kind of value a field takes.
func wanted(v reflect.Value) string {
	switch {
	case v.Type() == durationType:
		return "a duration such as 20ms or 1m30s"
	case v.Type() == sizeType:
		return wantSize
	case v.Type() == switchType:
		return wantSwitch
	}
	switch v.Kind() {
	case reflect.String:
		return `a text ("" for none)`
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number from 0"
	case reflect.Float64:
		return "a number"
	default:
		panic(PanicFieldType)
	}
}

// describe says what stands where something else was expected.
func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a section"
	case *ast.SequenceNode:
		return "a list"
	}
	if text, _, ok := scalarText(n); ok {
		return quote(text)
	}
	return "a " + strings.ToLower(n.Type().YAMLName())
}

// fields goes through the fields of a section, by index, with the tag that holds
// name and comment.
func fields(t reflect.Type) iter.Seq2[int, reflect.StructTag] {
	return func(yield func(int, reflect.StructTag) bool) {
		for i := range t.NumField() {
			if !yield(i, t.Field(i).Tag) {
				return
			}
		}
	}
}

// field finds the field of a section by its name in the file.
func field(v reflect.Value, name string) reflect.Value {
	for i, tag := range fields(v.Type()) {
		if tag.Get("yaml") == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// quoteName writes a name from outside as part of a path.
func quoteName(name string) string {
	for _, r := range name {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return quote(name)
		}
	}
	if len(name) > maxQuoted || name == "" {
		return quote(name)
	}
	return name
}
