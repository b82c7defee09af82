package rosbag

import (
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/pierrec/lz4/v4"

	"github.com/saccade-dev/saccade/events/internal/source"
)

// maxChunk bounds what a compressed chunk holds: rosbag makes them of 768 KiB unless told
// otherwise.
const maxChunk = 256 << 20

// section is the part of the file that a chunk's data takes.
type section struct {
	file *stream
	left int64
	err  error // that the file ended with, within the section
}

func (s *section) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.file.some(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	if err != nil && s.left > 0 {
		s.err = err
		if errors.Is(err, io.EOF) {
			s.err = errFileEnd
		}
		err = s.err
	}
	if n > 0 {
		return n, nil
	}
	return n, err
}

func (s *section) view(n int) []byte {
	if int64(n) > s.left || s.err != nil {
		return nil
	}
	b := s.file.view(n)
	s.left -= int64(len(b))
	return b
}

// open begins a chunk.
func (b *bag) open(r record) error {
	b.within = true
	b.section = section{file: &b.file, left: r.size}
	b.chunk = stream{src: &b.section, ready: &b.section, what: "chunk", size: r.size, base: b.file.at, scratch: b.file.scratch}
	var from io.Reader
	switch string(r.compression) {
	case "", "none":
		return nil
	case "lz4":
		b.lz4.Reset(&b.section)
		from = b.lz4
	case "bz2":
		from = bzip2.NewReader(&b.section)
	default:
		return b.refuse(r.at, "a chunk that is compressed by bz2, lz4 or none", fmt.Sprintf("%.40q", r.compression))
	}
	size := int64(-1)
	if r.decompressed != nil {
		size = int64(binary.LittleEndian.Uint32(r.decompressed))
	}
	if size > maxChunk {
		return b.refuse(r.at, fmt.Sprintf("a chunk of at most %d bytes", maxChunk), strconv.FormatInt(size, 10))
	}
	return b.unpack(from, string(r.compression), size)
}

// refuse is damage of a chunk that is left out.
func (b *bag) refuse(at int64, want, got string) error {
	b.leaving = true
	return leftBehind(b.file.damage(at, want, got))
}

// unpack decompresses a chunk that says it holds so many bytes, or does not say, and lets
// its records be read. A chunk is decompressed as a whole, since its checksums stand at its
// end: what they do not vouch for is not given.
func (b *bag) unpack(from io.Reader, compression string, size int64) error {
	at, compressed := b.file.at, b.section.left
	limit := size
	if size < 0 {
		limit = maxChunk
	}
	var err error
	b.plain, err = source.All(from, b.plain[:0], int(limit))
	all := unpacked{rest: b.plain}
	switch n := int64(len(b.plain)); {
	case errors.Is(err, source.ErrMore):
		return b.refuse(at, fmt.Sprintf("a chunk that is %d bytes when it is decompressed", limit), "more")
	case errors.Is(b.section.err, errFileEnd):
		all.err = b.file.damage(at, fmt.Sprintf("a chunk of %d bytes", compressed), fmt.Sprintf("the end of the file after %d", b.file.at-at))
	case b.section.err != nil:
		all.err = b.section.err
	case err != nil:
		if compression == "bz2" || errors.Is(err, lz4.ErrInvalidFrameChecksum) {
			return b.refuse(at, "a chunk compressed by "+compression, err.Error())
		}
		all.err = leftBehind(b.file.damage(at, "a chunk compressed by "+compression, fmt.Sprintf("%v, behind %d bytes that could be decompressed", err, n)))
	case size >= 0 && n < size:
		all.err = leftBehind(b.file.damage(at, fmt.Sprintf("a chunk that is %d bytes when it is decompressed", size), strconv.FormatInt(n, 10)))
	default:
		all.err = io.EOF
	}
	b.chunk.src, b.chunk.ready, b.chunk.apart, b.chunk.size = &all, &all, true, -1
	if errors.Is(all.err, io.EOF) {
		b.chunk.size = int64(len(b.plain))
	}
	return nil
}

// unpacked is what there is of a decompressed chunk, and what ended it.
type unpacked struct {
	rest []byte
	err  error
}

func (u *unpacked) Read(p []byte) (int, error) {
	if len(u.rest) == 0 {
		return 0, u.err
	}
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	return n, nil
}

func (u *unpacked) view(n int) []byte {
	if n > len(u.rest) {
		return nil
	}
	b := u.rest[:n]
	u.rest = u.rest[n:]
	return b
}

// leave leaves out what is left of a chunk.
func (b *bag) leave() error {
	b.within, b.leaving = false, false
	// Told from the chunk's beginning: how far a decompressor has read on ahead depends on
	// how the source cuts what it gives.
	at, size := b.chunk.base, b.file.at-b.chunk.base+b.section.left
	if _, err := b.file.skip(b.section.left); err != nil {
		return b.file.cut(err, at, fmt.Sprintf("a chunk of %d bytes", size), b.file.at-at)
	}
	return nil
}
