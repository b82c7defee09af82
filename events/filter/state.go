package filter

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// A filter's state, little-endian:
//
//	"SACFILT" | kind u8, 'R' or 'B' | version u32 | CRC-32C u32 of what follows
//	width u16 | height u16 | period in µs u32 | started u8 | time of the latest event i64
//	then, for each pixel whose last event can still matter, from the top left:
//	    how many pixels were passed over since the one before, uvarint
//	    how long before the latest event its own was, µs, uvarint
//
// What can matter is at most TurnedBack and a period old: no event can come behind which
// it would be within a period. A filter that no event has come to has a time of 0 and no pixels.
const (
	stateMagic   = "SACFILT"
	stateVersion = 1
	stateSum     = len(stateMagic) + 5
	stateBody    = stateSum + 4
	stateHead    = stateBody + 17

	kindRefractory = 'R'
	kindBackground = 'B'
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// shape is what of a filter its state must fit.
type shape struct {
	kind          byte
	width, height int
	period        uint32
	inset         int // cells around the sensor, on each side
}

// at is where the cells of a row begin.
func (s *shape) at(row int) int { return (row+s.inset)*(s.width+2*s.inset) + s.inset }

func (r *Refractory) shape() shape {
	return shape{kindRefractory, r.width, r.height, r.period, 0}
}

func (b *Background) shape() shape {
	return shape{kindBackground, b.width, b.height, b.dt, 1}
}

// MarshalBinary takes the filter's state.
func (r *Refractory) MarshalBinary() ([]byte, error) { return r.marshal(r.shape()), nil }

// UnmarshalBinary puts back a state that was taken of a filter of the same geometry and
// period. The filter is as it was when the state is refused.
func (r *Refractory) UnmarshalBinary(data []byte) error { return r.unmarshal(r.shape(), data) }

// MarshalBinary takes the filter's state.
func (b *Background) MarshalBinary() ([]byte, error) { return b.marshal(b.shape()), nil }

// UnmarshalBinary puts back a state that was taken of a filter of the same geometry and
// dt. The filter is as it was when the state is refused.
func (b *Background) UnmarshalBinary(data []byte) error { return b.unmarshal(b.shape(), data) }

// reach is how old a pixel's event can be and still matter.
func (s *shape) reach() uint32 { return uint32(back) + s.period }

func (c *clock) marshal(s shape) []byte {
	b := append([]byte(stateMagic), s.kind)
	b = binary.LittleEndian.AppendUint32(b, stateVersion)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(s.width))
	b = binary.LittleEndian.AppendUint16(b, uint16(s.height))
	b = binary.LittleEndian.AppendUint32(b, s.period)
	if !c.started {
		b = append(b, make([]byte, 9)...)
		return sum(b)
	}
	b = append(b, 1)
	b = binary.LittleEndian.AppendUint64(b, uint64(c.newest))
	passed := uint64(0)
	for y := range s.height {
		from := s.at(y)
		for _, stamp := range c.cells[from : from+s.width] {
			age := c.top - stamp
			if age > s.reach() {
				passed++
				continue
			}
			b = binary.AppendUvarint(b, passed)
			b = binary.AppendUvarint(b, uint64(age))
			passed = 0
		}
	}
	return sum(b)
}

func sum(b []byte) []byte {
	binary.LittleEndian.PutUint32(b[stateSum:], crc32.Checksum(b[stateBody:], castagnoli))
	return b
}

func (c *clock) unmarshal(s shape, b []byte) error {
	if err := head(s, b); err != nil {
		return fmt.Errorf("filter state: %w", err)
	}
	started, newest := b[stateHead-9], int64(binary.LittleEndian.Uint64(b[stateHead-8:]))
	if started > 1 || started == 0 && (newest != 0 || len(b) > stateHead) {
		return fmt.Errorf("filter state: at byte %d: expected 1, or 0 and nothing else, found %d and %d bytes", stateHead-9, started, len(b)-stateHead)
	}
	next := clock{cells: make([]uint32, len(c.cells)), started: started == 1, newest: newest, top: uint32(leap)}
	if err := next.pixels(s, b); err != nil {
		return fmt.Errorf("filter state: %w", err)
	}
	*c = next
	return nil
}

// head checks what stands before the pixels.
func head(s shape, b []byte) error {
	switch {
	case len(b) < stateHead:
		return fmt.Errorf("expected %d bytes or more, found %d", stateHead, len(b))
	case string(b[:len(stateMagic)]) != stateMagic || b[len(stateMagic)] != s.kind:
		return fmt.Errorf("at byte 0: expected %q, found %q", stateMagic+string(s.kind), b[:len(stateMagic)+1])
	}
	if v := binary.LittleEndian.Uint32(b[len(stateMagic)+1:]); v != stateVersion {
		return fmt.Errorf("at byte %d: expected version %d, found %d", len(stateMagic)+1, stateVersion, v)
	}
	want, got := binary.LittleEndian.Uint32(b[stateSum:]), crc32.Checksum(b[stateBody:], castagnoli)
	if want != got {
		return fmt.Errorf("it is damaged: expected checksum %08x, found %08x", want, got)
	}
	width, height := binary.LittleEndian.Uint16(b[stateBody:]), binary.LittleEndian.Uint16(b[stateBody+2:])
	if int(width) != s.width || int(height) != s.height {
		return fmt.Errorf("at byte %d: expected %dx%d pixels, found %dx%d", stateBody, s.width, s.height, width, height)
	}
	if period := binary.LittleEndian.Uint32(b[stateBody+4:]); period != s.period {
		return fmt.Errorf("at byte %d: expected a period of %d µs, found %d", stateBody+4, s.period, period)
	}
	return nil
}

// errVarint is a number that does not end, or is not in its shortest form.
var errVarint = errors.New("expected a number in its shortest form, found none")

// pixels puts back what the pixels hold.
func (c *clock) pixels(s shape, b []byte) error {
	number := func(at int) (v uint64, next int, err error) {
		v, n := binary.Uvarint(b[at:])
		if n <= 0 || n > 1 && b[at+n-1] == 0 {
			return 0, at, fmt.Errorf("at byte %d: %w", at, errVarint)
		}
		return v, at + n, nil
	}
	pixel, all := uint64(0), uint64(s.width*s.height)
	for at := stateHead; at < len(b); pixel++ {
		passed, next, err := number(at)
		if err != nil {
			return err
		}
		if passed >= all-pixel {
			return fmt.Errorf("at byte %d: expected a pixel below %d, found one %d behind %d", at, all, passed, pixel)
		}
		pixel += passed
		age, end, err := number(next)
		if err != nil {
			return err
		}
		if age > uint64(s.reach()) {
			return fmt.Errorf("at byte %d: expected an age of at most %d µs, found %d", next, s.reach(), age)
		}
		c.cells[s.at(int(pixel)/s.width)+int(pixel)%s.width] = uint32(leap) - uint32(age)
		at = end
	}
	return nil
}
