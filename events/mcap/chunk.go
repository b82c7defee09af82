package mcap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// chunk is a Chunk record while its records are read.
type chunk struct {
	start int64 // of the record in the file

	compression string
	compressed  []byte // the field as it stands in the file
	size        uint64 // uncompressed, as announced
	sum         uint32 // of the uncompressed records, 0 where there is none
	from        int64  // where the field stands in the file

	records []byte // what is left of the uncompressed records
	done    int    // how many bytes of them were taken
	untrue  bool   // the sum is wrong: only definitions are taken

	after error // given once the records are read
}

// apart tells whether the records do not stand in the file as they are.
func (c *chunk) apart() bool { return c.compression != "" }

// at is where the record that comes next stands in the file.
func (c *chunk) at() int64 {
	if c.apart() {
		return c.start
	}
	return c.from + int64(c.done)
}

// place names that record in an error's text, where its offset does not.
func (c *chunk) place() string {
	if c.apart() {
		return fmt.Sprintf(" at byte %d of the chunk", c.done)
	}
	return ""
}

// The fields in front of a chunk's compression, with the length of that.
const chunkBytes = 8 + 8 + 8 + 4 + 4

// readChunk reads a Chunk record of length bytes whose content comes next. It is called
// with the chunk before, whose memory it takes. Damage that leaves something to be read
// waits in after; any other is returned.
func (s *Source) readChunk(length uint64) error {
	c := &s.chunk
	*c = chunk{start: s.in.offset - recordBytes, compressed: c.compressed}
	if length < chunkBytes {
		return s.badChunk(length, "a Chunk record with all its fields", fmt.Sprintf("one of %d bytes", length))
	}
	head := s.head[:chunkBytes]
	if err := s.content(head, "a Chunk record", length); err != nil {
		return err
	}
	f := fields{b: head[16:]}
	c.size, c.sum = f.u64(), f.u32()
	n := f.u32()
	length -= chunkBytes
	if n > maxName || length < uint64(n)+8 {
		return s.badChunk(length, "the name of a compression within its chunk", fmt.Sprintf("one of %d bytes", n))
	}
	name := make([]byte, n+8)
	if err := s.content(name, "a Chunk record", length); err != nil {
		return err
	}
	length -= uint64(len(name))
	stored := binary.LittleEndian.Uint64(name[n:])
	c.compression, c.from = string(name[:n]), s.in.offset
	switch {
	case stored > length:
		return s.badChunk(length, fmt.Sprintf("records within the %d bytes that their chunk has for them", length), fmt.Sprintf("%d bytes", stored))
	case stored > maxChunk || c.size > maxChunk:
		return s.badChunk(length, fmt.Sprintf("a chunk of at most %d bytes", maxChunk), fmt.Sprintf("%d bytes, and %d uncompressed", stored, c.size))
	case c.compression != "" && c.compression != "lz4" && c.compression != "zstd":
		return s.badChunk(length, `a compression "", "lz4" or "zstd"`, shown(name[:n]))
	}
	var err error
	c.compressed, err = s.in.take(c.compressed, int(stored))
	if err != nil {
		return s.cutChunk(err, stored)
	}
	s.open()
	// A later version of the format may have more fields.
	if rest := length - stored; rest > 0 {
		if got, err := s.in.skip(rest); err != nil && c.after == nil {
			c.after = s.short(err, "a Chunk record", rest, got)
		}
	}
	return nil
}

// badChunk leaves the rest of a chunk that cannot be read, which has n bytes more.
func (s *Source) badChunk(n uint64, want, got string) error {
	fe := passing(s.chunk.start, want, got)
	s.harmed = true
	if done, err := s.in.skip(n); err != nil {
		s.chunk.after = s.short(err, "a Chunk record", n, done)
	}
	return fe
}

// cutChunk is the end of a source within a chunk: what there is of it is read, in front of the error.
func (s *Source) cutChunk(err error, stored uint64) error {
	c := &s.chunk
	if !errors.Is(err, io.EOF) {
		s.end = err
	} else {
		s.end = damaged(s.in.offset, fmt.Sprintf("a chunk of %d bytes", stored), fmt.Sprintf("the end of the file after %d", len(c.compressed)))
	}
	c.sum = 0 // there is nothing to compare it with
	s.open()
	c.after = s.end
	return nil
}

// open decompresses the records and compares their sum.
func (s *Source) open() {
	c := &s.chunk
	var err error
	c.records, err = s.data.decompress(c.compression, c.compressed, c.size)
	switch sum := crc32.ChecksumIEEE(c.records); {
	case err != nil:
		c.after = passing(c.start, fmt.Sprintf("a chunk that decompresses to %d bytes", c.size), fmt.Sprintf("%v after %d", err, len(c.records)))
	case uint64(len(c.records)) != c.size:
		c.after = passing(c.start, fmt.Sprintf("a chunk that decompresses to %d bytes", c.size), fmt.Sprintf("%d", len(c.records)))
	case c.sum != 0 && c.sum != sum:
		c.untrue = true
		c.after = passing(c.start, fmt.Sprintf("a chunk whose records have the CRC %08x", c.sum), fmt.Sprintf("%08x", sum))
	}
	s.harmed = s.harmed || c.after != nil
}

// next takes the next record of the chunk. With an error, it gives what there is of the record.
func (c *chunk) next() (opcode, []byte, *events.FormatError) {
	f := fields{b: c.records}
	op := f.bytes(1)
	length := f.u64()
	if f.short {
		return 0, nil, passing(c.at(), "a record within its chunk"+c.place(), fmt.Sprintf("the chunk's end after %d bytes", len(c.records)))
	}
	content := f.bytes(length)
	if f.short {
		content = c.records[recordBytes:]
		return opcode(op[0]), content, passing(c.at(), "a record within its chunk"+c.place(),
			fmt.Sprintf("%v of %d bytes where the chunk has %d more", opcode(op[0]), length, len(content)))
	}
	c.records = c.records[f.taken:]
	c.done += f.taken
	return opcode(op[0]), content, nil
}
