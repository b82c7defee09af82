package evt2

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// machine decodes words. Nothing but the high part of time is carried from one to
// the next.
type machine struct {
	prophesee.State
}

func newMachine() *machine {
	m := &machine{State: prophesee.State{Clock: prophesee.NewClock(highBits, lowBits)}}
	m.SetGeometry(events.Geometry{}, false)
	return m
}

func (*machine) WordBytes() int { return wordBytes }
func (*machine) Forget()        {}

// Run leaves to bulk what it takes and takes any other word by itself.
func (m *machine) Run(data []byte, p *events.Packet) (int, error) {
	out := p.Events[len(p.Events):cap(p.Events)]
	n, k := 0, 0
	var err error
	for err == nil {
		dn, dk := bulk(data[n:], out[k:], m.Base, m.bias())
		n, k = n+dn, k+dk
		if len(data)-n < wordBytes || k == len(out) {
			break
		}
		w := binary.LittleEndian.Uint32(data[n:])
		if w>>typeShift == typeTimeHigh {
			m.High(int64(w & highMask))
		} else {
			var event bool
			if event, err = m.word(w, n, k, &out[k]); event {
				k++
			}
		}
		n += wordBytes
	}
	p.Events = p.Events[:len(p.Events)+k]
	m.Delivered += int64(k)
	return n, err
}

// bias is the sensor's; before there is a time, all lies outside.
func (m *machine) bias() uint32 {
	if !m.Known {
		return prophesee.Off
	}
	return m.Bias
}

// word takes a word other than TIME_HIGH. At is its offset and k the number of
// events before it in this run.
func (m *machine) word(w uint32, at, k int, e *events.Event) (event bool, err error) {
	t := m.Base + int64(w>>lowShift&lowMask)
	switch w >> typeShift {
	case typeOff, typeOn:
		x, y := w>>xShift&coordMask, w&coordMask
		switch {
		case !m.Known:
			m.Early++
			return false, nil
		case m.Inside(1, x, y) == 0 && !m.Contradict(x, y):
			return false, m.Outside(m.Name, at, 1, x, y)
		}
		*e = events.Event{T: t, X: uint16(x), Y: uint16(y), P: events.Polarity(w >> typeShift)}
		return true, nil
	case typeTrigger:
		m.Trigger(t, m.Known, uint8(w>>triggerIDShift&triggerIDMask), w&1 != 0, k)
	case typeOthers:
		m.Others++
	case typeContinued:
		m.Continuations++
	default:
		m.Reserved++
	}
	return false, nil
}
