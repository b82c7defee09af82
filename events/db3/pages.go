package db3

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// magic begins a database.
const magic = "SQLite format 3\x00"

const headerBytes = 100

// The header's fields.
const (
	pageSizeOffset = 16
	writeOffset    = 18
	readOffset     = 19
	counterOffset  = 24
	countOffset    = 28
	validOffset    = 92
)

// journalled marks a database that does without a write-ahead log.
const journalled = 1

// pages is the file as SQLite is shown it: as long as its header says, though its end may be
// missing, and as one that has no write-ahead log beside it, as that is never read. It
// keeps in mind where it was read and what failed.
type pages struct {
	r       io.ReaderAt
	there   int64 // bytes that the file has
	claimed int64 // bytes that its header says it has
	last    int64 // where it was read last
	missing bool  // what is not there was asked for
	failed  error // by the file itself
}

// newPages looks at the header of a file of so many bytes.
func newPages(r io.ReaderAt, size int64) (*pages, error) {
	var h [headerBytes]byte
	n, err := r.ReadAt(h[:min(size, headerBytes)], 0)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, err
	case n < len(magic) || string(h[:len(magic)]) != magic:
		return nil, damaged(0, fmt.Sprintf("%q", magic), fmt.Sprintf("%q", h[:min(n, len(magic))]))
	case n < headerBytes:
		return nil, damaged(int64(n), fmt.Sprintf("a header of %d bytes", headerBytes), "the end of the file")
	}
	p := &pages{r: r, there: size, claimed: size}
	page := int64(binary.BigEndian.Uint16(h[pageSizeOffset:]))
	if page == 1 {
		page = 1 << 16
	}
	if page < 512 || page&(page-1) != 0 {
		return nil, damaged(pageSizeOffset, "a page size that is a power of two from 512 to 65536", fmt.Sprintf("%d", page))
	}
	// The count is true where the library that wrote last has kept it.
	if string(h[counterOffset:][:4]) == string(h[validOffset:][:4]) {
		p.claimed = max(size, page*int64(binary.BigEndian.Uint32(h[countOffset:])))
	}
	return p, nil
}

// cut is the error for a file whose end is missing, or nil.
func (p *pages) cut() *events.FormatError {
	if p.there >= p.claimed {
		return nil
	}
	return damaged(p.there, fmt.Sprintf("a database of %d bytes", p.claimed), "the end of the file")
}

// Size is how long SQLite believes the file to be.
func (p *pages) Size() (int64, error) { return p.claimed, nil }

// ReadAt is that of io.ReaderAt.
func (p *pages) ReadAt(b []byte, off int64) (int, error) {
	p.last = off
	if off+int64(len(b)) > p.there {
		p.missing = true
		return 0, errMissing
	}
	n, err := p.r.ReadAt(b, off)
	if n == len(b) {
		err = nil
	} else if err != nil {
		p.failed = err
	}
	for _, at := range []int64{writeOffset, readOffset} {
		if at >= off && at < off+int64(n) && b[at-off] == journalled+1 {
			b[at-off] = journalled
		}
	}
	return n, err
}

var errMissing = errors.New("the end of the file is missing")

// explain makes an error of SQLite one that says where in the file it is.
func (p *pages) explain(err error, want string) *events.FormatError {
	if p.missing {
		return damaged(p.there, fmt.Sprintf("%s, in a database of %d bytes", want, p.claimed), "the end of the file")
	}
	return damaged(p.last, want, err.Error())
}

// damaged is damage behind which nothing is read, unless its Fatal is taken away.
func damaged(at int64, want, got string) *events.FormatError {
	return &events.FormatError{Format: Name, Offset: at, Want: want, Got: got, Fatal: true}
}
