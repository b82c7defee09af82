package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	File         string // the file's name; empty for a configuration that is not from a file
	Line, Column int    // from 1; of the field or the section it belongs in, 0 where neither is in the file
	Path         string // the field, such as nats.embedded.port; empty for the file as a whole
	Want         string // what was expected
	Got          string // what was found
	Hint         string // what may help, such as the field that was probably meant
}

// String says where, what was expected and what was found, on a line.
func (p *Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		b.WriteByte(':')
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if p.Path != "" {
		b.WriteString(p.Path)
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "expected %s, found %s", p.Want, p.Got)
	if p.Hint != "" {
		fmt.Fprintf(&b, " (%s)", p.Hint)
	}
	return b.String()
}

// Error is everything that is wrong with a configuration, in the order of the
// file. There is at least one problem in it.
type Error struct {
	Problems []*Problem
}

// maxWritten is how many problems are written; nobody corrects more at a time.
const maxWritten = 20

// Error writes the problems, a line each.
func (e *Error) Error() string {
	var lines []string
	for i, p := range e.Problems {
		if i == maxWritten {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Problems)-i))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// maxQuoted is how much of a value an error repeats.
const maxQuoted = 64

// quote quotes a value for an error and cuts it where it is long.
func quote(s string) string {
	if len(s) > maxQuoted {
		return strconv.Quote(strings.ToValidUTF8(s[:maxQuoted], "")) + "..."
	}
	return strconv.Quote(s)
}
