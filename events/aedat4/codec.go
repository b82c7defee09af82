package aedat4

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// Name is the format's name.
const Name = "aedat4"

const (
	family    = "#!AER-DAT"
	magic     = family + "4.0"
	firstLine = magic + "\r\n"

	prefixBytes = 4 // the size in front of a flatbuffer
	packetBytes = 8 // the stream id and the size in front of a packet

	// An event's fields by their offset.
	eventBytes = 16
	xOffset    = 8

	// maxHeader bounds the IOHeader: real ones are some kilobytes of XML.
	maxHeader = 4 << 20
	// maxPacket bounds a packet, compressed or not: four million events, ten frames of
	// the largest sensor. DV's own packets have 10 ms.
	maxPacket = 64 << 20
)

// The identifiers of flatbuffers, which also name what a stream holds.
const (
	idHeader  = "IOHE"
	idEvents  = "EVTS"
	idFrame   = "FRME"
	idIMU     = "IMUS"
	idTrigger = "TRIG"
	idTable   = "FTAB"
)

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "AEDAT 4.0, recordings of DV and dv-processing",
		Extension:   ".aedat4",
		Detect:      detect,
		NewReader:   newReader,
		NewWriter:   func(w io.Writer, h events.Header) (events.Writer, error) { return NewWriter(w, h, LZ4) },
	})
}

func detect(head []byte, _ int64) error {
	rest, found := bytes.CutPrefix(head, []byte(magic))
	switch {
	case found && (len(rest) == 0 || rest[0] == '\r' || rest[0] == '\n'):
		return nil
	case found:
		return errors.New("its first line is longer than " + magic)
	case bytes.HasPrefix(head, []byte(family)):
		return fmt.Errorf("its version is %.3s", head[len(family):])
	default:
		return errors.New("no " + magic + " at its start")
	}
}
