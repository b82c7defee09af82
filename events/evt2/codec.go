package evt2

import (
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// Name is the name of the format and of the encoding.
const Name = "evt2"

const (
	wordBytes = 4
	lowBits   = 6
	highBits  = 28

	typeShift = 28
	lowShift  = 22
	xShift    = 11
	coordMask = prophesee.MaxCoordinate
	lowMask   = 1<<lowBits - 1
	highMask  = 1<<highBits - 1

	typeOff       = 0x0
	typeOn        = 0x1
	typeTimeHigh  = 0x8
	typeTrigger   = 0xa
	typeOthers    = 0xe
	typeContinued = 0xf

	triggerIDShift = 8
	triggerIDMask  = 0x1f
)

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "Prophesee RAW, EVT 2.0",
		Extension:   ".raw",
		Detect:      func(head []byte, _ int64) error { return prophesee.Detect(prophesee.EVT2, head) },
		NewReader:   newReader,
		NewWriter:   newWriter,
	})
	events.RegisterEncoding(&events.Encoding{
		Name:        Name,
		Description: "EVT 2.0: 32 bits an event, as Prophesee's cameras send",
		NewDecoder:  func() events.Decoder { return prophesee.NewDecoder(Name, newMachine()) },
		NewEncoder:  func() events.Encoder { return prophesee.NewEncoder(Name, newWords()) },
	})
}

func newReader(r io.Reader, g events.Geometry) (events.Reader, error) {
	return prophesee.NewReader(Name, r, g, func(h *prophesee.Header, _ []byte) (prophesee.Machine, error) {
		return newMachine(), prophesee.LittleEndian(h)
	})
}

func newWriter(w io.Writer, h events.Header) (events.Writer, error) {
	return prophesee.NewWriter(Name, w, h, newWords())
}
