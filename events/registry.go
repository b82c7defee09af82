package events

import (
	"fmt"
	"slices"
	"strings"
)

// The registries. They are filled by init functions and only read afterwards.
var (
	formats   []*Format
	encodings = map[string]*Encoding{}
)

// Panics of the registries, all mistakes of a programmer.
const (
	PanicDuplicateFormat   = "events: a format is registered twice"
	PanicDuplicateEncoding = "events: an encoding is registered twice"
)

// RegisterFormat adds a file format; call it from an init function.
func RegisterFormat(f *Format) {
	if slices.ContainsFunc(formats, func(g *Format) bool { return g.Name == f.Name }) {
		panic(PanicDuplicateFormat)
	}
	formats = append(formats, f)
	slices.SortFunc(formats, func(a, b *Format) int {
		if a.Weak != b.Weak {
			if a.Weak {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// Formats lists the registered file formats, those with a signature first.
func Formats() []*Format { return slices.Clone(formats) }

// FormatByName finds a registered format.
func FormatByName(name string) (*Format, error) {
	names := make([]string, 0, len(formats))
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return nil, fmt.Errorf("unknown format %q: known are %s", name, strings.Join(names, ", "))
}

// RegisterEncoding adds a message encoding; call it from an init function.
func RegisterEncoding(e *Encoding) {
	if encodings[e.Name] != nil {
		panic(PanicDuplicateEncoding)
	}
	encodings[e.Name] = e
}

// EncodingByName finds a registered encoding.
func EncodingByName(name string) (*Encoding, error) {
	if e := encodings[name]; e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("unknown encoding %q: known are %s", name, strings.Join(EncodingNames(), ", "))
}

// EncodingNames lists the registered encodings in alphabetical order.
func EncodingNames() []string {
	names := make([]string, 0, len(encodings))
	for name := range encodings {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
