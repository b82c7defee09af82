package rosbag

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pierrec/lz4/v4"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
	"github.com/saccade-dev/saccade/events/ros"
)

const (
	// bufferBytes is how much a bag takes from its source at a time. Messages up to that are
	// decoded where they stand in it; those of a camera have some tens of thousands of bytes.
	bufferBytes = 1 << 18
	// maxMessage bounds a message of events: 16 million of them.
	maxMessage = 256 << 20
	// maxConnection bounds what a connection says: most of it is a message's definition.
	maxConnection = 4 << 20
	// maxConnections bounds how many there are.
	maxConnections = 1 << 16
)

// connection is a topic, as one of its publishers sends it.
type connection struct{ topic, kind string }

// bag is a ros.Source.
type bag struct {
	file    stream
	within  bool // a chunk
	leaving bool // it, without reading on
	chunk   stream
	section section
	lz4     *lz4.Reader

	indexAt     int64 // where the bag header says that the index begins; 0 for nowhere
	connections map[uint32]connection
	header      []byte // of the record
	data        []byte // of a message or connection
	plain       []byte // what a chunk is when it is decompressed
	pending     error  // given once the cut message before it is
}

// some reads at least a byte.
func (s *stream) some(p []byte) (int, error) {
	n, err := source.Some(s.src, p)
	s.at += int64(n)
	return n, err
}

func newBag(src io.Reader) (*bag, error) {
	in := buffer{bufio.NewReaderSize(src, bufferBytes)}
	b := &bag{
		file:        stream{src: in, ready: in, what: "file", size: -1, scratch: make([]byte, scratchBytes)},
		connections: map[uint32]connection{},
		lz4:         lz4.NewReader(nil),
	}
	line, err := b.file.read(nil, len(magic))
	if err != nil {
		return nil, b.file.cut(err, 0, fmt.Sprintf("the line %q", magic), int64(len(line)))
	}
	if string(line) != magic {
		return nil, b.file.damage(0, fmt.Sprintf("the line %q", magic), fmt.Sprintf("%q", line))
	}
	return b, nil
}

// Next is that of ros.Source.
func (b *bag) Next() (m ros.Message, err error) {
	for found := false; !found && err == nil; {
		if b.pending != nil {
			err, b.pending = b.pending, nil
			return m, err
		}
		found, err = b.next(&m)
	}
	return m, err
}

// next reads a record, and tells whether it was a message, which is then in m.
func (b *bag) next(m *ros.Message) (found bool, err error) {
	if b.leaving {
		return false, b.leave()
	}
	s := &b.file
	if b.within {
		s = &b.chunk
	}
	r, err := b.record(s)
	switch {
	case err == nil:
	case b.within:
		if errors.Is(err, io.EOF) {
			err = nil
		}
		b.leaving = true
		return false, err
	case errors.Is(err, io.EOF):
		return false, b.end()
	default:
		return false, err
	}
	switch kind := r.kind(); {
	case kind == opMessage:
		return b.message(s, r, m)
	case kind == opConnection:
		return false, b.connection(s, r)
	case kind == opChunk && !b.within:
		return false, b.open(r)
	case kind == opBag && !b.within:
		if err := b.begin(r); err != nil {
			return false, err
		}
		return false, b.skip(s, r)
	case kind == opIndex, kind == opChunkInfo:
		return false, b.skip(s, r)
	case kind == 0:
		// Bytes that are no records at all, such as zeros: not to be told of one by one.
		b.leaving = b.within
		return false, s.damage(r.at, "a record that says what it is, in its field op", "none that does")
	default:
		if err := b.skip(s, r); err != nil {
			return false, err
		}
		return false, leftBehind(s.damage(r.at, "a record of a kind that is known here", fmt.Sprintf("op %d", kind)))
	}
}

// leftBehind is damage that is no reason to stop: the record is read to its end.
func leftBehind(fe *events.FormatError) *events.FormatError {
	fe.Fatal = false
	return fe
}

// begin takes the bag header in.
func (b *bag) begin(r record) error {
	if len(r.encryptor) > 0 && string(r.encryptor) != "rosbag/NoEncryptor" {
		return b.file.damage(r.at, "a bag that is not encrypted", fmt.Sprintf("encryptor %.60q: decrypt it first, with the plugin and the key that it was made with", r.encryptor))
	}
	if r.indexPos != nil {
		b.indexAt = int64(min(binary.LittleEndian.Uint64(r.indexPos), 1<<62))
	}
	return nil
}

// end is the end of the file behind a record.
func (b *bag) end() error {
	switch {
	case b.indexAt == 0:
		return b.file.damage(b.file.at, "an index", "the end of the file: the bag was not closed when it was recorded")
	case b.file.at < b.indexAt:
		return b.file.damage(b.file.at, fmt.Sprintf("records up to the index at byte %d", b.indexAt), "the end of the file")
	}
	return io.EOF
}

// skip leaves the data of a record out.
func (b *bag) skip(s *stream, r record) error {
	at := s.at
	if found, err := s.skip(r.size); err != nil {
		b.leaving = b.within
		return s.cut(err, at, fmt.Sprintf("a record's data of %d bytes", r.size), found)
	}
	return nil
}
