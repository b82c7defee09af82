package mcap

import (
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/ros"
)

// Source gives the messages of an MCAP file in the order in which they stand there. It is a
// [ros.Source].
type Source struct {
	in   input
	defs definitions

	chunk  chunk // the one that is being read
	data   decompressor
	record []byte // a record outside of chunks
	head   [max(recordBytes, messageBytes, chunkBytes)]byte
	before uint32 // the sum of what was before the record

	summary bool  // Data End was there
	harmed  bool  // there was damage: what a sum of the whole file says is known
	end     error // given from then on
}

var _ ros.Source = (*Source)(nil)

// NewSource begins to read an MCAP file, of which the magic and the Header record are looked at.
// What is not one is refused with a fatal *events.FormatError.
func NewSource(r io.Reader) (*Source, error) {
	s := &Source{
		in:   newInput(r),
		defs: definitions{schemas: map[uint16]schema{}, channels: map[uint16]channel{}},
	}
	var b [len(magic)]byte
	switch n, err := s.in.full(b[:]); {
	case err == nil && string(b[:]) == magic:
	case err == nil:
		return nil, damaged(0, fmt.Sprintf("the magic %q", magic), fmt.Sprintf("%q", b[:]))
	case errors.Is(err, io.EOF):
		return nil, damaged(0, fmt.Sprintf("the magic %q", magic), fmt.Sprintf("the end of the file after %d bytes", n))
	default:
		return nil, err
	}
	op, length, err := s.begin()
	switch {
	case err != nil:
		return nil, err
	case op != opHeader:
		return nil, damaged(s.in.offset-recordBytes, "a Header record", fmt.Sprintf("%v", op))
	}
	return s, s.skipRecord(op, length)
}

// Next gives the next message, of any topic.
func (s *Source) Next() (ros.Message, error) {
	for {
		m, ok, err := s.step()
		switch fe, damage := errors.AsType[*events.FormatError](err); {
		case damage && !fe.Fatal:
			s.harmed = true
			return ros.Message{}, err
		case err != nil:
			s.end = err
			return ros.Message{}, err
		case ok:
			return m, nil
		}
	}
}

// step goes on by a record. It gives a message, or none, or an error.
func (s *Source) step() (ros.Message, bool, error) {
	switch c := &s.chunk; {
	case len(c.records) > 0:
		return s.fromChunk()
	case c.after != nil:
		err := c.after
		c.after = nil
		return ros.Message{}, false, err
	case s.end != nil:
		return ros.Message{}, false, s.end
	}
	op, length, err := s.begin()
	if err != nil {
		return ros.Message{}, false, err
	}
	if s.summary {
		return ros.Message{}, false, s.fromSummary(op, length)
	}
	switch {
	case op == opChunk:
		return ros.Message{}, false, s.readChunk(length)
	case op == opMessage:
		return s.readMessage(length)
	case op == opSchema || op == opChannel:
		return ros.Message{}, false, s.readDefinition(op, length)
	case op == opAttachment:
		return counted("attachment"), true, s.readAttachment(length)
	case op == opDataEnd:
		return ros.Message{}, false, s.readDataEnd(length)
	case op == opFooter:
		return ros.Message{}, false, s.readFooter(length)
	case op == 0:
		return ros.Message{}, false, damaged(s.in.offset-recordBytes, "a record's opcode from 0x01", "0x00")
	case op >= opPrivate:
		return counted("private record"), true, s.skipRecord(op, length)
	}
	return ros.Message{}, false, s.skipRecord(op, length)
}

// counted stands for what is no message of a topic, and is counted as what it is.
func counted(kind string) ros.Message { return ros.Message{Type: kind} }

// fromChunk goes on by a record of a chunk.
func (s *Source) fromChunk() (ros.Message, bool, error) {
	c := &s.chunk
	at, place := c.at(), c.place()
	op, content, fe := c.next()
	if fe != nil {
		return s.outOfChunk(op, content, fe)
	}
	var m ros.Message
	var err error
	switch {
	case op == opSchema:
		err = s.defs.schema(content, at)
	case op == opChannel:
		err = s.defs.channel(content, at)
	case c.untrue:
	case op == opMessage:
		if m, err = s.defs.message(content, at); err == nil {
			return c.message(m, content, at), true, nil
		}
	case op >= opPrivate:
		return counted("private record"), true, nil
	case op == opChunk || op == opAttachment || op == 0:
		err = passing(at, "a Schema, Channel or Message record in a chunk", op.String())
	}
	if fe, damage := errors.AsType[*events.FormatError](err); damage {
		if c.untrue {
			return m, false, nil // the sum says it
		}
		fe.Want += place
	}
	return m, false, err
}

// outOfChunk is for a record that goes on behind its chunk's end. Where the chunk has lost
// its end, a message gives what there is of it, and the chunk's own error follows.
func (s *Source) outOfChunk(op opcode, content []byte, fe *events.FormatError) (ros.Message, bool, error) {
	c := &s.chunk
	at := c.at()
	c.records = nil
	switch {
	case c.after == nil:
		return ros.Message{}, false, fe
	case c.untrue || op != opMessage || len(content) < messageBytes:
		return ros.Message{}, false, nil
	}
	m, err := s.defs.message(content, at)
	if err != nil || !ros.Decodes(m.Type) {
		return ros.Message{}, false, nil //nolint:nilerr // the chunk's own error says it
	}
	m = c.message(m, content, at)
	m.Cut = true
	return m, true, nil
}

// message gives a message its data.
func (c *chunk) message(m ros.Message, content []byte, at int64) ros.Message {
	m.Data, m.Offset, m.Apart = content[messageBytes:], at, c.apart()
	if !m.Apart {
		m.Offset += recordBytes + messageBytes
	}
	return m
}
