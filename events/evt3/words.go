package evt3

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/prophesee"
)

// worthwhile is from how many events on a vector is shorter than single words:
// it takes four words.
const worthwhile = 5

// words makes words of events. It carries what a reader carries.
type words struct {
	high int64 // as it was sent last, with the turns before it
	any  bool
	low  int64 // -1 when unknown
	y    int
	x    int    // base of the vectors
	on   uint16 // their polarity
}

func newWords() *words {
	w := new(words)
	w.Forget()
	return w
}

func (*words) Encoding() (name, version string) { return prophesee.EVT3, "3.0" }
func (*words) Bits() (high, low uint)           { return highBits, lowBits }
func (*words) MaxTriggerID() uint8              { return triggerIDMask }

func (w *words) Forget() { *w = words{low: -1, y: -1, x: -1} }

func (w *words) Latest() (high int64, any bool) { return w.high, w.any }

func put(dst []byte, kind, v uint16) []byte {
	return binary.LittleEndian.AppendUint16(dst, kind<<typeShift|v)
}

// High appends a high part. The low part is sent again behind it, as not every
// reader takes it for zero.
func (w *words) High(dst []byte, high int64) []byte {
	w.high, w.any, w.low = high, true, -1
	return put(dst, typeTimeHigh, uint16(high&partMask))
}

func (w *words) timeLow(dst []byte, t int64) []byte {
	if t&partMask != w.low {
		w.low = t & partMask
		dst = put(dst, typeTimeLow, uint16(w.low))
	}
	return dst
}

// Run makes a vector of events that follow each other from left to right in one
// row, at one time and of one polarity, where that is shorter.
func (w *words) Run(dst []byte, in []events.Event) []byte {
	for len(in) > 0 {
		e := in[0]
		dst = w.timeLow(dst, e.T)
		if int(e.Y) != w.y {
			w.y = int(e.Y)
			dst = put(dst, typeAddrY, e.Y)
		}
		on := uint16(e.P & 1)
		n, valid, base := 0, uint32(0), 0
		if mayReach(in) {
			n, valid, base = w.reach(in)
		}
		if n < worthwhile {
			dst = put(dst, typeAddrX, on<<onShift|e.X)
			in = in[1:]
			continue
		}
		if w.x != base || w.on != on {
			dst = put(dst, typeVectBaseX, on<<onShift|uint16(base))
		}
		dst = put(dst, typeVect12, uint16(valid&partMask))
		dst = put(dst, typeVect12, uint16(valid>>vect12&partMask))
		dst = put(dst, typeVect8, uint16(valid>>(2*vect12)))
		w.x, w.on = base+tripleSpan, on
		in = in[n:]
	}
	return dst
}

// mayReach is a quick look at whether a vector can be worthwhile.
func mayReach(in []events.Event) bool {
	if len(in) < worthwhile {
		return false
	}
	first, last := in[0], in[worthwhile-1]
	return last.Y == first.Y && last.T == first.T && last.X > first.X && last.X-first.X < tripleSpan
}

// reach tells how many of the first events fit into one vector, which they are,
// and where its base lies: where the last one ended, if the first event lies
// within that reach.
func (w *words) reach(in []events.Event) (n int, valid uint32, base int) {
	first := in[0]
	base = int(first.X)
	if w.on == uint16(first.P&1) && w.x >= 0 && base >= w.x && base < w.x+vect12 {
		base = w.x
	}
	last := base - 1
	for _, e := range in {
		x := int(e.X)
		if e.T != first.T || e.Y != first.Y || e.P&1 != first.P&1 || x <= last || x >= base+tripleSpan {
			break
		}
		valid |= 1 << (x - base)
		last = x
		n++
	}
	return n, valid, base
}

func (w *words) Trigger(dst []byte, t events.Trigger) []byte {
	dst = w.timeLow(dst, t.T)
	v := uint16(t.ID) << triggerIDShift
	if t.Rising {
		v |= 1
	}
	return put(dst, typeTrigger, v)
}
