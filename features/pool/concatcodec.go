package pool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// The layout of a marshalled Concat, little-endian:
//
//	 0  4  "scat"
//	 4  2  version, 1
//	 6  2  0
//	 8  4  parts N
//	12  ..  N parts: length, uint64, and as many bytes, as the part marshals itself
//	..  4  CRC-32C of everything before
const (
	concatMagic  = "scat"
	concatHeader = 12
)

// MarshalBinary gives the states of all parts, each of which has to be [Stateful].
func (c Concat) MarshalBinary() ([]byte, error) {
	out := opening(concatMagic, false)
	le := binary.LittleEndian
	out = le.AppendUint32(out, uint32(len(c)))
	for i, d := range c {
		s, ok := d.(Stateful)
		if !ok {
			return nil, fmt.Errorf("part %d: %w", i, errStateless)
		}
		b, err := s.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("part %d: %w", i, err)
		}
		out = append(le.AppendUint64(out, uint64(len(b))), b...)
	}
	return le.AppendUint32(out, crc32.Checksum(out, castagnoli)), nil
}

// UnmarshalBinary puts the states of all parts back. It takes only a state of as
// many parts of the same configurations. A Concat that gets an error keeps what it
// had.
func (c Concat) UnmarshalBinary(data []byte) error {
	parts, err := c.split(data)
	if err != nil {
		return err
	}
	var before [][]byte
	for i, d := range c {
		s, ok := d.(Stateful)
		if !ok {
			return fmt.Errorf("part %d: %w", i, errStateless)
		}
		b, err := s.MarshalBinary()
		if err != nil {
			return fmt.Errorf("part %d: %w", i, err)
		}
		if err := s.UnmarshalBinary(parts[i]); err != nil {
			return errors.Join(fmt.Errorf("part %d: %w", i, err), c.undo(before))
		}
		before = append(before, b)
	}
	return nil
}

// undo puts the first parts back to what they were.
func (c Concat) undo(before [][]byte) error {
	for i, b := range before {
		s, ok := c[i].(Stateful)
		if !ok {
			return errStateless
		}
		if err := s.UnmarshalBinary(b); err != nil {
			return err
		}
	}
	return nil
}

// split gives the parts' states.
func (c Concat) split(data []byte) ([][]byte, error) {
	body, started, err := opened(data, concatMagic, concatHeader)
	if err != nil {
		return nil, err
	}
	if started {
		return nil, malformed(6, "0, 0", "1, 0")
	}
	le := binary.LittleEndian
	if n := le.Uint32(body[8:]); int64(n) != int64(len(c)) {
		return nil, malformed(8, fmt.Sprintf("%d parts", len(c)), fmt.Sprint(n))
	}
	at := concatHeader
	parts := make([][]byte, len(c))
	for i := range parts {
		if len(body)-at < 8 {
			return nil, malformed(at, fmt.Sprintf("the length of part %d", i), "the end")
		}
		n := le.Uint64(body[at:])
		at += 8
		if n > uint64(len(body)-at) {
			return nil, malformed(at, fmt.Sprintf("%d bytes of part %d", n, i), fmt.Sprint(len(body)-at))
		}
		parts[i] = body[at : at+int(n)]
		at += int(n)
	}
	if at != len(body) {
		return nil, malformed(at, "the end", fmt.Sprintf("%d bytes more", len(body)-at))
	}
	return parts, nil
}
