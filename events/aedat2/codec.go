package aedat2

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Name is the format's name.
const Name = "aedat2"

const (
	family      = "#!AER-DAT"
	magic       = family + "2.0"
	recordBytes = 8
)

// An address of the DVS128.
const (
	dvsPolarity = 1
	dvsXShift   = 1
	dvsYShift   = 8
	dvsMask     = 1<<7 - 1
	dvsTrigger  = 1 << 15
	dvsSpecial  = 1 << 31
	dvsBits     = 1<<16 - 1
	dvsSide     = 128
)

// An address of a DAVIS.
const (
	davisTrigger = 1 << 10
	davisOn      = 11 // the bit's number
	davisXShift  = 12
	davisXMask   = 1<<10 - 1
	davisYShift  = 22
	davisYMask   = 1<<9 - 1
	davisSample  = 1 << 31
	davisIMU     = davisSample | 3<<10
	davisMaxX    = davisXMask
	davisMaxY    = davisYMask
)

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "AEDAT 2.0, jAER's recordings of DVS128 and DAVIS cameras",
		Extension:   ".aedat",
		Detect:      detect,
		NewReader:   newReader,
		NewWriter:   newWriter,
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
