package evt3

import (
	"io"

	"github.com/saccade-dev/saccade/events"
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
	events.RegisterFormat(&events.Format{
		Name:        Name,
		Description: "Prophesee RAW, EVT 3.0",
		Extension:   ".raw",
		Detect:      func(head []byte, _ int64) error { return prophesee.Detect(prophesee.EVT3, head) },
		NewReader:   newReader,
		NewWriter:   newWriter,
	})
	events.RegisterEncoding(&events.Encoding{
		Name:        Name,
		Description: "EVT 3.0: 16-bit words and vectors, as Prophesee's cameras send",
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
