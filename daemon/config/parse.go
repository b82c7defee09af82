package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a configuration file, many times what one can need: they are there for
// what is no configuration at all.
const (
	MaxFileBytes = 64 << 10
	MaxNesting   = 16   // flow collections within each other, and structure within a line
	MaxStructure = 4096 // colons, commas, dashes, brackets and braces; the parser's time grows with their square
)

// Load reads a configuration file. The error of a file that is there but wrong is
// an [*Error].
func Load(path string) (Config, error) {
	data, err := read(path)
	if err != nil {
		return Config{}, err
	}
	return Parse(data, path)
}

// read reads a file up to one byte more than is accepted, whatever its size says.
func read(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err = io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

// Parse reads a configuration. Fields that are not given have their defaults. The
// name is the file's, for errors; every error is an [*Error].
func Parse(data []byte, name string) (Config, error) {
	c := Default()
	d := decoder{file: name, at: map[string]*token.Position{}}
	if body := d.document(data); body != nil {
		d.section(body, &c)
	}
	d.problems = append(d.problems, slices.DeleteFunc(c.problems(d.problem), func(p *Problem) bool {
		return d.unreadable(p.Path)
	})...)
	if len(d.problems) > 0 {
		slices.SortStableFunc(d.problems, func(a, b *Problem) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return Config{}, &Error{Problems: d.problems}
	}
	return c, nil
}

// document gives the mapping that the file consists of, or nil where it is empty
// or cannot be parsed at all.
func (d *decoder) document(data []byte) (body ast.Node) {
	if len(data) > MaxFileBytes {
		d.add(nil, "", fmt.Sprintf("a file of at most %s", Size(MaxFileBytes)), "a larger one")
		return nil
	}
	if i := invalidUTF8(data); i >= 0 {
		d.add(position(data, i), "", "text in UTF-8", fmt.Sprintf("the byte %#02x", data[i]))
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	tokens := lexer.Tokenize(string(data))
	if !d.plain(tokens) {
		return nil
	}
	// The parser is a library's, and its input is whatever a user has on disk: a
	// panic in it is reported as the syntax error that it missed.
	defer func() {
		if r := recover(); r != nil {
			d.add(nil, "", "YAML", fmt.Sprintf("a syntax that its parser does not survive: %v", r))
			body = nil
		}
	}()
	// Keys that are there twice are the decoder's to report, which goes on behind them.
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return nil
	}
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case body != nil:
			d.add(doc.Body.GetToken().Position, "", "one document", "a second one")
			return nil
		default:
			body = doc.Body
		}
	}
	return body
}

// plain refuses, before anything is built from them, what a configuration has no
// use for and what would cost the parser more than its size: anchors, aliases,
// merge keys, tags, directives, and structure deeper than any of ours.
func (d *decoder) plain(tokens token.Tokens) bool {
	depth, line, inLine, structure := 0, 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, inLine = tk.Position.Line, 0
		}
		what := ""
		switch tk.Type {
		case token.AnchorType:
			what = "an anchor (&)"
		case token.AliasType:
			what = "an alias (*)"
		case token.MergeKeyType:
			what = "a merge key (<<)"
		case token.TagType:
			what = "a tag (!)"
		case token.DirectiveType:
			what = "a directive (%)"
		case token.MappingKeyType:
			what = "a complex key (?)"
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
		if structure > MaxStructure {
			what = fmt.Sprintf("more than %d fields and entries", MaxStructure)
		}
		if depth > MaxNesting || inLine > MaxNesting {
			what = fmt.Sprintf("structure more than %d deep", MaxNesting)
		}
		if what != "" {
			p := d.add(tk.Position, "", "plain sections, fields and lists", what)
			if tk.Type == token.AliasType {
				p.Hint = `a name pattern that starts with * needs quotes: "*"`
			}
			return false
		}
	}
	return true
}

// syntax reports an error of the YAML parser at the place that it gives.
func (d *decoder) syntax(err error) {
	var at *token.Position
	message := err.Error()
	var y yaml.Error
	if errors.As(err, &y) {
		message = y.GetMessage()
		if tk := y.GetToken(); tk != nil {
			at = tk.Position
		}
	}
	d.add(at, "", "YAML", "a mistake: "+message)
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// position is the place of a byte, as the lexer counts: lines and columns from 1.
func position(data []byte, offset int) *token.Position {
	before := data[:offset]
	return &token.Position{
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1,
	}
}
