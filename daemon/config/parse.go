package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/saccade-dev/saccade/features/plainyaml"
)

// Bounds of a configuration file, many times what one can need: they are there for
// what is no configuration at all.
const (
	MaxFileBytes = 64 << 10
	MaxNesting   = 16   // flow collections within each other, and structure within a line
	MaxStructure = 4096 // colons, commas, dashes, brackets and braces; the parser's time grows with their square
)

var limits = plainyaml.Limits{Bytes: MaxFileBytes, Nesting: MaxNesting, Structure: MaxStructure}

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
func Parse(data []byte, name string) (Config, error) { return parse(Default(), data, name) }

// parse reads a configuration whose fields are those of c where they are not given.
func parse(c Config, data []byte, name string) (Config, error) {
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
	// Keys that are there twice are the decoder's to report, which goes on behind them.
	body, p := plainyaml.Document(data, limits, parser.AllowDuplicateMapKey())
	if p == nil {
		return body
	}
	found := d.add(p.At, "", p.Want, p.Got)
	if p.Alias {
		found.Hint = `a name pattern that starts with * needs quotes: "*"`
	}
	return nil
}
