package text

import (
	"bytes"
	"strings"
	"unicode"
)

var columnNames = map[string]column{
	"t": timeColumn, "ts": timeColumn, "time": timeColumn, "timestamp": timeColumn, "timestamps": timeColumn,
	"x": xColumn, "col": xColumn, "column": xColumn,
	"y": yColumn, "row": yColumn,
	"p": pColumn, "pol": pColumn, "polarity": pColumn, "polarities": pColumn, "on": pColumn, "sign": pColumn,
}

var unitNames = map[string]Unit{
	"s": Seconds, "sec": Seconds, "secs": Seconds, "second": Seconds, "seconds": Seconds,
	"ms": Milliseconds, "msec": Milliseconds, "milliseconds": Milliseconds,
	"us": Microseconds, "usec": Microseconds, "µs": Microseconds, "μs": Microseconds, "microseconds": Microseconds,
	"ns": Nanoseconds, "nsec": Nanoseconds, "nanoseconds": Nanoseconds,
}

// named reads a line of names. ok is false where t, x, y and p are not all in it;
// of two columns of one name the first counts.
func named(fields [][]byte) (columns []column, unit Unit, ok bool) {
	var seen [pColumn + 1]bool
	for _, f := range fields {
		words := strings.FieldsFunc(strings.ToLower(string(f)), func(r rune) bool { return !unicode.IsLetter(r) })
		c := ignored
		if len(words) > 0 {
			c = columnNames[words[0]]
		}
		if seen[c] {
			c = ignored
		}
		seen[c] = c != ignored
		if c == timeColumn {
			for _, w := range words[1:] {
				if u, known := unitNames[w]; known {
					unit = u
				}
			}
		}
		columns = append(columns, c)
	}
	return columns, unit, seen[timeColumn] && seen[xColumn] && seen[yColumn] && seen[pColumn]
}

// fields cuts a line up.
func fields(line []byte, separator byte) [][]byte {
	if separator == 0 {
		return bytes.Fields(line)
	}
	all := bytes.Split(line, []byte{separator})
	for i := range all {
		all[i] = bytes.TrimFunc(all[i], func(r rune) bool { return r < 128 && blank(byte(r)) })
	}
	return all
}

// isName tells whether a field can only be a name, and no number or polarity.
func isName(field []byte) bool {
	if _, _, ok := scaled(field, 0); ok {
		return false
	}
	_, ok := polarity(field)
	return !ok && bytes.ContainsFunc(field, unicode.IsLetter)
}
