package topology

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/goccy/go-yaml/token"

	"github.com/saccade-dev/saccade/features/plainyaml"
)

// Bounds of a file, ahead of its parser, whose time grows with the square of what
// structure there is.
const (
	MaxFileBytes = 128 << 10
	maxStructure = 12_000 // colons, commas, dashes, brackets and braces
	maxNesting   = 8
)

var limits = plainyaml.Limits{Bytes: MaxFileBytes, Nesting: maxNesting, Structure: maxStructure}

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
	switch body, p := plainyaml.Document(text, limits); {
	case p != nil:
		d.fail(p.At, -1, "", p.Want, p.Got)
	case body == nil:
		d.fail(nil, -1, "", "fields name, input and layers", "nothing")
	default:
		d.topology(body, t)
	}
	return t
}
