package evt3

import (
	"github.com/saccade-dev/saccade/events/prophesee"
)

// Name is the name of the format and of the encoding.
const Name = "evt3"

const (
	wordBytes = 2
	lowBits   = 12
	highBits  = 12

	typeShift = 12
	onShift   = 11
	coordMask = prophesee.MaxCoordinate
	partMask  = 1<<lowBits - 1 // of each part of time, of VECT_12

	typeAddrY       = 0x0
	typeAddrX       = 0x2
	typeVectBaseX   = 0x3
	typeVect12      = 0x4
	typeVect8       = 0x5
	typeTimeLow     = 0x6
	typeContinued4  = 0x7
	typeTimeHigh    = 0x8
	typeTrigger     = 0xa
	typeOthers      = 0xe
	typeContinued12 = 0xf

	padding = 0x9999

	vect12, vect8 = 12, 8
	vect8Mask     = 1<<vect8 - 1
	// tripleSpan is how many pixels the vectors reach that a camera sends.
	tripleSpan = 2*vect12 + vect8

	triggerIDShift = 8
	triggerIDMask  = 0xf
)

func init() {
	prophesee.Codec{
		Name:     Name,
		Encoding: prophesee.EVT3,
		File:     "Prophesee RAW, EVT 3.0",
		Message:  "EVT 3.0: 16-bit words and vectors, as Prophesee's cameras send",
		Machine:  func() prophesee.Machine { return newMachine() },
		Words:    func() prophesee.Words { return newWords() },
	}.Register()
}
