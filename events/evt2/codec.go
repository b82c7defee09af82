package evt2

import (
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
	prophesee.Codec{
		Name:     Name,
		Encoding: prophesee.EVT2,
		File:     "Prophesee RAW, EVT 2.0",
		Message:  "EVT 2.0: 32 bits an event, as Prophesee's cameras send",
		Machine:  func() prophesee.Machine { return newMachine() },
		Words:    func() prophesee.Words { return newWords() },
	}.Register()
}
