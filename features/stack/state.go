package stack

import (
	"encoding/binary"
	"fmt"
)

// A stack's state, little-endian: "SSTK" | version u16 | layers u16, then for each
// layer the length of its state u64 and the state. A single layer's state is its own.
const (
	stateMagic   = "SSTK"
	stateVersion = 1
	stateHead    = len(stateMagic) + 4
)

// MarshalBinary takes the state of all layers.
func (s *Stack) MarshalBinary() ([]byte, error) {
	if len(s.levels) == 1 {
		return s.levels[0].layer.MarshalBinary()
	}
	b := []byte(stateMagic)
	b = binary.LittleEndian.AppendUint16(b, stateVersion)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(s.levels)))
	for i := range s.levels {
		state, err := s.levels[i].layer.MarshalBinary()
		if err != nil {
			return nil, fmt.Errorf("stack: layer %d: %w", i+1, err)
		}
		b = binary.LittleEndian.AppendUint64(b, uint64(len(state)))
		b = append(b, state...)
	}
	return b, nil
}

// UnmarshalBinary puts back a state taken from layers of the same configurations. The
// stack is as it was when the state is refused.
func (s *Stack) UnmarshalBinary(b []byte) error {
	if len(s.levels) == 1 {
		return s.levels[0].layer.UnmarshalBinary(b)
	}
	if len(b) < stateHead || string(b[:len(stateMagic)]) != stateMagic {
		return fmt.Errorf("stack state at byte 0: expected %q, found %q", stateMagic, b[:min(len(b), len(stateMagic))])
	}
	if v := binary.LittleEndian.Uint16(b[4:]); v != stateVersion {
		return fmt.Errorf("stack state at byte 4: expected version %d, found %d", stateVersion, v)
	}
	if n := int(binary.LittleEndian.Uint16(b[6:])); n != len(s.levels) {
		return fmt.Errorf("stack state at byte 6: expected %d layers, found %d", len(s.levels), n)
	}
	parts := make([][]byte, len(s.levels))
	at := stateHead
	for i := range parts {
		if len(b)-at < 8 {
			return fmt.Errorf("stack state at byte %d: expected a length, found the end", at)
		}
		n := binary.LittleEndian.Uint64(b[at:])
		at += 8
		if n > uint64(len(b)-at) {
			return fmt.Errorf("stack state at byte %d: expected %d bytes, found %d", at, n, len(b)-at)
		}
		parts[i] = b[at : at+int(n)]
		at += int(n)
	}
	if at != len(b) {
		return fmt.Errorf("stack state at byte %d: expected the end, found %d bytes more", at, len(b)-at)
	}
	// A layer refuses a state without taking any of it; those before it are put back.
	old, err := s.MarshalBinary()
	if err != nil {
		return err
	}
	for i, part := range parts {
		if err := s.levels[i].layer.UnmarshalBinary(part); err != nil {
			if i > 0 {
				if back := s.UnmarshalBinary(old); back != nil {
					return fmt.Errorf("stack state: layer %d: %w, and the former state cannot be put back: %w", i+1, err, back)
				}
			}
			return fmt.Errorf("stack state: layer %d: %w", i+1, err)
		}
	}
	return nil
}
