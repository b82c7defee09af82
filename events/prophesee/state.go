package prophesee

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// What a decoder carries from message to message, little-endian:
//
//	version u8 | length of the encoding's name u8 | the name
//	clock: flags u8 | latest high part u32 | turns i64 | base i64, both in microseconds
//	counts: triggers, others, continuations, padding, reserved, early, delivered, u64 each
//	what the machine carries besides: of EVT 3.0 row, vector base and the low part of
//	time, of the others nothing
//
// The geometry is not in it: it comes with every message.
const (
	stateVersion = 1
	clockBytes   = 1 + 4 + 8 + 8
	stateCounts  = 7
)

// The flags of a clock. Without the first two there has been no high part.
const (
	clockKnown    = 1 << iota // Known
	clockGap                  // gap
	clockAnchored             // anchored
)

// ErrAmid says that a decoder's state was asked for while a message was decoded in part.
var ErrAmid = errors.New("the middle of a word: a decoder's state is taken between two messages")

// MarshalBinary takes what the decoder carries from message to message. It is asked
// for between two messages; in the middle of a word it is [ErrAmid].
func (d *Decoder) MarshalBinary() ([]byte, error) {
	s := d.m.Shared()
	if d.m.Amid() {
		return nil, fmt.Errorf("%s decoder state: %w", s.Name, ErrAmid)
	}
	b := append([]byte{stateVersion, byte(len(s.Name))}, s.Name...)
	b = s.appendClock(b)
	for _, n := range s.tally() {
		b = binary.LittleEndian.AppendUint64(b, uint64(*n))
	}
	return d.m.AppendCarried(b), nil
}

// UnmarshalBinary puts a state back that a decoder of the same encoding gave; what is
// decoded next is what that one would have decoded. The decoder is as it was when the
// state is refused. Triggers are handed on as they were before.
func (d *Decoder) UnmarshalBinary(b []byte) error {
	if err := d.restore(b); err != nil {
		return fmt.Errorf("%s decoder state: %w", d.m.Shared().Name, err)
	}
	return nil
}

func (d *Decoder) restore(b []byte) error {
	s := d.m.Shared()
	head := append([]byte{stateVersion, byte(len(s.Name))}, s.Name...)
	switch {
	case len(b) > 0 && b[0] != stateVersion:
		return fmt.Errorf("at byte 0: expected version %d, found %d", stateVersion, b[0])
	case len(b) < 2 || len(b) < 2+int(b[1]):
		return fmt.Errorf("at byte %d: expected an encoding's name, found the end", len(b))
	case string(b[2:2+b[1]]) != s.Name:
		return fmt.Errorf("at byte 2: expected the encoding %q, found %q", s.Name, b[2:2+b[1]])
	case len(b) < len(head)+clockBytes+stateCounts*8:
		return fmt.Errorf("at byte %d: expected a clock and %d counts, found the end", len(b), stateCounts)
	}
	at := len(head)
	clock, err := s.clockOf(b[at:])
	if err != nil {
		return fmt.Errorf("at byte %d: %w", at, err)
	}
	at += clockBytes
	var counts [stateCounts]int64
	for i := range counts {
		if counts[i] = int64(binary.LittleEndian.Uint64(b[at:])); counts[i] < 0 {
			return fmt.Errorf("at byte %d: expected a count, found %d", at, counts[i])
		}
		at += 8
	}
	if err := d.m.Carry(b[at:], clock.Known); err != nil {
		return fmt.Errorf("from byte %d: %w", at, err)
	}
	s.Clock = clock
	for i, n := range s.tally() {
		*n = counts[i]
	}
	return nil
}

// tally is all that is counted, in the order of a state.
func (s *State) tally() [stateCounts]*int64 {
	return [stateCounts]*int64{&s.Triggers, &s.Others, &s.Continuations, &s.Padding, &s.Reserved, &s.Early, &s.Delivered}
}

func (c *Clock) appendClock(b []byte) []byte {
	var flags byte
	for flag, set := range map[byte]bool{clockKnown: c.Known, clockGap: c.gap, clockAnchored: c.anchored} {
		if set {
			flags |= flag
		}
	}
	b = append(b, flags)
	b = binary.LittleEndian.AppendUint32(b, uint32(c.high))
	b = binary.LittleEndian.AppendUint64(b, uint64(c.turns))
	return binary.LittleEndian.AppendUint64(b, uint64(c.Base))
}

// clockOf reads a clock of the same bits as c. The base may lie in another turn than the
// turns say: a time base moves them at once, and the base with the next high part. How many
// turns there are is not bounded: words that nobody can vouch for may have run them over.
func (c *Clock) clockOf(b []byte) (Clock, error) {
	flags := b[0]
	out := Clock{
		low: c.low, turn: c.turn,
		Known: flags&clockKnown != 0, gap: flags&clockGap != 0, anchored: flags&clockAnchored != 0,
		high:  int64(binary.LittleEndian.Uint32(b[1:])),
		turns: int64(binary.LittleEndian.Uint64(b[5:])),
		Base:  int64(binary.LittleEndian.Uint64(b[13:])),
	}
	before := out.Base - out.high<<c.low // the turns when the base was made
	switch {
	case flags >= clockAnchored<<1 || out.Known && out.gap:
		return c.refuse("flags of a clock", int64(flags))
	case out.high >= c.turn>>c.low:
		return c.refuse(fmt.Sprintf("a high part below %d", c.turn>>c.low), out.high)
	case out.turns%c.turn != 0:
		return c.refuse(fmt.Sprintf("whole turns of %d us", c.turn), out.turns)
	case before%c.turn != 0 || !out.anchored && before != out.turns:
		return c.refuse(fmt.Sprintf("a base at %d us of a turn", out.high<<c.low), out.Base)
	case !out.Known && !out.gap && (out.Base != 0 || out.high != 0):
		return c.refuse("no time, as there has been no high part of it", out.Base)
	}
	return out, nil
}

func (*Clock) refuse(want string, found int64) (Clock, error) {
	return Clock{}, fmt.Errorf("expected %s, found %d", want, found)
}
