package evt21

import (
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// Name is the name of the format and of the encoding, LegacyName that of the
// encoding in the order of bytes of IMX636.
const (
	Name       = "evt21"
	LegacyName = "evt21-legacy"
)

const (
	wordBytes = 8
	lowBits   = 6
	highBits  = 28

	typeShift = 60
	lowShift  = 54
	xShift    = 43
	yShift    = 32
	coordMask = prophesee.MaxCoordinate
	lowMask   = 1<<lowBits - 1
	highMask  = 1<<highBits - 1
	highShift = 32
	// span is how many pixels a word reaches.
	span = 32

	typeOff       = 0x0
	typeOn        = 0x1
	typeTimeHigh  = 0x8
	typeTrigger   = 0xa
	typeOthers    = 0xe
	typeContinued = 0xf

	triggerIDShift = 40
	triggerIDMask  = 0x1f
	risingShift    = 32
)

func init() {
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "Prophesee RAW, EVT 2.1, and lists of its words",
		Extension:   ".raw",
		Detect:      detect,
		NewReader:   newReader,
	})
	events.RegisterEncoding(&events.Encoding{
		Name:        Name,
		Description: "EVT 2.1: 64-bit words of 32 pixels, as GenX320 sends",
		NewDecoder:  func() events.Decoder { return prophesee.NewDecoder(Name, newMachine(little)) },
	})
	events.RegisterEncoding(&events.Encoding{
		Name:        LegacyName,
		Description: "EVT 2.1 with the high half of a word first, as IMX636 sends",
		NewDecoder:  func() events.Decoder { return prophesee.NewDecoder(LegacyName, newMachine(legacy)) },
	})
}

func detect(head []byte, _ int64) error {
	notRAW := prophesee.Detect(prophesee.EVT21, head)
	if notRAW == nil {
		return nil
	}
	if err := detectList(head); err != nil {
		return fmt.Errorf("%w; no list of hexadecimal words: %w", notRAW, err)
	}
	return nil
}

func newReader(r io.Reader, g events.Geometry) (events.Reader, error) {
	src := newPeeked(r)
	if detectList(src.head) == nil {
		return newList(src, g)
	}
	return prophesee.NewReader(Name, src, g, func(h *prophesee.Header, head []byte) (prophesee.Machine, error) {
		o, err := orderOf(h, head)
		return newMachine(o), err
	})
}
