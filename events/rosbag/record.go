package rosbag

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// What a record is, by its field op.
const (
	opMessage    = 2
	opBag        = 3
	opIndex      = 4
	opChunk      = 5
	opChunkInfo  = 6
	opConnection = 7
)

// maxHeader bounds the header of a record: the longest field of one is a topic's name.
const maxHeader = 1 << 20

// record is a record without its data. Its fields are nil where they are missing, and good
// until the next record is read.
type record struct {
	at   int64 // of the record in its stream
	size int64 // of its data, which begins where the stream is then

	op, conn, topic, compression, decompressed, indexPos, encryptor []byte
}

// record reads the next record as far as its data. At the end it gives io.EOF.
func (b *bag) record(s *stream) (r record, err error) {
	r.at = s.at
	if s.size >= 0 && s.at == s.size {
		return r, io.EOF
	}
	length, found, err := s.uint32()
	switch {
	case errors.Is(err, io.EOF) && found == 0 && s.size < 0:
		return r, io.EOF
	case err != nil:
		return r, s.cut(err, r.at, "the length of a record's header, of 4 bytes", found)
	case length > maxHeader || !s.holds(int64(length)+4):
		return r, s.damage(r.at, fmt.Sprintf("a record's header of at most %d bytes within its %s", maxHeader, s.what), fmt.Sprintf("one of %d bytes", length))
	}
	if b.header, err = s.read(b.header[:0], int(length)); err != nil {
		return r, s.cut(err, r.at+4, fmt.Sprintf("a record's header of %d bytes", length), int64(len(b.header)))
	}
	if at, want, got := r.fields(b.header); want != "" {
		return r, s.damage(r.at+4+int64(at), want, got)
	}
	at := s.at
	size, found, err := s.uint32()
	if err != nil {
		return r, s.cut(err, at, "the size of a record's data, of 4 bytes", found)
	}
	if r.size = int64(size); !s.holds(r.size) {
		return r, s.damage(at, fmt.Sprintf("a record within its %s", s.what), fmt.Sprintf("data of %d bytes, and %d are left", size, s.size-s.at))
	}
	return r, nil
}

// fields takes a header apart. What is wrong with it, if anything, is told with its place.
func (r *record) fields(header []byte) (at int, want, got string) {
	for at < len(header) {
		name, value, n := field(header[at:])
		if n == 0 {
			return at, "a field with a name within the header of its record", fmt.Sprintf("%.16q", header[at:])
		}
		into, size := r.place(string(name))
		switch {
		case into == nil:
		case size > 0 && len(value) != size:
			return at, fmt.Sprintf("%d bytes of the field %s", size, name), fmt.Sprintf("%d", len(value))
		default:
			*into = value
		}
		at += n
	}
	return 0, "", ""
}

// kind is what the record is, 0 where it does not say.
func (r *record) kind() byte {
	if r.op == nil {
		return 0
	}
	return r.op[0]
}

// place is where a field belongs, and how many bytes it must have, or 0 for any.
func (r *record) place(name string) (into *[]byte, size int) {
	switch name {
	case "op":
		return &r.op, 1
	case "conn":
		return &r.conn, 4
	case "size":
		return &r.decompressed, 4
	case "index_pos":
		return &r.indexPos, 8
	case "topic":
		return &r.topic, 0
	case "compression":
		return &r.compression, 0
	case "encryptor":
		return &r.encryptor, 0
	}
	return nil, 0
}

// field takes the first field off. There is none where n is 0.
func field(b []byte) (name, value []byte, n int) {
	if len(b) < 4 {
		return nil, nil, 0
	}
	length := binary.LittleEndian.Uint32(b)
	if uint64(length) > uint64(len(b)-4) {
		return nil, nil, 0
	}
	name, value, found := bytes.Cut(b[4:4+length], []byte{'='})
	if !found {
		return nil, nil, 0
	}
	return name, value, 4 + int(length)
}
