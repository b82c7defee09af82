package npy

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/saccade-dev/saccade/events"
)

// maxMembers bounds the members that are looked into.
const maxMembers = 1000

// newZipReader looks through an archive for the first array of events, or for the
// arrays of its fields.
func newZipReader(src io.Reader, g events.Geometry) (events.Reader, error) {
	bounds, err := checkGeometry(g)
	if err != nil {
		return nil, err
	}
	z := &archive{c: newCounter(src), geometry: g, bounds: bounds, parts: columns{bounds: bounds}}
	for range maxMembers {
		r, err := z.member()
		if errors.Is(err, io.EOF) {
			break
		}
		if r != nil || err != nil {
			return r, err
		}
	}
	return nil, zipError(z.c.n, "an array with fields t, x, y and p, or an array for each", fmt.Sprintf("the members %.200q", z.names))
}

// archive is a zip archive whose members are looked through.
type archive struct {
	c        *counter
	geometry events.Geometry
	bounds   events.Geometry
	parts    columns
	names    []string
}

// member reads the next member, or as much of it as tells that it holds events:
// then it gives their reader.
func (z *archive) member() (events.Reader, error) {
	m, err := readMember(z.c)
	if err != nil {
		return nil, err
	}
	o, err := m.open(z.c)
	if err != nil {
		return nil, err
	}
	z.names = append(z.names, m.name)
	if !m.array() {
		if m.descriptor && m.method == 0 {
			return nil, zipError(m.start, "an array", fmt.Sprintf("%.60q, whose end is not told", m.name))
		}
		if _, err := io.Copy(io.Discard, o); err != nil {
			return nil, err
		}
		return nil, o.close()
	}
	h, err := readHeader(o)
	if err != nil {
		return nil, inMember(m, err)
	}
	if h.record.complete() {
		return &reader{name: NameZip, geometry: z.geometry, place: m.place, array: newArray(o, h, z.bounds), finish: o.close}, nil
	}
	if ro, scale := named(strings.TrimSuffix(m.name, ".npy")); ro != none && h.record.plain {
		if err := z.parts.take(ro, scale, o, h); err != nil {
			return nil, inMember(m, err)
		}
	} else if err := skip(o, h.count*int64(h.record.size)); err != nil {
		return nil, err
	}
	if err := o.close(); err != nil {
		return nil, err
	}
	if z.parts.complete() {
		return z.parts.reader(z.geometry), nil
	}
	return nil, nil
}

// place gives the beginning of a member for an offset in it: what was unpacked has
// no other in the file.
func (m member) place(at int64) (int64, string) {
	if m.method == 0 {
		return m.start + at, ""
	}
	return m.start, fmt.Sprintf(" (at byte %d of %.60q, unpacked)", at, m.name)
}

// inMember moves an error of an array to where its member is.
func inMember(m member, err error) error {
	var fe *events.FormatError
	if !errors.As(err, &fe) || fe.Format == NameZip {
		return err
	}
	moved := *fe
	moved.Format, moved.Fatal = NameZip, true
	var words string
	moved.Offset, words = m.place(fe.Offset)
	moved.Got += words
	return &moved
}

// skip passes over an array that is not of events.
func skip(o *contents, n int64) error {
	_, err := io.CopyN(io.Discard, o, n)
	if errors.Is(err, io.EOF) {
		return zipError(o.c.n, fmt.Sprintf("%d bytes of an array in %.60q", n, o.m.name), "their end")
	}
	return err
}
