package text

import (
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// Unit is what times count.
type Unit uint8

// The units of time; Found stands for the one that the lines tell.
const (
	Found Unit = iota
	Seconds
	Milliseconds
	Microseconds
	Nanoseconds
)

// power is the power of ten that makes microseconds of a unit.
func (u Unit) power() int {
	switch u {
	case Seconds:
		return 6
	case Milliseconds:
		return 3
	case Nanoseconds:
		return -3
	default:
		return 0
	}
}

// Options say what the lines do not say of themselves, or say wrongly.
type Options struct {
	// Columns has a letter a column, t, x, y and p once each and - for columns to
	// pass over: "txyp", "-xypt". Empty for what names or numbers tell.
	Columns string
	// Unit of the times.
	Unit Unit
	// Geometry of the sensor; zero to take the file's own, if it has one.
	Geometry events.Geometry
}

// column is what stands in a column.
type column uint8

const (
	ignored column = iota
	timeColumn
	xColumn
	yColumn
	pColumn
)

// maxColumns bounds the columns of a line.
const maxColumns = 64

// parseColumns takes Options.Columns apart.
func parseColumns(s string) ([]column, error) {
	var out []column
	for _, c := range s {
		switch c {
		case 't':
			out = append(out, timeColumn)
		case 'x':
			out = append(out, xColumn)
		case 'y':
			out = append(out, yColumn)
		case 'p':
			out = append(out, pColumn)
		case '-':
			out = append(out, ignored)
		default:
			return nil, fmt.Errorf("columns %q: expected the letters t, x, y, p and -, found %q", s, c)
		}
	}
	for _, c := range "txyp" {
		if n := strings.Count(s, string(c)); n != 1 {
			return nil, fmt.Errorf("columns %q: expected %c once, found it %d times", s, c, n)
		}
	}
	if len(out) > maxColumns {
		return nil, fmt.Errorf("columns %q: expected at most %d", s, maxColumns)
	}
	return out, nil
}
