package aedat31

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// Name is the format's name.
const Name = "aedat31"

const (
	family    = "#!AER-DAT"
	magic     = family + "3.1"
	formatKey = "#Format: "
	sourceKey = "#Source "
	sizeKey   = "#Sensor-Size: "
	endMark   = "#!END-HEADER"
	rawFormat = "RAW"

	// headerBytes is the length of a packet's header, and these are where its fields are.
	headerBytes    = 28
	typeField      = 0
	sourceField    = 2
	sizeField      = 4
	tsOffsetField  = 8
	overflowField  = 12
	capacityField  = 16
	numberField    = 20
	validField     = 24
	polarityType   = 1
	eventBytes     = 8
	eventTSOffset  = 4
	timeBits       = 31
	validMark      = 1
	onShift        = 1
	yShift, xShift = 2, 17
	sideMask       = 1<<15 - 1
	timeShift      = 32
)

// kinds names the types of packets, as libcaer numbers them.
var kinds = [...]string{
	"special", "event", "frame", "imu", "imu", "sample", "ear", "config",
	"point1d", "point2d", "point3d", "point4d", "spike", "matrix4x4",
}

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "AEDAT 3.1, cAER's recordings in libcaer's packets",
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
