package npy

import (
	"bufio"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

// Signatures of a zip archive's parts.
const (
	localMagic      = "PK\x03\x04"
	descriptorMagic = "PK\x07\x08"
)

// counter counts the bytes read. It reads no further than asked, so that a deflated
// member ends where it ends.
type counter struct {
	r byteReader
	n int64
}

type byteReader interface {
	io.Reader
	io.ByteReader
}

func newCounter(r io.Reader) *counter { return &counter{r: bufio.NewReaderSize(r, bufferBytes)} }

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// member is a file in an archive, as its local header has it.
type member struct {
	name       string
	method     uint16
	packed     int64  // bytes in the archive, negative where only the end tells
	crc        uint32 // of the contents, where packed is known
	descriptor bool   // sizes and checksum stand behind the contents
	wide       bool   // in 64 bits
	start      int64  // of the contents in the archive
}

func (m *member) array() bool { return strings.HasSuffix(m.name, ".npy") }

func zipError(offset int64, want, got string) error {
	return &events.FormatError{Format: NameZip, Offset: offset, Want: want, Got: got, Fatal: true}
}

// readMember reads a local header (APPNOTE.TXT, 4.3.7). Where another part of the
// archive begins, it returns io.EOF.
func readMember(c *counter) (member, error) {
	const (
		headerBytes = 30
		encrypted   = 1
		descriptor  = 1 << 3
		zip64       = 1
	)
	var m member
	at := c.n
	var b [headerBytes]byte
	cut := func(err error) error {
		if errors.Is(err, io.EOF) {
			return zipError(c.n, "the header of a member", "the end of the file")
		}
		return err
	}
	if _, err := source.Full(c, b[:4]); err != nil {
		return m, cut(err)
	}
	if string(b[:4]) != localMagic {
		if string(b[:2]) == "PK" && at > 0 {
			return m, io.EOF
		}
		return m, zipError(at, "the header of a member", fmt.Sprintf("%q", b[:4]))
	}
	if _, err := source.Full(c, b[4:]); err != nil {
		return m, cut(err)
	}
	le := binary.LittleEndian
	flags := le.Uint16(b[6:])
	m.method = le.Uint16(b[8:])
	m.crc = le.Uint32(b[14:])
	m.packed = int64(le.Uint32(b[18:]))
	rest := make([]byte, int(le.Uint16(b[26:]))+int(le.Uint16(b[28:])))
	if _, err := source.Full(c, rest); err != nil {
		return m, cut(err)
	}
	m.name = string(rest[:le.Uint16(b[26:])])
	m.start = c.n
	if flags&encrypted != 0 {
		return m, zipError(at+6, "a member that is not encrypted", fmt.Sprintf("%.60q, which is", m.name))
	}
	for extra := rest[len(m.name):]; len(extra) >= 4; {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		extra = extra[4:]
		if n > len(extra) {
			break
		}
		if id == zip64 {
			m.wide = true
			// The size of the contents, and then that in the archive.
			if m.packed == math.MaxUint32 && n >= 16 {
				m.packed = int64(le.Uint64(extra[8:]))
				if m.packed < 0 {
					return m, zipError(at, "a member of a size that can be", fmt.Sprintf("%d bytes", uint64(m.packed)))
				}
			}
		}
		extra = extra[n:]
	}
	if flags&descriptor != 0 {
		m.descriptor, m.packed = true, -1
	}
	return m, nil
}

// contents are the bytes of a member, unpacked, with their checksum.
type contents struct {
	c     *counter
	m     member
	r     io.Reader
	limit *io.LimitedReader // nil where only the end tells
	crc   hash.Hash32
}

func (m member) open(c *counter) (*contents, error) {
	o := &contents{c: c, m: m, crc: crc32.NewIEEE(), r: c}
	var packed byteReader = c
	if m.packed >= 0 {
		o.limit = &io.LimitedReader{R: c, N: m.packed}
		o.r = o.limit
		packed = limitedBytes{o.limit, c}
	}
	switch m.method {
	case 0:
	case 8:
		o.r = flate.NewReader(packed)
	default:
		return nil, zipError(m.start, "a member that is stored (0) or deflated (8)", fmt.Sprintf("%.60q with method %d", m.name, m.method))
	}
	return o, nil
}

// limitedBytes is a limited reader that a deflate reader takes single bytes of.
type limitedBytes struct {
	*io.LimitedReader
	c *counter
}

func (l limitedBytes) ReadByte() (byte, error) {
	if l.N <= 0 {
		return 0, io.EOF
	}
	b, err := l.c.ReadByte()
	if err == nil {
		l.N--
	}
	return b, err
}

func (o *contents) Read(p []byte) (int, error) {
	n, err := o.r.Read(p)
	_, _ = o.crc.Write(p[:n]) // a hash's Write never fails, by its contract
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &corrupt):
		err = zipError(o.m.start+int64(corrupt), fmt.Sprintf("deflated bytes of %.60q", o.m.name), "what no deflating makes")
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = io.EOF // whoever reads an array says how much of it was there
	}
	return n, err
}

// close sees that the contents end here and that the checksum is theirs.
func (o *contents) close() error {
	if o.m.descriptor && o.m.method == 0 {
		return o.descriptor() // there is no telling whether more was stored
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(o, 1)); err != nil {
		return err
	} else if n > 0 {
		return zipError(o.c.n, fmt.Sprintf("the end of %.60q", o.m.name), "more bytes")
	}
	if o.m.descriptor {
		return o.descriptor()
	}
	return o.check(o.m.crc)
}

func (o *contents) check(crc uint32) error {
	if sum := o.crc.Sum32(); sum != crc {
		return zipError(o.c.n, fmt.Sprintf("contents of %.60q with the checksum %08x", o.m.name, crc), fmt.Sprintf("%08x", sum))
	}
	return nil
}

// descriptor reads what stands behind the contents: a signature, which may be
// missing, the checksum, and two sizes (APPNOTE.TXT, 4.3.9).
func (o *contents) descriptor() error {
	read := func(n int) ([]byte, error) {
		b := make([]byte, n)
		_, err := source.Full(o.c, b)
		if errors.Is(err, io.EOF) {
			err = zipError(o.c.n, fmt.Sprintf("the checksum of %.60q", o.m.name), "the end of the file")
		}
		return b, err
	}
	b, err := read(4)
	if err == nil && string(b) == descriptorMagic {
		b, err = read(4)
	}
	if err != nil {
		return err
	}
	if err := o.check(binary.LittleEndian.Uint32(b)); err != nil {
		return err
	}
	sizes := 8
	if o.m.wide {
		sizes = 16
	}
	_, err = read(sizes)
	return err
}
