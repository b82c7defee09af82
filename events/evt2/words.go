package evt2

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// words makes words of events. All it carries is the high part of time.
type words struct {
	high int64 // as it was sent last, with the turns before it
	any  bool
}

func newWords() *words { return new(words) }

func (*words) Encoding() (name, version string) { return prophesee.EVT2, "2.0" }
func (*words) Bits() (high, low uint)           { return highBits, lowBits }
func (*words) MaxTriggerID() uint8              { return triggerIDMask }
func (w *words) Forget()                        { *w = words{} }

func (w *words) High(dst []byte, high int64) []byte {
	w.high, w.any = high, true
	return binary.LittleEndian.AppendUint32(dst, typeTimeHigh<<typeShift|uint32(high&highMask))
}

func (w *words) Latest() (high int64, any bool) { return w.high, w.any }

// Run takes the events of one high part.
func (w *words) Run(dst []byte, in []events.Event) []byte {
	for _, e := range in {
		dst = binary.LittleEndian.AppendUint32(dst,
			uint32(e.P&1)<<typeShift|uint32(e.T&lowMask)<<lowShift|uint32(e.X)<<xShift|uint32(e.Y))
	}
	return dst
}

func (w *words) Trigger(dst []byte, t events.Trigger) []byte {
	v := uint32(typeTrigger)<<typeShift | uint32(t.T&lowMask)<<lowShift | uint32(t.ID)<<triggerIDShift
	if t.Rising {
		v |= 1
	}
	return binary.LittleEndian.AppendUint32(dst, v)
}
