package rosbag

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/internal/source"
)

const (
	// scratchBytes is how much is left out at a time.
	scratchBytes = 1 << 14
)

// stream is where records stand: the file, or what a chunk holds.
type stream struct {
	src   io.Reader
	ready viewer // of the same bytes, unless nil
	what  string // "file" or "chunk"
	at    int64  // bytes taken
	size  int64  // how many there are, unknown where it is negative

	// base is where the first of them stands in the file; where apart is set, the file has
	// them compressed from there on.
	base  int64
	apart bool

	scratch []byte // of scratchBytes
}

// viewer is a source that has bytes in memory; see stream.view.
type viewer interface{ view(n int) []byte }

// holds tells whether n more bytes may be there.
func (s *stream) holds(n int64) bool { return s.size < 0 || n <= s.size-s.at }

// read appends the next n bytes to b. It gives those that are there with the source's own
// error, io.EOF at its end.
func (s *stream) read(b []byte, n int) ([]byte, error) {
	before := len(b)
	b, err := source.Append(s.src, b, n)
	s.at += int64(len(b) - before)
	return b, err
}

// view takes the next n bytes where they stand in memory, until the next call of a method. It
// gives none, and takes none, where they do not.
func (s *stream) view(n int) []byte {
	if s.ready == nil {
		return nil
	}
	b := s.ready.view(n)
	s.at += int64(len(b))
	return b
}

// buffer is the file.
type buffer struct{ *bufio.Reader }

func (b buffer) view(n int) []byte {
	if n > b.Size() {
		return nil
	}
	v, err := b.Peek(n)
	if err != nil {
		return nil // whoever reads is told again
	}
	if _, err := b.Discard(n); err != nil {
		return nil
	}
	return v
}

// uint32 reads a number. Found is how many of its bytes are there.
func (s *stream) uint32() (v uint32, found int64, err error) {
	n, err := source.Full(s.src, s.scratch[:4])
	s.at += int64(n)
	return binary.LittleEndian.Uint32(s.scratch), int64(n), err
}

// skip leaves the next n bytes out and tells how many there were.
func (s *stream) skip(n int64) (int64, error) {
	var done int64
	for done < n {
		m, err := source.Full(s.src, s.scratch[:min(n-done, scratchBytes)])
		done += int64(m)
		s.at += int64(m)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// damage is damage at byte at, which in a file is fatal.
func (s *stream) damage(at int64, want, got string) *events.FormatError {
	if s.apart {
		return &events.FormatError{Format: Name, Offset: s.base, Want: want, Got: fmt.Sprintf("%s, at byte %d of the decompressed chunk", got, at)}
	}
	return &events.FormatError{Format: Name, Offset: s.base + at, Want: want, Got: got, Fatal: s.what == "file"}
}

// errFileEnd is the end of the file within a chunk.
var errFileEnd = errors.New("the end of the file")

// cut is what there is to say where n bytes from byte at on were wanted, and only so many
// found: damage, or the error that the source failed with.
func (s *stream) cut(err error, at int64, want string, found int64) error {
	var got string
	switch {
	case errors.Is(err, io.EOF):
		got = "the end of the " + s.what
	case errors.Is(err, errFileEnd):
		got = errFileEnd.Error()
	default:
		return err
	}
	if found > 0 {
		got += fmt.Sprintf(" after %d", found)
	}
	fe := s.damage(at, want, got)
	fe.Fatal = fe.Fatal || errors.Is(err, errFileEnd)
	return fe
}
