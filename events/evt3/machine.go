package evt3

import (
	"encoding/binary"
	"math/bits"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// Places that are not known yet lie off every sensor.
const (
	noRow  = prophesee.MaxCoordinate + 1
	noBase = 1 << 20
)

// machine decodes words. Time, row and vector base are carried from one to the
// next.
type machine struct {
	prophesee.State
	low   uint32 // the low part of time
	timed bool   // both parts of time are known
	y     uint32
	x     uint32 // base of the vectors
	on    uint32 // their polarity

	// What is left of a vector word that did not fit into a packet; the word is
	// given again, and only these bits of it are events.
	rest    uint32
	resumes bool
}

func newMachine() *machine {
	m := &machine{State: prophesee.State{Clock: prophesee.NewClock(highBits, lowBits)}}
	m.SetGeometry(events.Geometry{}, false)
	m.Forget()
	return m
}

func (*machine) WordBytes() int { return wordBytes }

func (m *machine) Forget() {
	m.low, m.timed = 0, false
	m.y, m.x, m.on = noRow, noBase, 0
	m.rest, m.resumes = 0, false
}

// Run leaves to bulk what it takes and takes any other word by itself.
func (m *machine) Run(data []byte, p *events.Packet) (int, error) {
	out := p.Events[len(p.Events):cap(p.Events)]
	n, k := 0, 0
	var err error
	for err == nil {
		if m.timed && !m.resumes {
			dn, dk := m.bulk(data[n:], out[k:])
			n, k = n+dn, k+dk
		}
		if len(data)-n < wordBytes || k == len(out) {
			break
		}
		w := uint32(binary.LittleEndian.Uint16(data[n:]))
		var dk int
		dk, err = m.word(w, n, k, out[k:])
		k += dk
		if m.resumes {
			break // no room: the word comes again
		}
		n += wordBytes
	}
	p.Events = p.Events[:len(p.Events)+k]
	m.Delivered += int64(k)
	return n, err
}

// word takes one word, whatever it is. At is its offset and pending the number of
// events before it in this run.
func (m *machine) word(w uint32, at, pending int, out []events.Event) (n int, err error) {
	switch w >> typeShift {
	case typeAddrY:
		m.y = w & coordMask
	case typeAddrX:
		return m.emit(1, w&coordMask, w>>onShift&1, at, out)
	case typeVectBaseX:
		m.x, m.on = w&coordMask, w>>onShift&1
	case typeVect12:
		return m.vector(w&partMask, vect12, at, out)
	case typeVect8:
		return m.vector(w&vect8Mask, vect8, at, out)
	case typeTimeLow:
		m.low = w & partMask
		m.timed = m.Known
	case typeTimeHigh:
		m.timeHigh(w & partMask)
	case typeTrigger:
		m.Trigger(m.Base+int64(m.low), m.timed, uint8(w>>triggerIDShift&triggerIDMask), w&1 != 0, pending)
	case typeOthers:
		m.Others++
	case typeContinued4, typeContinued12:
		m.Continuations++
	default:
		if w == padding {
			m.Padding++
		} else {
			m.Reserved++
		}
	}
	return 0, nil
}

// timeHigh takes a high part. A new one begins with a low part of zero.
func (m *machine) timeHigh(v uint32) {
	before, known := m.Base, m.Known
	m.High(int64(v))
	if !known || m.Base != before {
		m.low = 0
	}
	m.timed = m.timed && known || !m.Strict
}

// vector takes a vector word; all of it, or none but what fits and notes the rest.
func (m *machine) vector(valid, width uint32, at int, out []events.Event) (n int, err error) {
	if m.resumes {
		valid &= m.rest
		m.resumes = false
	}
	if n, err = m.emit(valid, m.x, m.on, at, out); !m.resumes && m.x < noBase {
		m.x = min(m.x+width, noRow) // beyond all sensors there is no need to count on
	}
	return n, err
}

// emit gives the events of valid, whose bit i stands for x+i.
func (m *machine) emit(valid, x, on uint32, at int, out []events.Event) (n int, err error) {
	if !m.timed || m.y == noRow || x == noBase {
		m.Early += int64(bits.OnesCount32(valid))
		return 0, nil
	}
	inside := m.Inside(valid, x, m.y)
	if inside != valid && m.Contradict(x+uint32(31-bits.LeadingZeros32(valid)), m.y) {
		inside = m.Inside(valid, x, m.y)
	}
	lost := valid &^ inside
	for ; inside != 0; inside &= inside - 1 {
		if n == len(out) {
			m.rest, m.resumes = inside|lost, true
			return n, nil
		}
		out[n] = events.Event{
			T: m.Base + int64(m.low), X: uint16(x) + uint16(bits.TrailingZeros32(inside)), Y: uint16(m.y), P: events.Polarity(on),
		}
		n++
	}
	if lost != 0 {
		return n, m.Outside(m.Name, at, lost, x, m.y)
	}
	return n, nil
}
