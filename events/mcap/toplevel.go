package mcap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events/ros"
)

// begin reads a record's opcode and length.
func (s *Source) begin() (opcode, uint64, error) {
	b := s.head[:recordBytes]
	at := s.in.offset
	s.before = s.in.crc
	switch n, err := s.in.full(b); {
	case err == nil:
		return opcode(b[0]), binary.LittleEndian.Uint64(b[1:]), nil
	case !errors.Is(err, io.EOF):
		return 0, 0, err
	case n == 0:
		return 0, 0, damaged(at, "a record, up to the Footer", "the end of the file")
	default:
		return 0, 0, damaged(at, fmt.Sprintf("a record's head of %d bytes", recordBytes), fmt.Sprintf("the end of the file after %d", n))
	}
}

// short is what ended a record of which n bytes were to come and got were there.
func (s *Source) short(err error, what string, n, got uint64) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	return damaged(s.in.offset, fmt.Sprintf("%s with %d bytes more", what, n-got), "the end of the file")
}

// content fills b with what comes next of a record that has n bytes more.
func (s *Source) content(b []byte, what string, n uint64) error {
	if got, err := s.in.full(b); err != nil {
		return s.short(err, what, n, uint64(got))
	}
	return nil
}

// skipRecord passes over the content of a record.
func (s *Source) skipRecord(op opcode, length uint64) error {
	if got, err := s.in.skip(length); err != nil {
		return s.short(err, fmt.Sprintf("%v record", op), length, got)
	}
	return nil
}

// whole reads a record's content of at most so many bytes. It is good until the next call.
func (s *Source) whole(op opcode, length uint64, most int) ([]byte, error) {
	at := s.in.offset - recordBytes
	if length > uint64(most) {
		if err := s.skipRecord(op, length); err != nil {
			return nil, err
		}
		return nil, passing(at, fmt.Sprintf("%v record of at most %d bytes", op, most), fmt.Sprintf("one of %d", length))
	}
	var err error
	if s.record, err = s.in.take(s.record, int(length)); err != nil {
		return nil, s.short(err, fmt.Sprintf("%v record", op), length, uint64(len(s.record)))
	}
	return s.record, nil
}

// readMessage reads a message that stands outside of chunks. Only where its type holds
// events, there is a use for its data.
func (s *Source) readMessage(length uint64) (ros.Message, bool, error) {
	at := s.in.offset - recordBytes
	head := s.head[:min(length, messageBytes)]
	if err := s.content(head, "a Message record", length); err != nil {
		return ros.Message{}, false, err
	}
	length -= uint64(len(head))
	m, err := s.defs.message(head, at)
	if err == nil && ros.Decodes(m.Type) && length <= maxChunk {
		m.Offset = s.in.offset
		if s.record, err = s.in.take(s.record, int(length)); err != nil {
			s.end = s.short(err, "a Message record", length, uint64(len(s.record)))
			m.Cut = true
		}
		m.Data = s.record
		return m, true, nil
	}
	if err == nil && ros.Decodes(m.Type) {
		err = passing(at, fmt.Sprintf("a message of at most %d bytes", maxChunk), fmt.Sprintf("one of %d", length))
	}
	if skipped := s.skipRecord(opMessage, length); skipped != nil {
		return ros.Message{}, false, skipped
	}
	return m, err == nil, err
}

// readDefinition reads a schema or a channel outside of chunks.
func (s *Source) readDefinition(op opcode, length uint64) error {
	at := s.in.offset - recordBytes
	b, err := s.whole(op, length, maxDefinition)
	switch {
	case err != nil:
		return err
	case op == opSchema:
		return s.defs.schema(b, at)
	default:
		return s.defs.channel(b, at)
	}
}
