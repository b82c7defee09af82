package feast

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// A layer's state, all little-endian:
//
//	"SFST" | version u16 | config length u32 | config, JSON | learning u8
//	hits, missed, border, outside u64 | missed u64 [bank] | wins u64 [feature]
//	master i32 [feature][pixel] | thresholds i32 [feature] | surface
const (
	stateMagic   = "SFST"
	stateVersion = 1
	maxConfig    = 1 << 16
)

// MarshalBinary takes the layer's whole state: what it has learned, its
// counters and its surfaces.
func (l *Layer) MarshalBinary() ([]byte, error) {
	config, err := json.Marshal(l.config)
	if err != nil {
		return nil, err
	}
	w := l.Weights()
	b := make([]byte, 0, len(stateMagic)+7+len(config)+8*(4+len(l.counters.BankMissed)+len(l.counters.Wins))+
		4*(len(w.Master)+len(w.Thresholds))+l.surface.StateLen())
	b = append(b, stateMagic...)
	b = binary.LittleEndian.AppendUint16(b, stateVersion)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(config)))
	b = append(b, config...)
	learning := byte(0)
	if l.learning {
		learning = 1
	}
	b = append(b, learning)
	c := &l.counters
	for _, n := range slices.Concat([]uint64{c.Hits, c.Missed, c.Border, c.Outside}, c.BankMissed, c.Wins) {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for _, v := range append(w.Master, w.Thresholds...) {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return l.surface.AppendBinary(b)
}

// UnmarshalBinary puts back a state taken from a layer of the same
// configuration. The layer is as it was when the state is refused.
func (l *Layer) UnmarshalBinary(b []byte) error {
	s := &stateReader{rest: b, size: len(b)}
	if magic := s.take(len(stateMagic)); string(magic) != stateMagic {
		return fmt.Errorf("feast state at byte 0: expected %q, found %q", stateMagic, magic)
	}
	if v := s.take(2); len(v) == 2 && binary.LittleEndian.Uint16(v) != stateVersion {
		return fmt.Errorf("feast state at byte 4: expected version %d, found %d", stateVersion, binary.LittleEndian.Uint16(v))
	}
	length := 0
	if v := s.take(4); len(v) == 4 {
		length = int(min(binary.LittleEndian.Uint32(v), maxConfig+1))
	}
	if length > maxConfig {
		return fmt.Errorf("feast state at byte 6: expected a configuration of at most %d bytes", maxConfig)
	}
	config := s.take(length)
	want, err := json.Marshal(l.config)
	if err != nil {
		return err
	}
	if s.err == nil && !bytes.Equal(config, want) {
		return fmt.Errorf("feast state: it was taken from another configuration: expected %s, found %s", want, config)
	}
	learning := s.take(1)
	counters := s.uint64s(4 + l.config.Banks() + l.config.Features())
	w := Weights{
		Master:     s.int32s(l.config.Features() * l.config.Side() * l.config.Side()),
		Thresholds: s.int32s(l.config.Features()),
	}
	if s.err != nil {
		return fmt.Errorf("feast state: %w", s.err)
	}
	if learning[0] > 1 {
		return fmt.Errorf("feast state: learning: expected 0 or 1, found %d", learning[0])
	}
	if err := w.Validate(l.config); err != nil {
		return fmt.Errorf("feast state: %w", err)
	}
	if err := l.surface.UnmarshalBinary(s.rest); err != nil {
		return fmt.Errorf("feast state at byte %d: %w", s.size-len(s.rest), err)
	}
	l.SetLearning(learning[0] == 1)
	c := &l.counters
	c.Hits, c.Missed, c.Border, c.Outside = counters[0], counters[1], counters[2], counters[3]
	copy(c.Wins, counters[4+copy(c.BankMissed, counters[4:]):])
	l.setWeights(w)
	l.split.surfaceChanged()
	return nil
}

var errStateShort = errors.New("expected more bytes, found its end")

// stateReader reads fields of known length and remembers the first that is
// missing.
type stateReader struct {
	rest []byte
	size int
	err  error
}

func (s *stateReader) take(n int) []byte {
	if s.err != nil {
		return nil
	}
	if n > len(s.rest) {
		s.err = fmt.Errorf("at byte %d: %w", s.size-len(s.rest), errStateShort)
		return nil
	}
	b := s.rest[:n]
	s.rest = s.rest[n:]
	return b
}

func (s *stateReader) uint64s(n int) []uint64 {
	b := s.take(8 * n)
	out := make([]uint64, len(b)/8)
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return out
}

func (s *stateReader) int32s(n int) []int32 {
	b := s.take(4 * n)
	out := make([]int32, len(b)/4)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}
