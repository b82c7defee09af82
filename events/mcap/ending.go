package mcap

import (
	"errors"
	"fmt"
	"io"
)

// readDataEnd compares the sum of all bytes before it.
func (s *Source) readDataEnd(length uint64) error {
	at := s.in.offset - recordBytes
	sum := s.before
	b, err := s.whole(opDataEnd, length, maxDefinition)
	if err != nil {
		return err
	}
	f := fields{b: b}
	want := f.u32()
	s.summary, s.in.crc = true, 0
	switch {
	case f.short:
		return passing(at, fmt.Sprintf("a Data End record of %d bytes", dataEndBytes), fmt.Sprintf("one of %d", length))
	case want != 0 && want != sum && !s.harmed:
		return passing(at, fmt.Sprintf("data with the CRC %08x", want), fmt.Sprintf("%08x", sum))
	}
	return nil
}

// fromSummary goes on by a record behind Data End, where nothing is that is wanted.
func (s *Source) fromSummary(op opcode, length uint64) error {
	at := s.in.offset - recordBytes
	switch op {
	case opFooter:
		return s.readFooter(length)
	case 0, opHeader, opMessage, opChunk, opMessageIndex, opAttachment, opMetadata, opDataEnd:
		return damaged(at, "a record of the summary, or the Footer", op.String())
	default:
		return s.skipRecord(op, length)
	}
}

// readFooter compares the summary's sum, and sees that the file ends there.
func (s *Source) readFooter(length uint64) error {
	at := s.in.offset - recordBytes
	if length != footerBytes {
		return damaged(at, fmt.Sprintf("a Footer of %d bytes", footerBytes), fmt.Sprintf("%d", length))
	}
	var b [footerBytes]byte
	if err := s.content(b[:footerBytes-crcBytes], "a Footer", length); err != nil {
		return err
	}
	sum := s.in.crc
	if err := s.content(b[footerBytes-crcBytes:], "a Footer", crcBytes); err != nil {
		return err
	}
	f := fields{b: b[footerBytes-crcBytes:]}
	want := f.u32()
	// Where the data has no end of its own, it is not known where the summary begins.
	if err := s.readTail(); err != nil {
		return err
	}
	s.end = io.EOF
	if s.summary && want != 0 && want != sum {
		return passing(at, fmt.Sprintf("a summary with the CRC %08x", want), fmt.Sprintf("%08x", sum))
	}
	return nil
}

// readTail sees that the magic is there again, and nothing behind it.
func (s *Source) readTail() error {
	at := s.in.offset
	var b [len(magic) + 1]byte
	n, err := s.in.full(b[:])
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case n < len(magic):
		return damaged(at, fmt.Sprintf("the magic %q", magic), fmt.Sprintf("the end of the file after %d bytes", n))
	case string(b[:len(magic)]) != magic:
		return damaged(at, fmt.Sprintf("the magic %q", magic), fmt.Sprintf("%q", b[:len(magic)]))
	case n > len(magic):
		return damaged(at+int64(len(magic)), "the end of the file", "more bytes")
	}
	return nil
}
