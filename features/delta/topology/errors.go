package topology

import (
	"fmt"
	"strconv"
	"strings"
)

// Error is what is wrong with a topology, and where.
type Error struct {
	File         string // "" where it was not read from one
	Line, Column int    // from 1; 0 where there is no text
	Layer        string // the layer's name; "" for what is of no layer, or of one without a name
	Field        string // such as stride, or input.max; "" for the layer as a whole
	Want, Got    string

	layer int // index, -1 for what is of no layer
}

// Error says where, what was expected and what was found, on a line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("topology")
	if e.File != "" {
		b.WriteString(" " + e.File)
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": ")
	if e.Layer != "" {
		fmt.Fprintf(&b, "layer %s: ", short(e.Layer))
	} else if e.layer >= 0 {
		fmt.Fprintf(&b, "layers[%d]: ", e.layer)
	}
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	fmt.Fprintf(&b, "expected %s, found %s", e.Want, e.Got)
	return b.String()
}

func fail(layer int, field, want, got string) *Error {
	return &Error{layer: layer, Field: field, Want: want, Got: got}
}

// short cuts a text from outside where it is long.
func short(s string) string {
	const most = 64
	s = strings.ToValidUTF8(s, "?")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	// What does not print would disturb the line.
	if q := strconv.Quote(s); strings.Contains(q, `\x`) || strings.Contains(q, `\u`) || strings.ContainsAny(s, "\n\r\t") {
		return strings.Trim(q, `"`)
	}
	return s
}
