package hil

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/saccade-dev/saccade/features/plainyaml"
)

// MaxFileBytes bounds a run file.
const MaxFileBytes = 64 << 10

var limits = plainyaml.Limits{Bytes: MaxFileBytes, Nesting: 8, Structure: 4096}

// Load reads a run file. Paths in it that are not absolute are taken from the folder of the file.
func Load(path string) (c Config, err error) {
	f, err := os.Open(path)
	if err != nil {
		return Config{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	if c, err = Parse(text, path); err != nil {
		return Config{}, err
	}
	c.rebase(filepath.Dir(path))
	return c, nil
}

// rebase makes paths relative to a folder.
func (c *Config) rebase(dir string) {
	at := func(path string) string {
		if path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(dir, path)
	}
	c.Model.File = at(c.Model.File)
	for i, r := range c.Stream.Recordings {
		if list, ok := strings.CutPrefix(r, "@"); ok {
			c.Stream.Recordings[i] = "@" + at(list)
		} else {
			c.Stream.Recordings[i] = at(r)
		}
	}
}

// Parse reads a run. Fields that are not given have their defaults; $NAME and ${NAME} in paths are taken from the
// environment. The name is the file's: errors say where in it they are, what was expected and what was found.
func Parse(text []byte, name string) (Config, error) {
	c := Default()
	body, p := plainyaml.Document(text, limits)
	if p != nil {
		return Config{}, fmt.Errorf("%s: expected %s, found %s", place(name, p.At), p.Want, p.Got)
	}
	if body != nil {
		if err := yaml.NodeToValue(body, &c, yaml.Strict()); err != nil {
			return Config{}, decodeError(name, err)
		}
	}
	if err := c.expand(); err != nil {
		return Config{}, located(name, body, err)
	}
	if err := c.Validate(); err != nil {
		return Config{}, located(name, body, err)
	}
	return c, nil
}

// expand puts the environment into paths.
func (c *Config) expand() error {
	var missing string
	look := func(name string) string {
		v, ok := os.LookupEnv(name)
		if !ok {
			missing = name
		}
		return v
	}
	c.Model.File = os.Expand(c.Model.File, look)
	if missing != "" {
		return wrong("model.file", "expected variables of the environment, found $%s, which is not set", missing)
	}
	for i, r := range c.Stream.Recordings {
		c.Stream.Recordings[i] = os.Expand(r, look)
		if missing != "" {
			return wrong(fmt.Sprintf("stream.recordings[%d]", i), "expected variables of the environment, found $%s, which is not set", missing)
		}
	}
	return nil
}

func place(name string, at *token.Position) string {
	if at == nil {
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, at.Line, at.Column)
}

// misfit is how the library says that a value is of another type than its field.
var misfit = regexp.MustCompile(`^cannot unmarshal .* into Go (?:struct field \S+ of type|value of type) (\S+)`)

// kinds are types as people know them.
var kinds = map[string]string{
	"time.Duration": "a duration such as 20ms", "int": "a whole number", "int64": "a whole number", "uint64": "a whole number from 0",
	"float64": "a number", "bool": "true or false", "string": "a text",
}

// decodeError gives the library's error our form.
func decodeError(name string, err error) error {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	at, text := place(name, y.GetToken().Position), y.GetMessage()
	if m := misfit.FindStringSubmatch(text); m != nil {
		kind, ok := kinds[m[1]]
		if !ok {
			kind = "a section or list, as this field has"
		}
		return fmt.Errorf("%s: expected %s, found %q", at, kind, y.GetToken().Value)
	}
	return fmt.Errorf("%s: %s", at, text)
}

// located puts the place of the field that an error is about in front of it, or of the nearest section around it.
func located(name string, body ast.Node, err error) error {
	var f *FieldError
	if !errors.As(err, &f) || body == nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	at := map[string]*token.Position{}
	index(at, body, "")
	for path := f.Path; path != ""; path = path[:max(0, strings.LastIndexAny(path, ".["))] {
		if p := at[path]; p != nil {
			return fmt.Errorf("%s: %w", place(name, p), err)
		}
	}
	return fmt.Errorf("%s: %w", name, err)
}

// index finds out where each field of a document stands.
func index(at map[string]*token.Position, n ast.Node, path string) {
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			index(at, v, path)
		}
	case *ast.MappingValueNode:
		tk := n.Key.GetToken()
		if path != "" {
			path += "."
		}
		path += tk.Value
		at[path] = tk.Position
		index(at, n.Value, path)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			item := path + "[" + strconv.Itoa(i) + "]"
			at[item] = v.GetToken().Position
			index(at, v, item)
		}
	}
}
