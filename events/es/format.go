package es

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// Name is the format's name.
const Name = "es"

const (
	signature   = "Event Stream"
	versionAt   = len(signature)
	typeAt      = versionAt + 3
	geometryAt  = typeAt + 1
	headerBytes = geometryAt + 4
	major       = 2
)

// kind is a type of stream, as byte 15 has it.
type kind uint8

const (
	generic kind = iota
	dvs
	atis
	display
	colour
)

// eventBytes is what an event of each kind takes.
var eventBytes = map[kind]int{dvs: 5, atis: 5, colour: 8}

// What a mark adds to the time, in microseconds.
const (
	overflowDVS    = 127
	overflowATIS   = 63
	overflowColour = 254
)

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "Event Stream, DVS, ATIS and colour events",
		Extension:   ".es",
		Detect:      detect,
		NewReader:   newReader,
		NewWriter:   newWriter,
	})
}

// detect knows every Event Stream file, those whose events cannot be read too, so
// that the reader can say why.
func detect(head []byte, _ int64) error {
	if !bytes.HasPrefix(head, []byte(signature)) {
		return errors.New(`it does not begin with "Event Stream"`)
	}
	return nil
}

// readHeader reads all that stands before the first event.
func readHeader(r io.Reader, given events.Geometry) (kind, events.Geometry, error) {
	var b [headerBytes]byte
	n, err := source.Full(r, b[:])
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, given, err
	}
	fail := func(offset int, want, got string) (kind, events.Geometry, error) {
		return 0, given, &events.FormatError{Format: Name, Offset: int64(offset), Want: want, Got: got, Fatal: true}
	}
	cut := func() (kind, events.Geometry, error) {
		return fail(n, fmt.Sprintf("a header of %d bytes", headerBytes), "the end of the file")
	}
	head := b[:n]
	if !bytes.HasPrefix(head, []byte(signature)[:min(n, len(signature))]) {
		return fail(0, fmt.Sprintf("%q", signature), fmt.Sprintf("%.12q", head))
	}
	if n <= typeAt {
		return cut()
	}
	if b[versionAt] != major {
		return fail(versionAt, "version 2", fmt.Sprintf("version %d.%d.%d", b[versionAt], b[versionAt+1], b[versionAt+2]))
	}
	const want = "a stream of DVS, ATIS or colour events (type 1, 2 or 4)"
	k := kind(b[typeAt])
	switch k {
	case dvs, atis, colour:
	case generic:
		return fail(typeAt, want, "generic events (type 0): bytes of their maker's own, without pixels")
	case display:
		return fail(typeAt, want, "display events (type 3): what a display shows, not what a sensor saw")
	default:
		return fail(typeAt, want, fmt.Sprintf("type %d", b[typeAt]))
	}
	if n < headerBytes {
		return cut()
	}
	if given.Known() {
		return k, given, nil
	}
	g := events.Geometry{
		Width:  int(binary.LittleEndian.Uint16(b[geometryAt:])),
		Height: int(binary.LittleEndian.Uint16(b[geometryAt+2:])),
	}
	if !g.Valid() {
		return fail(geometryAt, fmt.Sprintf("a width and a height from 1 to %d", events.MaxSide), fmt.Sprintf("%dx%d", g.Width, g.Height))
	}
	return k, g, nil
}
