package text

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// sampleLines is how many lines of events are looked at to find out how all are
// written.
const sampleLines = 200

// found is what the head of a source tells.
type found struct {
	layout   layout
	geometry events.Geometry
	start    int // where the lines of events begin
	lines    int // lines before that
	comments int64
	events   int  // lines of events looked at
	named    bool // a line of names stands before them
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// comment tells whether a line is none of events.
func comment(line []byte) bool { return len(line) > 0 && (line[0] == '#' || line[0] == '%') }

// discover finds out how the lines of a source are written, by those in head. The
// last line of head is left out unless head is all that there is. An error is a
// *events.FormatError.
func discover(head []byte, all bool, o Options) (found, error) {
	var f found
	fail := func(line, at int, want, got string) (found, error) {
		return f, &events.FormatError{
			Format: Name, Offset: int64(at), Want: want, Got: fmt.Sprintf("%s in line %d", got, line), Fatal: true,
		}
	}
	if bytes.HasPrefix(head, byteOrderMark) {
		f.start = len(byteOrderMark)
	}
	var sample [][]byte // lines of events
	var names [][]byte
	settled := false // whether events have begun
	line, at := 0, f.start
	for rest := head[f.start:]; len(rest) > 0 && len(sample) < sampleLines; line++ {
		text, after, whole := bytes.Cut(rest, []byte{'\n'})
		if !whole && !all {
			break
		}
		here := at
		at += len(rest) - len(after)
		rest = after
		text = bytes.TrimRight(text, " \t\r")
		switch {
		case comment(text):
			if g, ok := geometryComment(text); ok {
				f.geometry = g
			}
			if !settled {
				f.comments++
			}
		case len(bytes.TrimSpace(text)) == 0:
		case settled:
			sample = append(sample, text)
			continue
		default:
			switch {
			case bytes.IndexByte(text, ',') >= 0:
				f.layout.separator = ','
			case bytes.IndexByte(text, ';') >= 0:
				f.layout.separator = ';'
			}
			cells := fields(text, f.layout.separator)
			if g, ok := geometryLine(cells); ok && names == nil {
				f.geometry = g
				break
			}
			if names == nil && hasName(cells) {
				names = cells
				if o.Columns == "" {
					if columns, _, ok := named(cells); !ok || len(columns) > maxColumns {
						return fail(line+1, here, "names of columns with t, x, y and p among them", fmt.Sprintf("%.80q", text))
					}
				}
				break
			}
			settled = true
			f.start, f.lines = here, line
			sample = append(sample, text)
			continue
		}
		if !settled {
			f.start, f.lines = at, line+1
		}
	}
	f.events = len(sample)
	return f, f.settle(sample, names, o, fail)
}

// settle decides on columns and unit.
func (f *found) settle(sample, names [][]byte, o Options, fail func(line, at int, want, got string) (found, error)) error {
	unit := o.Unit
	rows := make([][][]byte, len(sample))
	for i := range sample {
		rows[i] = fields(sample[i], f.layout.separator)
	}
	switch {
	case o.Columns != "":
		columns, err := parseColumns(o.Columns)
		if err != nil {
			return err
		}
		f.layout.columns = columns
	case names != nil:
		f.named = true
		columns, u, _ := named(names)
		f.layout.columns = columns
		if unit == Found {
			unit = u
		}
	default:
		f.layout.columns = guessColumns(rows)
		if f.layout.columns == nil && len(rows) > 0 {
			_, err := fail(f.lines+1, f.start, "time, x, y and polarity (0, 1 or -1) in lines of four numbers, or a line of names",
				fmt.Sprintf("%.80q", sample[0]))
			return err
		}
	}
	if f.layout.columns == nil {
		f.layout.columns = orders[0] // no events: nothing depends on it
	}
	if unit == Found {
		unit = guessUnit(rows, f.layout.columns, names != nil)
	}
	f.layout.power = unit.power()
	if o.Geometry.Known() {
		f.geometry = o.Geometry
	}
	return nil
}

func hasName(cells [][]byte) bool {
	for _, c := range cells {
		if isName(c) {
			return true
		}
	}
	return false
}

// geometryLine reads two whole numbers that stand alone in the first line.
func geometryLine(cells [][]byte) (events.Geometry, bool) {
	if len(cells) != 2 {
		return events.Geometry{}, false
	}
	w, exactW, okW := scaled(cells[0], 0)
	h, exactH, okH := scaled(cells[1], 0)
	g := events.Geometry{Width: int(w), Height: int(h)}
	return g, exactW && exactH && okW && okH && g.Valid()
}

// geometryComment reads "%geometry:1280,720" and its like.
func geometryComment(text []byte) (events.Geometry, bool) {
	s := strings.TrimLeft(strings.ToLower(string(text)), "#% \t")
	s, found := strings.CutPrefix(s, "geometry")
	if !found {
		return events.Geometry{}, false
	}
	return geometryLine(bytes.FieldsFunc([]byte(s), func(r rune) bool { return strings.ContainsRune(":=,x* \t", r) }))
}
