package npz

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// header is what an array's dictionary says.
type header struct {
	descr   string
	fortran bool
	shape   []int
}

// format takes a type such as <f4 apart.
func (h *header) format() (order, kind byte, size int, err error) {
	d := h.descr
	if len(d) == 3 && strings.ContainsRune("<>|=", rune(d[0])) {
		size = int(d[2] - '0')
		if slices.Contains(kindOf[d[1]], size) {
			return d[0], d[1], size, nil
		}
	}
	return 0, 0, 0, fmt.Errorf("type: expected whole numbers, booleans or floats, such as <i4, |b1 or <f4, found %q", d[:min(len(d), 32)])
}

// literal reads the few literals of Python that headers are made of.
type literal struct {
	text string
	at   int
}

// parseHeader reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
func parseHeader(text string) (*header, error) {
	l, h := &literal{text: text}, new(header)
	seen := map[string]bool{}
	err := l.expect("{")
	for err == nil && !l.accept("}") {
		var key string
		if key, err = l.quoted(); err != nil {
			break
		}
		if seen[key] {
			return nil, fmt.Errorf("header at character %d: %q stands twice", l.at, key)
		}
		seen[key] = true
		if err = l.expect(":"); err != nil {
			break
		}
		switch key {
		case "descr":
			h.descr, err = l.quoted()
		case "fortran_order":
			h.fortran, err = l.boolean()
		case "shape":
			h.shape, err = l.tuple()
		default:
			err = fmt.Errorf("header at character %d: expected descr, fortran_order or shape, found %q", l.at, key)
		}
		if err == nil && !l.accept(",") && !l.next("}") {
			err = l.expect("}")
		}
	}
	if err != nil {
		return nil, err
	}
	if len(seen) != 3 {
		return nil, fmt.Errorf("header: expected descr, fortran_order and shape, found %d of them", len(seen))
	}
	if rest := strings.TrimSpace(l.text[l.at:]); rest != "" {
		return nil, fmt.Errorf("header at character %d: expected the end, found %q", l.at, rest[:min(len(rest), 16)])
	}
	return h, nil
}

func (l *literal) next(what string) bool {
	for l.at < len(l.text) && strings.IndexByte(" \t\r\n", l.text[l.at]) >= 0 {
		l.at++
	}
	return strings.HasPrefix(l.text[l.at:], what)
}

func (l *literal) accept(what string) bool {
	if !l.next(what) {
		return false
	}
	l.at += len(what)
	return true
}

func (l *literal) expect(what string) error {
	if l.accept(what) {
		return nil
	}
	return fmt.Errorf("header at character %d: expected %q, found %q", l.at, what, l.text[l.at:min(len(l.text), l.at+16)])
}

func (l *literal) quoted() (string, error) {
	for _, q := range []string{"'", `"`} {
		if !l.accept(q) {
			continue
		}
		n := strings.Index(l.text[l.at:], q)
		if n < 0 || strings.Contains(l.text[l.at:l.at+n], `\`) {
			return "", fmt.Errorf("header at character %d: expected a plain text that ends", l.at)
		}
		s := l.text[l.at : l.at+n]
		l.at += n + 1
		return s, nil
	}
	return "", fmt.Errorf("header at character %d: expected a text, found %q", l.at, l.text[l.at:min(len(l.text), l.at+16)])
}

func (l *literal) boolean() (bool, error) {
	if l.accept("True") {
		return true, nil
	}
	return false, l.expect("False")
}

func (l *literal) tuple() (shape []int, err error) {
	if err := l.expect("("); err != nil {
		return nil, err
	}
	for !l.accept(")") {
		from := l.at
		for l.at < len(l.text) && l.text[l.at] >= '0' && l.text[l.at] <= '9' {
			l.at++
		}
		n, err := strconv.Atoi(l.text[from:l.at])
		if err != nil || n > MaxValues || len(shape) == maxAxes {
			return nil, fmt.Errorf("header at character %d: expected at most %d sizes from 0 to %d, found %q", from, maxAxes, MaxValues, l.text[from:min(len(l.text), from+16)])
		}
		l.accept("L") // as Python 2 wrote long numbers
		shape = append(shape, n)
		if !l.accept(",") && !l.next(")") {
			return nil, l.expect(")")
		}
		l.next("")
	}
	return shape, nil
}
