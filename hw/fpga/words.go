package fpga

import (
	"github.com/saccade-dev/saccade/events"
)

// The words of the streams; the package comment has their fields. On a link they are
// little-endian.
const (
	// NoTime in an event word says that no time word follows: the event has the stamp of
	// the one before.
	NoTime = 1 << 31
	// MaxCoordinate is the largest x or y that an event word takes; both one larger
	// announce a command.
	MaxCoordinate = CommandCoordinate - 1

	CommandCoordinate = 1<<15 - 1
	// CommandWord announces a command, which is the next word.
	CommandWord uint32 = CommandCoordinate<<16 | CommandCoordinate

	OpClear = 0x80 << 24
	OpMark  = 0x81 << 24
	OpMode  = 0x82 << 24
	OpMask  = 0xff << 24

	// Those of the delta engine: see deltawords.go.
	OpChanges = 0x83 << 24
	OpSums    = 0x84 << 24
	OpZero    = 0x85 << 24

	OpLearning  = 1
	OpSelecting = 2
)

// EventWord is an event without its time. Coordinates above [MaxCoordinate] count as it,
// which is beyond every sensor.
func EventWord(x, y uint16, p events.Polarity) uint32 {
	return uint32(min(x, MaxCoordinate))<<16 | uint32(p&1)<<15 | uint32(min(y, MaxCoordinate))
}

// Clear is the command that clears the surface.
func Clear() uint32 { return OpClear }

// Rebase is the command that takes move, below 2^31, off every stamp of the surface;
// what is not larger becomes 0.
func Rebase(move uint32) uint32 { return move &^ NoTime }

// Mark is the command that is answered by a mark with the same tag, behind the results of
// all earlier events.
func Mark(tag uint16) uint32 { return OpMark | uint32(tag) }

// SetMode is the command that turns learning and selecting on or off from the next event
// on. What learns also selects.
func SetMode(learning, selecting bool) uint32 {
	w := uint32(OpMode)
	if learning {
		w |= OpLearning
	}
	if selecting {
		w |= OpSelecting
	}
	return w
}

// Refused is the result of an event whose stamp is beyond hw.MaxStamp; it fired no cell.
const Refused int16 = -6

// MarkResult in the place of a result says that the word is a mark.
const MarkResult int16 = -1 << 15

// Result is what the device says of one event.
type Result struct {
	Mark   bool   // not of an event, but a mark; then Seq is its tag
	Seq    uint16 // the event's number since the device was configured, modulo 2^16
	Winner int16  // the feature that won, counted over both banks, or why there is none
	// With details, of what competed: the winner's dot product, or 0 where none won, and
	// the context's norm in Q4.
	Dot  int32
	Norm uint32
}

// ResultWord is the result of the event of that number, or with [MarkResult] the answer to the mark of that tag.
func ResultWord(seq uint16, winner int16) uint32 { return uint32(seq)<<16 | uint32(uint16(winner)) }

// ResultReader puts the words of the result stream together.
type ResultReader struct {
	detail bool
	have   int
	r      Result
}

// NewResultReader makes a reader of a device that gives details, or does not.
func NewResultReader(detail bool) *ResultReader { return &ResultReader{detail: detail} }

// Word takes the next word, and gives a result where it was the last of one.
func (rr *ResultReader) Word(w uint32) (r Result, ok bool) {
	switch rr.have {
	case 0:
		winner := int16(uint16(w))
		rr.r = Result{Mark: winner == MarkResult, Seq: uint16(w >> 16), Winner: winner}
		if !rr.detail || rr.r.Mark {
			return rr.r, true
		}
		rr.have = 1
	case 1:
		rr.r.Dot = int32(w)
		rr.have = 2
	default:
		rr.r.Norm = w
		rr.have = 0
		return rr.r, true
	}
	return Result{}, false
}

// Between tells whether the stream is in the middle of a result.
func (rr *ResultReader) Between() bool { return rr.have != 0 }
