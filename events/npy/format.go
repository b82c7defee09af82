package npy

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// The formats' names.
const (
	Name    = "npy"
	NameZip = "npz"
)

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "numpy structured array with fields t, x, y, p",
		Extension:   ".npy",
		Detect: func(head []byte, _ int64) error {
			if !bytes.HasPrefix(head, []byte(magic)) {
				return fmt.Errorf("it does not begin with %q", magic)
			}
			return nil
		},
		NewReader: newReader,
		NewWriter: newWriter,
	})
	events.RegisterFormat(&events.Format{
		Name:        NameZip,
		Description: "numpy archive with a structured array, or an array a field",
		Extension:   ".npz",
		Detect:      detectZip,
		NewReader:   newZipReader,
		NewWriter:   newZipWriter,
	})
}

// detectZip knows a zip archive whose first member is an array.
func detectZip(head []byte, _ int64) error {
	if !bytes.HasPrefix(head, []byte(localMagic)) {
		return errors.New("it does not begin as a zip archive")
	}
	m, err := readMember(&counter{r: bytes.NewReader(head)})
	if err != nil || !m.array() {
		return errors.New("a zip archive that does not begin with an array")
	}
	return nil
}

// checkGeometry refuses a geometry that is no sensor's, and gives what events must
// lie in where there is none.
func checkGeometry(g events.Geometry) (bounds events.Geometry, err error) {
	switch {
	case g == (events.Geometry{}):
		return events.Geometry{Width: events.MaxSide, Height: events.MaxSide}, nil
	case !g.Valid():
		return g, fmt.Errorf("geometry %dx%d: expected sides from 1 to %d", g.Width, g.Height, events.MaxSide)
	default:
		return g, nil
	}
}

// newReader reads a .npy file.
func newReader(src io.Reader, g events.Geometry) (events.Reader, error) {
	bounds, err := checkGeometry(g)
	if err != nil {
		return nil, err
	}
	h, err := readHeader(src)
	if err != nil {
		return nil, err
	}
	if !h.record.complete() {
		return nil, &events.FormatError{Format: Name, Offset: 10, Want: wantRecord, Got: h.record.String(), Fatal: true}
	}
	return &reader{
		name: Name, geometry: g, place: func(at int64) (int64, string) { return at, "" },
		array: newArray(src, h, bounds), finish: func() error { return expectEnd(src, h) },
	}, nil
}

const wantRecord = "records with fields t, x, y and p"

// String says what a record has instead of what it should have.
func (r *record) String() string {
	if r.plain {
		return "an array of plain numbers"
	}
	return fmt.Sprintf("the fields %.200q", r.names)
}

// expectEnd sees that nothing stands behind the records.
func expectEnd(src io.Reader, h header) error {
	var b [1]byte
	switch _, err := source.Full(src, b[:]); {
	case err == nil:
		return &events.FormatError{
			Format: Name, Offset: h.bytes + h.count*int64(h.record.size), Fatal: true,
			Want: fmt.Sprintf("the end of the file behind %d events", h.count), Got: "more bytes",
		}
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}
