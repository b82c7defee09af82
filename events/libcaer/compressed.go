package libcaer

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/saccade-dev/saccade/events"
)

// CompressedName is the name of the compressed encoding in a message's header.
const CompressedName = "libcaer_cmp"

const (
	cmpBytes  = 2
	codeShift = 12
	partBits  = 12
	partMask  = 1<<partBits - 1
	coordMask = 1<<11 - 1
	cmpOn     = 11

	codeTimeHigh = 0
	codeTimeLow  = 1
	codeAddrX    = 2
	codeAddrY    = 3
	codeBaseY    = 4
	codeVect8    = 5

	vectorRows = 8
	vectorMask = 1<<vectorRows - 1
	// Rows from offSensor on lie off every sensor; noPlace is none at all.
	offSensor = 1 << 15
	noPlace   = 1 << 20
)

// compressed remembers what the words of a message leave behind, of which it has been
// given room for a part only; nothing from message to message. It knows the rest of a
// message as decoder does.
type compressed struct {
	rest int
	base int64 // ns
	machine
}

// machine is what words leave behind.
type machine struct {
	high, low int64  // us
	x, y      uint32 // the column, and the row that a vector begins at
	on        uint32 // polarity of vectors
	given     uint32 // rows of the vector that is next which there was room for
}

var start = machine{x: noPlace, y: noPlace}

func (d *compressed) Reset() { *d = compressed{} }

func (d *compressed) Decode(h events.MessageHeader, data []byte, p *events.Packet) (int, error) {
	if d.rest != len(data) || d.base != h.TimeBase || d.rest == 0 {
		*d = compressed{base: h.TimeBase, machine: start}
	}
	if h.TimeBase > math.MaxInt64-1<<(2*partBits)*1000 {
		return len(data), &events.FormatError{
			Format: CompressedName, Fatal: true,
			Want: "a time base that leaves room for a message", Got: fmt.Sprintf("%d ns", h.TimeBase),
		}
	}
	n, err := d.run(h, data, p)
	if rest := len(data) - n; err == nil && rest > 0 && rest < cmpBytes {
		n, err = len(data), &events.FormatError{
			Format: CompressedName, Offset: int64(n), Fatal: true,
			Want: fmt.Sprintf("a word of %d bytes", cmpBytes), Got: "the end of the message after 1",
		}
	}
	d.rest = len(data) - n
	return n, err
}

// run takes words until there is no room, no word, or damage.
func (d *compressed) run(h events.MessageHeader, data []byte, p *events.Packet) (n int, err error) {
	base := floorMicros(h.TimeBase)
	for ; p.Room() > 0 && len(data)-n >= cmpBytes && err == nil; n += cmpBytes {
		w := uint32(binary.LittleEndian.Uint16(data[n:]))
		switch w >> codeShift {
		case codeTimeHigh:
			d.high = int64(w&partMask) << partBits
		case codeTimeLow:
			d.low = int64(w & partMask)
		case codeAddrX:
			d.x = w & coordMask
		case codeAddrY:
			_, err = d.emit(h.Geometry, base, 1, w&coordMask, w>>cmpOn&1, n, p)
		case codeBaseY:
			d.y, d.on = w&coordMask, w>>cmpOn&1
		case codeVect8:
			var left uint32
			if left, err = d.emit(h.Geometry, base, w&vectorMask&^d.given, d.y, d.on, n, p); left != 0 {
				d.given = vectorMask &^ left
				return n, nil // no room: the word comes again
			}
			d.given = 0
			if d.y != noPlace {
				d.y = min(d.y+vectorRows, offSensor)
			}
		default:
			err = &events.FormatError{
				Format: CompressedName, Offset: int64(n),
				Want: fmt.Sprintf("a word of a code to %d", codeVect8), Got: fmt.Sprintf("0x%04x, of code %d", w, w>>codeShift),
			}
		}
	}
	return n, err
}

// emit appends the events of the rows y+i for which bit i is set, and gives the bits for
// which there is no room. Rows off the sensor are damage, once the others are given.
func (d *compressed) emit(g events.Geometry, base int64, rows, y, on uint32, at int, p *events.Packet) (left uint32, err error) {
	if d.x == noPlace || y == noPlace {
		return 0, &events.FormatError{
			Format: CompressedName, Offset: int64(at), Want: "a column, and the row of a vector, ahead of events", Got: "events without",
		}
	}
	lost := rows
	e := events.Event{T: base + (d.high | d.low), X: uint16(d.x), P: events.Polarity(on)}
	for rest := rows; rest != 0; rest &= rest - 1 {
		e.Y = uint16(y) + uint16(bits.TrailingZeros32(rest))
		if !g.Contains(e.X, e.Y) {
			continue
		}
		if p.Room() == 0 {
			return lost, nil
		}
		p.Events = append(p.Events, e)
		lost &^= rest & -rest
	}
	if lost == 0 {
		return 0, nil
	}
	e.Y = uint16(y) + uint16(bits.TrailingZeros32(lost))
	return 0, &events.FormatError{
		Format: CompressedName, Offset: int64(at),
		Want: fmt.Sprintf("an event within %dx%d pixels", g.Width, g.Height),
		Got:  fmt.Sprintf("x %d, y %d, of %d", e.X, e.Y, bits.OnesCount32(lost)),
	}
}
