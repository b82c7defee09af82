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
//	hits, missed, border, outside, noise, ignored u64 | missed u64 [bank] | wins u64 [feature]
//	learned u64 [bank] | master i32 [feature][element] | thresholds i32 [feature] | surface
//
// Version 1 had no noise, ignored and learned, which are then 0; it is still read.
const (
	stateMagic   = "SFST"
	stateVersion = 2
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
	var surface []byte
	if err := l.withCells(func() (err error) { surface, err = l.surface.AppendBinary(nil); return err }); err != nil {
		return nil, err
	}
	b := make([]byte, 0, len(stateMagic)+7+len(config)+8*(6+2*len(l.counters.BankMissed)+len(l.counters.Wins))+
		4*(len(w.Master)+len(w.Thresholds))+len(surface))
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
	for _, n := range slices.Concat([]uint64{c.Hits, c.Missed, c.Border, c.Outside, c.Noise, c.Ignored}, c.BankMissed, c.Wins) {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	for i := range l.banks {
		b = binary.LittleEndian.AppendUint64(b, l.banks[i].learned)
	}
	for _, v := range append(w.Master, w.Thresholds...) {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return append(b, surface...), nil
}

// UnmarshalBinary puts back a state taken from a layer of the same
// configuration. The layer is as it was when the state is refused.
func (l *Layer) UnmarshalBinary(b []byte) error {
	s := &stateReader{rest: b, size: len(b)}
	if magic := s.take(len(stateMagic)); string(magic) != stateMagic {
		return fmt.Errorf("feast state at byte 0: expected %q, found %q", stateMagic, magic)
	}
	var version uint16
	if v := s.take(2); len(v) == 2 {
		if version = binary.LittleEndian.Uint16(v); version < 1 || version > stateVersion {
			return fmt.Errorf("feast state at byte 4: expected version 1 to %d, found %d", stateVersion, version)
		}
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
	of := [6]uint64{}
	copy(of[:], s.uint64s(4+2*(int(version)-1)))
	perBank := s.uint64s(l.config.Banks())
	wins := s.uint64s(l.config.Features())
	learned := make([]uint64, l.config.Banks())
	if version > 1 {
		copy(learned, s.uint64s(l.config.Banks()))
	}
	w := Weights{
		Master:     s.int32s(l.config.Features() * l.config.Elements()),
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
	if err := l.withCells(func() error { return l.surface.UnmarshalBinary(s.rest) }); err != nil {
		return fmt.Errorf("feast state at byte %d: %w", s.size-len(s.rest), err)
	}
	if l.device != nil {
		l.device.release(l) // and gets it again ahead of the next event
	}
	l.setLearning(learning[0] == 1)
	l.counters = Counters{
		Hits: of[0], Missed: of[1], Border: of[2], Outside: of[3], Noise: of[4], Ignored: of[5],
		Wins: l.counters.Wins, BankMissed: l.counters.BankMissed,
	}
	copy(l.counters.Wins, wins)
	copy(l.counters.BankMissed, perBank)
	for i := range l.banks {
		l.banks[i].learned = learned[i]
		l.banks[i].setRates(&l.config)
	}
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
