package prophesee

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/events"
)

// Encoder writes messages that each lie in one turn of the clock and need nothing
// of those before them.
type Encoder struct {
	name  string
	words Words
	clock Clock
}

// NewEncoder makes an encoder of messages.
func NewEncoder(name string, words Words) *Encoder {
	return &Encoder{name: name, words: words, clock: NewClock(words.Bits())}
}

// TimeBase is the start of the clock's turn that t lies in, in nanoseconds.
func (e *Encoder) TimeBase(t int64) int64 { return e.clock.TurnOf(t) }

// Encode appends events as [events.Encoder] says. A message ends where the turn
// does, and where time falls by half a turn, which a decoder would take for the
// next one.
func (e *Encoder) Encode(h events.MessageHeader, dst []byte, in []events.Event) ([]byte, int, error) {
	const maxT = math.MaxInt64 / 1000
	high, low := e.words.Bits()
	turn := e.clock.turn
	if h.TimeBase%(turn*1000) != 0 {
		return dst, 0, fmt.Errorf("time base %d ns: %s holds whole turns of its clock, %d us each", h.TimeBase, e.name, turn)
	}
	base := h.TimeBase / 1000
	e.words.Forget()
	for done := 0; done < len(in); {
		t := in[done].T
		if t > maxT || t < -maxT {
			return dst, done, fmt.Errorf("event %d: t %d us: expected a time within %d us of zero", done, t, int64(maxT))
		}
		latest, some := e.words.Latest()
		next := t >> low
		if t < base || t-base >= turn || some && latest-next >= 1<<(high-1) {
			return dst, done, nil
		}
		n := sameHigh(in[done:], low)
		if n == 0 {
			return dst, done, fmt.Errorf("event %d: %w", done, place(e.name, in[done]))
		}
		if !some || next != latest {
			dst = e.words.High(dst, next)
		}
		dst = e.words.Run(dst, in[done:done+n])
		done += n
	}
	return dst, len(in), nil
}
