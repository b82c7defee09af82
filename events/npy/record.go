package npy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// role is what a field says of an event.
type role uint8

const (
	none role = iota
	timeRole
	xRole
	yRole
	pRole
	roles
)

var roleNames = map[string]role{
	"t": timeRole, "ts": timeRole, "time": timeRole, "timestamp": timeRole, "timestamps": timeRole,
	"x": xRole, "y": yRole,
	"p": pRole, "pol": pRole, "polarity": pRole, "polarities": pRole, "on": pRole,
}

var unitNames = map[string]float64{
	"s": 1e6, "sec": 1e6, "seconds": 1e6, "ms": 1e3, "milliseconds": 1e3,
	"us": 1, "microseconds": 1, "ns": 1e-3, "nanoseconds": 1e-3,
}

// field is one number of a record.
type field struct {
	offset int
	kind   byte // 'b', 'i', 'u' or 'f', of numpy's type strings; 0 where there is no such field
	size   int
	big    bool
	// scale makes microseconds of times; 0 where the numbers have to tell.
	scale float64
}

// record is a type of records.
type record struct {
	size   int
	fields [roles]field
	names  []string
	plain  bool // no record but one number, in fields[none]
}

// complete tells whether a record is an event.
func (r *record) complete() bool {
	return r.fields[timeRole].kind != 0 && r.fields[xRole].kind != 0 && r.fields[yRole].kind != 0 && r.fields[pRole].kind != 0
}

// parseRecord reads the descr of a header.
func parseRecord(descr any) (record, error) {
	var r record
	if s, ok := descr.(string); ok {
		f, err := parseType(s)
		if err == nil && (f.size == 0 || f.size > maxItem) {
			err = fmt.Errorf("%.20q, numbers of no size from 1 to %d", s, maxItem)
		}
		r.fields[none], r.size, r.plain = f, f.size, true
		return r, err
	}
	all, ok := descr.(list)
	if !ok {
		return r, errors.New("neither a string nor a list")
	}
	for _, item := range all {
		t, ok := item.(tuple)
		if !ok || len(t) < 2 || len(t) > 3 {
			return r, fmt.Errorf("%v, no field with a name and a type", item)
		}
		name, ok := t[0].(string)
		if titled, is := t[0].(tuple); is && len(titled) == 2 { // a title and a name
			name, ok = titled[1].(string)
		}
		if !ok {
			return r, fmt.Errorf("%v, no name of a field", t[0])
		}
		f, err := parseField(t)
		if err != nil {
			return r, fmt.Errorf("field %q: %w", name, err)
		}
		f.offset = r.size
		r.size += f.size
		if r.size > maxItem {
			return r, fmt.Errorf("records of more than %d bytes", maxItem)
		}
		if name != "" { // padding has none
			r.names = append(r.names, name)
		}
		// The first of a role counts, and one that is no number counts for nothing.
		if ro, scale := named(name); ro != none && r.fields[ro].kind == 0 && f.kind != 0 {
			f.scale = scale
			if scale == 0 && f.kind != 'f' {
				f.scale = 1
			}
			r.fields[ro] = f
		}
	}
	if r.size == 0 {
		return r, errors.New("records of no bytes")
	}
	return r, nil
}

// named finds the role in a name, and the unit if one is named.
func named(name string) (role, float64) {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) == 0 {
		return none, 0
	}
	scale := 0.0
	for _, w := range words[1:] {
		if s, ok := unitNames[w]; ok {
			scale = s
		}
	}
	return roleNames[words[0]], scale
}

// parseField reads a field's type, which may be a record or an array itself: then
// only its size counts.
func parseField(t tuple) (field, error) {
	var f field
	switch descr := t[1].(type) {
	case string:
		var err error
		if f, err = parseType(descr); err != nil {
			return f, err
		}
	case list:
		inner, err := parseRecord(descr)
		if err != nil {
			return f, err
		}
		f = field{size: inner.size}
	default:
		return f, fmt.Errorf("%v, no type", t[1])
	}
	if len(t) == 3 {
		shape, ok := t[2].(tuple)
		if !ok {
			return f, fmt.Errorf("%v, no shape", t[2])
		}
		for _, n := range shape {
			side, ok := n.(int64)
			if !ok || side < 0 || side > maxItem || f.size*int(side) > maxItem {
				return f, fmt.Errorf("a shape with %v", n)
			}
			f.size *= int(side)
		}
		f.kind = 0
	}
	return f, nil
}

// parseType reads a type string: a byte order, a kind and a size.
func parseType(s string) (field, error) {
	bad := fmt.Errorf("%.20q, no type of numbers", s)
	if len(s) < 3 {
		return field{}, bad
	}
	size, err := strconv.Atoi(strings.SplitN(s[2:], "[", 2)[0]) // behind it, the unit of a date
	if err != nil || size < 0 || size > maxItem {
		return field{}, bad
	}
	f := field{kind: s[1], size: size, big: s[0] == '>', scale: 0}
	if strings.IndexByte("<>|=", s[0]) < 0 {
		return field{}, bad
	}
	switch s[1] {
	case 'b':
		if size != 1 {
			return field{}, bad
		}
	case 'i', 'u':
		if size != 1 && size != 2 && size != 4 && size != 8 {
			return field{}, bad
		}
	case 'f':
		if size != 4 && size != 8 {
			f.kind = 0 // halves and long doubles are no times and pixels
		}
	case 'U':
		f.kind, f.size = 0, 4*size
	case 'S', 'a', 'V', 'c', 'M', 'm':
		f.kind = 0
	default:
		return field{}, bad
	}
	return f, nil
}
