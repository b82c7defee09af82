package config

import (
	"bufio"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// printWidth is the column at which comments are broken.
const printWidth = 92

// Print writes the configuration as YAML, every field with its comment above it.
// What it writes of a valid configuration parses back to the same one.
func Print(w io.Writer, c Config) error {
	b := bufio.NewWriter(w)
	p := printer{b}
	p.line(0, "# Configuration of `saccade serve`. Every field may be left out; its default then stands.")
	c.NATS.URL = redact(c.NATS.URL)
	p.fields(reflect.ValueOf(c), 0)
	return b.Flush()
}

// printer leaves errors to the bufio.Writer, which keeps the first for Flush.
type printer struct{ w *bufio.Writer }

func (p printer) line(indent int, s string) {
	if s != "" {
		_, _ = p.w.WriteString(strings.Repeat("  ", indent))
		_, _ = p.w.WriteString(s)
	}
	_ = p.w.WriteByte('\n')
}

func (p printer) fields(v reflect.Value, indent int) {
	afterSection := indent == 0
	for i, tag := range fields(v.Type()) {
		f := v.Field(i)
		section := f.Kind() == reflect.Struct
		if section || afterSection {
			p.line(0, "")
		}
		afterSection = section
		p.comment(indent, tag.Get("doc"))
		name := tag.Get("yaml") + ":"
		switch {
		case section:
			p.line(indent, name)
			p.fields(f, indent+1)
		case f.Kind() == reflect.Slice && f.Len() > 0:
			p.line(indent, name)
			p.items(f, indent+1)
		default:
			p.line(indent, name+" "+text(f))
		}
	}
}

// items writes a list; the fields of an entry stand on one line, without
// comments, because they are the same for every entry.
func (p printer) items(v reflect.Value, indent int) {
	for i := range v.Len() {
		e := v.Index(i)
		if e.Kind() != reflect.Struct {
			p.line(indent, "- "+text(e))
			continue
		}
		if sections(e.Type()) {
			p.block(e, indent, "- ")
			continue
		}
		var pairs []string
		for j, tag := range fields(e.Type()) {
			pairs = append(pairs, tag.Get("yaml")+": "+text(e.Field(j)))
		}
		p.line(indent, "- {"+strings.Join(pairs, ", ")+"}")
	}
}

// comment writes a comment, broken between words.
func (p printer) comment(indent int, doc string) {
	room := printWidth - 2*indent
	line := "#"
	for word := range strings.FieldsSeq(doc) {
		if len(line)+1+len(word) > room && line != "#" {
			p.line(indent, line)
			line = "#"
		}
		line += " " + word
	}
	p.line(indent, line)
}

// text writes a single value so that it is read back as the same.
func text(v reflect.Value) string {
	switch {
	case v.Type() == durationType:
		return duration(time.Duration(v.Int()))
	case v.Type() == sizeType:
		return Size(v.Int()).String()
	case v.Type() == switchType:
		return Switch(v.Uint()).String()
	}
	switch v.Kind() {
	case reflect.String:
		return scalar(v.String())
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case reflect.Slice: // empty, or within an entry of a list
		items := make([]string, v.Len())
		for i := range items {
			items[i] = text(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	default:
		panic(PanicFieldType)
	}
}

// scalar writes a text: plain where no YAML reader could take it for anything
// else, in double quotes otherwise.
func scalar(s string) string {
	plain := s != "" && 'a' <= s[0]|0x20 && s[0]|0x20 <= 'z' && !strings.ContainsFunc(s, func(r rune) bool {
		return !nameRune(r) && r != '.' && r != '/'
	})
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		plain = false
	}
	if plain {
		return s
	}
	// A valid configuration's texts are printable: a backslash and a quote are all
	// that needs an escape, and both are written the same in Go and in YAML.
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// duration writes a duration as Go does, without the zero parts at its end.
func duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// redact takes user and password out of addresses. Only a configuration that
// Validate refuses has any, and it must not be printed either. With several
// addresses it takes out everything up to the last @: a password may hold a comma.
func redact(addresses string) string {
	at := strings.LastIndexByte(addresses, '@')
	if at < 0 {
		return addresses
	}
	scheme, _, ok := strings.Cut(addresses[:at], "://")
	if !ok {
		return "***" + addresses[at:]
	}
	return scheme + "://***" + addresses[at:]
}
