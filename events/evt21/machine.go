package evt21

import (
	"math/bits"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// machine decodes words. Nothing but the high part of time is carried from one to
// the next, and what did not fit into a packet.
type machine struct {
	prophesee.State
	order   order
	rest    uint32 // what is left of the word that is given again
	resumes bool
}

func newMachine(o order) *machine {
	m := &machine{State: prophesee.State{Clock: prophesee.NewClock(highBits, lowBits)}, order: o}
	m.SetGeometry(events.Geometry{}, false)
	return m
}

func (*machine) WordBytes() int { return wordBytes }

func (m *machine) Forget() { m.rest, m.resumes = 0, false }

func (m *machine) Amid() bool { return m.resumes }

// Carry drops the rest of a word; nothing else is carried but the clock.
func (m *machine) Carry(b []byte, timed bool) error {
	if err := m.State.Carry(b, timed); err != nil {
		return err
	}
	m.Forget()
	return nil
}

// Run takes the events of words that lie on the sensor and fit, and any other word
// with more care.
func (m *machine) Run(data []byte, p *events.Packet) (int, error) {
	out := p.Events[len(p.Events):cap(p.Events)]
	n, k := 0, 0
	var err error
	for err == nil && len(data)-n >= wordBytes && k < len(out) {
		w := m.order.word(data[n:])
		x, y := uint32(w>>xShift&coordMask), uint32(w>>yShift&coordMask)
		switch {
		case w>>typeShift <= typeOn && m.Known && !m.resumes && x+span <= m.Width && y < m.Height && len(out)-k >= span:
			k += expand(out[k:], uint32(w), m.Base+int64(w>>lowShift&lowMask), x, y, events.Polarity(w>>typeShift))
		case w>>typeShift == typeTimeHigh:
			m.High(int64(w >> highShift & highMask))
		default:
			var dk int
			dk, err = m.word(w, n, k, out[k:])
			k += dk
		}
		if m.resumes {
			break // no room: the word comes again
		}
		n += wordBytes
	}
	p.Events = p.Events[:len(p.Events)+k]
	m.Delivered += int64(k)
	return n, err
}

// expand writes an event for each bit of valid.
func expand(out []events.Event, valid uint32, t int64, x, y uint32, on events.Polarity) int {
	n := 0
	for ; valid != 0 && n < len(out); valid &= valid - 1 {
		e := &out[n]
		e.T = t
		e.X, e.Y = uint16(x+uint32(bits.TrailingZeros32(valid))), uint16(y)
		e.P = on
		n++
	}
	return n
}

// word takes a word other than TIME_HIGH. At is its offset and pending the number
// of events before it in this run.
func (m *machine) word(w uint64, at, pending int, out []events.Event) (n int, err error) {
	t := m.Base + int64(w>>lowShift&lowMask)
	switch w >> typeShift {
	case typeOff, typeOn:
		return m.emit(w, t, at, out)
	case typeTrigger:
		m.Trigger(t, m.Known, uint8(w>>triggerIDShift&triggerIDMask), w>>risingShift&1 != 0, pending)
	case typeOthers:
		m.Others++
	case typeContinued:
		m.Continuations++
	default:
		m.Reserved++
	}
	return 0, nil
}

func (m *machine) emit(w uint64, t int64, at int, out []events.Event) (n int, err error) {
	valid := uint32(w)
	if m.resumes {
		valid &= m.rest
		m.resumes = false
	}
	if !m.Known {
		m.Early += int64(bits.OnesCount32(valid))
		return 0, nil
	}
	x, y := uint32(w>>xShift&coordMask), uint32(w>>yShift&coordMask)
	inside := m.Inside(valid, x, y)
	if inside != valid && m.Contradict(x+uint32(31-bits.LeadingZeros32(valid)), y) {
		inside = m.Inside(valid, x, y)
	}
	lost := valid &^ inside
	n = expand(out, inside, t, x, y, events.Polarity(w>>typeShift))
	if left := bits.OnesCount32(inside) - n; left > 0 {
		for range n {
			inside &= inside - 1
		}
		m.rest, m.resumes = inside|lost, true
		return n, nil
	}
	if lost != 0 {
		return n, m.Outside(m.Name, at, lost, x, y)
	}
	return n, nil
}
