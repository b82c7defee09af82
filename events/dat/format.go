package dat

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Name is the format's name.
const Name = "dat"

const (
	recordBytes = 8

	// Types of events, of the vendor's list, that a DAT file can hold.
	type2D      = 0
	typeCD      = 12
	typeTrigger = 14
)

// The upper half of a record of version 1: x in 9 bits, y in 8, p in one. That of
// version 2 stands in decode2, which is written out for speed.
const (
	xMask1   = 1<<9 - 1
	yShift1  = 9
	yMask1   = 1<<8 - 1
	onShift1 = 17
	// unused1 are the bits that version 1 does not use.
	unused1 = 0xffff_ffff &^ (1<<18 - 1)
)

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "Prophesee DAT, CD events of 64 bits",
		Extension:   ".dat",
		Detect:      detect,
		NewReader:   newReader,
		NewWriter:   newWriter,
	})
}

// detect tells a DAT header from that of a RAW file, which begins with "% " too.
func detect(head []byte, _ int64) error {
	if !bytes.HasPrefix(head, []byte(linePrefix)) {
		return errors.New(`no header of lines that begin with "% "`)
	}
	says := false
	for rest := head; ; {
		line, after, whole := headerLine(rest)
		if line == nil {
			if !says && len(rest) >= 2 && rest[1] == recordBytes && (rest[0] == type2D || rest[0] == typeCD || rest[0] == typeTrigger) {
				says = true
			}
			break
		}
		if !whole {
			break
		}
		switch key, _ := keyValue(line); key {
		case "evt", "format", "plugin_name", "integrator_name":
			return fmt.Errorf("a header line %q, as in RAW files", key)
		case "data", "version":
			says = true
		case "end":
			after = nil
		}
		rest = after
	}
	if !says {
		return errors.New("a header without a line of Version or Data, and without event type and size behind it")
	}
	return nil
}
