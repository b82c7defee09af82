package topology

import (
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a file, ahead of its parser, whose time grows with the square of what
// structure there is.
const (
	MaxFileBytes = 128 << 10
	maxStructure = 12_000 // colons, commas, dashes, brackets and braces
	maxNesting   = 8
)

// Load reads a topology from a file.
func Load(path string) (t *Topology, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("topology %s: %w", path, err)
	}
	return Parse(text, path)
}

// Parse reads a topology and checks that its layers fit. The name is the file's, for
// errors, which are an [*Error] with line and column.
func Parse(text []byte, name string) (*Topology, error) {
	d := &decoder{places: map[place]*token.Position{}}
	t := d.read(text)
	if d.err == nil {
		_, err := t.Resolve()
		var e *Error
		if err == nil {
			return t, nil
		}
		if !errors.As(err, &e) {
			return nil, err
		}
		d.err = e
		d.locate(e)
	}
	d.err.File = name
	return nil, d.err
}

// place is a field, or with no name the layer or the file as a whole.
type place struct {
	layer int // -1 for the file
	field string
}

// decoder keeps the first error, and where everything stands for those that follow.
type decoder struct {
	places map[place]*token.Position
	err    *Error
}

// locate gives an error the place of its field, or of what the field would stand in.
func (d *decoder) locate(e *Error) {
	for _, p := range []place{{e.layer, e.Field}, {e.layer, ""}, {-1, "layers"}, {-1, ""}} {
		if at := d.places[p]; at != nil {
			e.Line, e.Column = at.Line, at.Column
			return
		}
	}
}

func (d *decoder) fail(at *token.Position, layer int, field, want, got string) {
	if d.err != nil {
		return
	}
	d.err = fail(layer, field, want, got)
	if at != nil {
		d.err.Line, d.err.Column = at.Line, at.Column
	}
}

// read goes from the text to a topology that is not checked yet.
func (d *decoder) read(text []byte) *Topology {
	t := new(Topology)
	switch {
	case len(text) > MaxFileBytes:
		d.fail(nil, -1, "", fmt.Sprintf("a file of at most %d bytes", MaxFileBytes), "a larger one")
		return t
	case !utf8.Valid(text):
		d.fail(nil, -1, "", "text in UTF-8", "bytes that are not")
		return t
	}
	tokens := lexer.Tokenize(string(text))
	if !d.plain(tokens) {
		return t
	}
	if body := d.parse(tokens); d.err == nil {
		d.topology(body, t)
	}
	return t
}

// parse gives the one document of a file.
func (d *decoder) parse(tokens token.Tokens) (body ast.Node) {
	// The parser is a library's, and its input is whatever there is on disk: a panic in
	// it is reported as the syntax error that it missed.
	defer func() {
		if r := recover(); r != nil {
			d.fail(nil, -1, "", "YAML", fmt.Sprintf("a syntax that its parser does not survive: %v", r))
		}
	}()
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		var y yaml.Error
		message := err.Error()
		var at *token.Position
		if errors.As(err, &y) {
			message = y.GetMessage()
			if tk := y.GetToken(); tk != nil {
				at = tk.Position
			}
		}
		d.fail(at, -1, "", "YAML", "a mistake: "+message)
		return nil
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			d.fail(doc.Body.GetToken().Position, -1, "", "one document", "a second one")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		d.fail(nil, -1, "", "fields name, input and layers", "nothing")
	}
	return body
}

// plain refuses, before anything is built from them, what a topology has no use for
// and what would cost the parser more than its size.
func (d *decoder) plain(tokens token.Tokens) bool {
	depth, structure, line, inLine := 0, 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, inLine = tk.Position.Line, 0
		}
		what := ""
		switch tk.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType, token.MappingKeyType:
			what = "a " + tk.Type.String()
		case token.SequenceStartType, token.MappingStartType:
			depth++
			structure++
		case token.SequenceEndType, token.MappingEndType:
			depth--
			structure++
		case token.SequenceEntryType, token.MappingValueType:
			structure++
			if depth == 0 {
				inLine++
			}
		case token.CollectEntryType, token.DocumentHeaderType:
			structure++
		}
		if structure > maxStructure {
			what = fmt.Sprintf("more than %d fields and entries", maxStructure)
		}
		if depth > maxNesting || inLine > maxNesting {
			what = fmt.Sprintf("structure more than %d deep", maxNesting)
		}
		if what != "" {
			d.fail(tk.Position, -1, "", "plain fields and lists", what)
			return false
		}
	}
	return true
}
