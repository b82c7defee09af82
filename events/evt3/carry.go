package evt3

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// What is carried besides the clock, little-endian: flags u8 (1 where both parts of time
// are known, 2 where vectors are ON) | low part of time u16 | row u16 | base of the
// vectors u16, all ones where it is not known.
const (
	carriedBytes = 1 + 3*2
	carriedTimed = 1
	carriedOn    = 2
	carriedNone  = 1<<16 - 1
)

func (m *machine) Amid() bool { return m.resumes }

func (m *machine) AppendCarried(b []byte) []byte {
	flags := byte(m.on) * carriedOn
	if m.timed {
		flags |= carriedTimed
	}
	b = append(b, flags)
	x := m.x
	if x == noBase {
		x = carriedNone
	}
	for _, v := range [...]uint32{m.low, m.y, x} {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

// Carry holds a base to noRow, beyond which vectors do not move it.
func (m *machine) Carry(b []byte, known bool) error {
	if len(b) != carriedBytes {
		return fmt.Errorf("expected %d bytes, found %d", carriedBytes, len(b))
	}
	flags := b[0]
	low, y, x := uint32(binary.LittleEndian.Uint16(b[1:])), uint32(binary.LittleEndian.Uint16(b[3:])), uint32(binary.LittleEndian.Uint16(b[5:]))
	timed, on := flags&carriedTimed != 0, flags&carriedOn != 0
	switch {
	case flags > carriedTimed|carriedOn:
		return fmt.Errorf("expected flags of time and polarity, found %d", flags)
	case timed && !known:
		return fmt.Errorf("expected no time without its high part, found the low part %d", low)
	case low > partMask:
		return fmt.Errorf("expected a low part of time to %d, found %d", partMask, low)
	case y > noRow:
		return fmt.Errorf("expected a row to %d, or %d for none, found %d", coordMask, noRow, y)
	case x > noRow && x != carriedNone:
		return fmt.Errorf("expected a base of vectors to %d, found %d", noRow, x)
	case x == carriedNone && on:
		return errors.New("expected no polarity of vectors without their base, found ON")
	}
	m.Forget()
	m.low, m.timed, m.y = low, timed, y
	if x != carriedNone {
		m.x = x
	}
	if on {
		m.on = 1
	}
	return nil
}
