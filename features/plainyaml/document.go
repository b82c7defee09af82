package plainyaml

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits bound a file ahead of its parser, whose time grows with the square of what
// structure there is.
type Limits struct {
	Bytes     int
	Nesting   int // flow collections in each other, and structure within a line
	Structure int // colons, commas, dashes, brackets and braces
}

// Problem is why a file cannot be read.
type Problem struct {
	At        *token.Position // where, or nil for the file as a whole
	Want, Got string
	Alias     bool // what was found is an alias, as a * without quotes is
}

// Document gives what the one document of a file consists of, nil where there is none.
// Options are the parser's.
func Document(text []byte, l Limits, options ...parser.Option) (ast.Node, *Problem) {
	if len(text) > l.Bytes {
		return nil, &Problem{Want: fmt.Sprintf("a file of at most %d bytes", l.Bytes), Got: "a larger one"}
	}
	if i := invalidUTF8(text); i >= 0 {
		return nil, &Problem{At: position(text, i), Want: "text in UTF-8", Got: fmt.Sprintf("the byte %#02x", text[i])}
	}
	tokens := lexer.Tokenize(string(bytes.TrimPrefix(text, []byte("\ufeff"))))
	if p := refuse(tokens, l); p != nil {
		return nil, p
	}
	return document(tokens, options)
}

func document(tokens token.Tokens, options []parser.Option) (body ast.Node, p *Problem) {
	// The parser is a library's, and its input is whatever a user has on disk: a
	// panic in it is reported as the syntax error that it missed.
	defer func() {
		if r := recover(); r != nil {
			body, p = nil, &Problem{Want: "YAML", Got: fmt.Sprintf("a syntax that its parser does not survive: %v", r)}
		}
	}()
	file, err := parser.Parse(tokens, 0, options...)
	if err != nil {
		return nil, syntax(err)
	}
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case body != nil:
			return nil, &Problem{At: doc.Body.GetToken().Position, Want: "one document", Got: "a second one"}
		default:
			body = doc.Body
		}
	}
	return body, nil
}

// syntax is an error of the parser, at the place that it gives.
func syntax(err error) *Problem {
	p := &Problem{Want: "YAML", Got: "a mistake: " + err.Error()}
	var y yaml.Error
	if errors.As(err, &y) {
		p.Got = "a mistake: " + y.GetMessage()
		if tk := y.GetToken(); tk != nil {
			p.At = tk.Position
		}
	}
	return p
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
