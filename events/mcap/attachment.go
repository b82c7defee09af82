package mcap

import (
	"encoding/binary"
	"fmt"
)

// readAttachment passes over an attachment and compares its sum, which stands behind what
// may be far more bytes than should be kept.
func (s *Source) readAttachment(length uint64) error {
	const times, size = 16, 4
	at := s.in.offset - recordBytes
	var sum uint32
	s.in.part = &sum
	defer func() { s.in.part = nil }()
	left := length
	// The times, then name, media type and data, each behind its length.
	fieldsBefore := uint64(times)
	for _, lengthBytes := range []int{size, size, 2 * size} {
		var b [8]byte
		if fieldsBefore+uint64(lengthBytes) < fieldsBefore || left < fieldsBefore+uint64(lengthBytes) {
			return s.badAttachment(at, left)
		}
		if got, err := s.in.skip(fieldsBefore); err != nil {
			return s.short(err, "an Attachment record", left, got)
		}
		left -= fieldsBefore
		if err := s.content(b[:lengthBytes], "an Attachment record", left); err != nil {
			return err
		}
		left -= uint64(lengthBytes)
		fieldsBefore = binary.LittleEndian.Uint64(b[:])
	}
	if left < crcBytes || left-crcBytes < fieldsBefore {
		return s.badAttachment(at, left)
	}
	if got, err := s.in.skip(fieldsBefore); err != nil {
		return s.short(err, "an Attachment record", left, got)
	}
	left -= fieldsBefore
	s.in.part = nil
	var b [crcBytes]byte
	if err := s.content(b[:], "an Attachment record", left); err != nil {
		return err
	}
	if err := s.skipRecord(opAttachment, left-crcBytes); err != nil {
		return err
	}
	if want := binary.LittleEndian.Uint32(b[:]); want != 0 && want != sum {
		return passing(at, fmt.Sprintf("an attachment with the CRC %08x", want), fmt.Sprintf("%08x", sum))
	}
	return nil
}

func (s *Source) badAttachment(at int64, left uint64) error {
	if err := s.skipRecord(opAttachment, left); err != nil {
		return err
	}
	return passing(at, "an Attachment record with all its fields", "one that ends before them")
}
