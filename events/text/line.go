package text

import (
	"bytes"

	"github.com/saccade-dev/saccade/events"
)

// layout is how the lines of a source are written.
type layout struct {
	separator byte // ',' or ';'; 0 for spaces and tabs
	columns   []column
	power     int // of ten, that makes microseconds of times
}

// problem is what is wrong with a line: where in it, and what should be there.
type problem struct {
	column     column
	begin, end int  // of the field
	count      bool // the number of fields is wrong
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// event reads one line. The fields are gone through once, by the bytes that they
// mostly have; whatever else a number can have is left to scaled.
func (l *layout) event(line []byte) (e events.Event, wrong problem, ok bool) {
	i := 0
	for n, c := range l.columns {
		for i < len(line) && blank(line[i]) {
			i++
		}
		begin := i
		good := true
		switch c {
		case timeColumn:
			e.T, i, good = l.time(line, i)
		case xColumn:
			e.X, i, good = l.pixel(line, i)
		case yColumn:
			e.Y, i, good = l.pixel(line, i)
		case pColumn:
			e.P, i, good = l.polarity(line, i)
		default:
			i = l.passOver(line, i)
		}
		if !good {
			return e, problem{column: c, begin: begin, end: i}, false
		}
		if i == len(line) {
			if n != len(l.columns)-1 {
				return e, problem{begin: 0, end: i, count: true}, false
			}
			break
		}
		// i stands on a separator or on a blank: fieldEnd and its kind see to that.
		if l.separator != 0 {
			for i < len(line) && blank(line[i]) {
				i++
			}
			if i < len(line) && n != len(l.columns)-1 {
				if line[i] != l.separator {
					return e, problem{column: c, begin: begin, end: l.fieldEnd(line, i)}, false
				}
				i++
			}
		}
	}
	for i < len(line) && blank(line[i]) {
		i++
	}
	if i < len(line) {
		return e, problem{begin: 0, end: len(line), count: true}, false
	}
	return e, problem{}, true
}

// ends tells whether c ends a field.
func (l *layout) ends(c byte) bool { return c <= ' ' && blank(c) || c == l.separator && c != 0 }

func (l *layout) fieldEnd(line []byte, i int) int {
	for i < len(line) && !l.ends(line[i]) {
		i++
	}
	return i
}

// passOver goes to the end of a field of which nothing is read, blanks in it and all.
func (l *layout) passOver(line []byte, i int) int {
	if l.separator == 0 {
		return l.fieldEnd(line, i)
	}
	if n := bytes.IndexByte(line[i:], l.separator); n >= 0 {
		return i + n
	}
	return len(line)
}

func (l *layout) time(line []byte, begin int) (t int64, end int, ok bool) {
	i := begin
	for i < len(line) && line[i]-'0' <= 9 {
		t = 10*t + int64(line[i]-'0')
		i++
	}
	digits := i - begin
	missing := l.power // digits behind the point that microseconds have and the number has not
	if i < len(line) && line[i] == '.' && digits > 0 && l.power > 0 {
		i++
		for i < len(line) && missing > 0 && line[i]-'0' <= 9 {
			t = 10*t + int64(line[i]-'0')
			i++
			missing--
		}
		if i < len(line) && line[i]-'0' <= 9 {
			if line[i] >= '5' {
				t++
			}
			for i < len(line) && line[i]-'0' <= 9 {
				i++
			}
		}
	}
	if digits > 0 && digits+max(l.power, 0) <= maxDigits && l.power >= 0 && (i == len(line) || l.ends(line[i])) {
		return t * powers[missing], i, true
	}
	end = l.fieldEnd(line, begin)
	t, _, ok = scaled(line[begin:end], l.power)
	return t, end, ok
}

func (l *layout) pixel(line []byte, begin int) (v uint16, end int, ok bool) {
	i, n := begin, uint32(0)
	for i < len(line) && i < begin+5 && line[i]-'0' <= 9 {
		n = 10*n + uint32(line[i]-'0')
		i++
	}
	if i > begin && (i == len(line) || l.ends(line[i])) {
		return uint16(n), i, n < events.MaxSide
	}
	end = l.fieldEnd(line, begin)
	whole, exact, ok := scaled(line[begin:end], 0)
	return uint16(whole), end, ok && exact && whole >= 0 && whole < events.MaxSide
}

func (l *layout) polarity(line []byte, begin int) (p events.Polarity, end int, ok bool) {
	if begin < len(line) && line[begin]-'0' <= 1 && (begin+1 == len(line) || l.ends(line[begin+1])) {
		return events.Polarity(line[begin] - '0'), begin + 1, true
	}
	end = l.fieldEnd(line, begin)
	p, ok = polarity(line[begin:end])
	return p, end, ok
}

// polarity reads a field that is not just 0 or 1.
func polarity(field []byte) (events.Polarity, bool) {
	switch string(field) {
	case "true", "True", "TRUE", "on", "On", "ON":
		return events.On, true
	case "false", "False", "FALSE", "off", "Off", "OFF":
		return events.Off, true
	}
	v, whole, ok := scaled(field, 0)
	if !ok || !whole || v < -1 || v > 1 {
		return events.Off, false
	}
	if v == 1 {
		return events.On, true
	}
	return events.Off, true
}
