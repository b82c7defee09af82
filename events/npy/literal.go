package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxDepth bounds lists in lists.
const maxDepth = 8

// tuple and list are what Python has them for; a dict is a map.
type (
	tuple []any
	list  []any
)

// literal reads the Python literals that the header of an array can have: strings,
// whole numbers, True, False and None, and tuples, lists and dicts of them.
type literal struct {
	s  string
	at int
}

func parseLiteral(s string) (any, error) {
	l := &literal{s: s}
	v, err := l.value(0)
	if err == nil && l.next() != 0 {
		err = l.unexpected("the end")
	}
	return v, err
}

// next gives the next byte behind blanks without taking it, 0 at the end.
func (l *literal) next() byte {
	for l.at < len(l.s) && strings.IndexByte(" \t\r\n", l.s[l.at]) >= 0 {
		l.at++
	}
	if l.at == len(l.s) {
		return 0
	}
	return l.s[l.at]
}

func (l *literal) unexpected(want string) error {
	return fmt.Errorf("expected %s, found %.20q", want, l.s[l.at:])
}

func (l *literal) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("too deep")
	}
	switch c := l.next(); {
	case c == '\'' || c == '"':
		return l.str()
	case c == '(':
		v, err := l.items(')', depth)
		return tuple(v), err
	case c == '[':
		v, err := l.items(']', depth)
		return list(v), err
	case c == '{':
		return l.dict(depth)
	case c == '-' || c >= '0' && c <= '9':
		return l.number()
	}
	for word, v := range map[string]any{"True": true, "False": false, "None": nil} {
		if strings.HasPrefix(l.s[l.at:], word) {
			l.at += len(word)
			return v, nil
		}
	}
	return nil, l.unexpected("a value")
}

func (l *literal) str() (string, error) {
	quote := l.s[l.at]
	end := strings.IndexByte(l.s[l.at+1:], quote)
	if end < 0 {
		return "", l.unexpected("a string with its end")
	}
	s := l.s[l.at+1 : l.at+1+end]
	if strings.IndexByte(s, '\\') >= 0 {
		return "", l.unexpected("a string without escapes")
	}
	l.at += end + 2
	return s, nil
}

func (l *literal) number() (int64, error) {
	end := l.at + 1
	for end < len(l.s) && l.s[end] >= '0' && l.s[end] <= '9' {
		end++
	}
	v, err := strconv.ParseInt(l.s[l.at:end], 10, 64)
	if err != nil {
		return 0, l.unexpected("a whole number")
	}
	l.at = end
	if l.at < len(l.s) && l.s[l.at] == 'L' { // Python 2's long
		l.at++
	}
	return v, nil
}

// items reads what stands between brackets, with a comma behind the last or not.
func (l *literal) items(end byte, depth int) ([]any, error) {
	l.at++
	var out []any
	for {
		if l.next() == end {
			l.at++
			return out, nil
		}
		v, err := l.value(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		switch l.next() {
		case ',':
			l.at++
		case end:
		default:
			return nil, l.unexpected("a comma")
		}
	}
}

func (l *literal) dict(depth int) (map[string]any, error) {
	l.at++
	out := map[string]any{}
	for {
		switch c := l.next(); c {
		case '}':
			l.at++
			return out, nil
		case '\'', '"':
		default:
			return nil, l.unexpected("a key")
		}
		key, err := l.str()
		if err != nil {
			return nil, err
		}
		if l.next() != ':' {
			return nil, l.unexpected("a colon")
		}
		l.at++
		if out[key], err = l.value(depth + 1); err != nil {
			return nil, err
		}
		switch l.next() {
		case ',':
			l.at++
		case '}':
		default:
			return nil, l.unexpected("a comma")
		}
	}
}
