package mcap

import (
	"bufio"
	"hash/crc32"
	"io"

	"github.com/saccade-dev/saccade/events/internal/source"
)

// bufferBytes is how much is taken from the source at a time.
const bufferBytes = 1 << 16

// input is the file from its start to its end, with the sums that records have of it.
type input struct {
	br     *bufio.Reader
	offset int64   // of the next byte
	crc    uint32  // of all bytes since it was last set to 0
	part   *uint32 // the same of a part, while it is wanted
}

func newInput(r io.Reader) input { return input{br: bufio.NewReaderSize(r, bufferBytes)} }

// passed counts bytes as read.
func (in *input) passed(b []byte) {
	in.offset += int64(len(b))
	in.crc = crc32.Update(in.crc, crc32.IEEETable, b)
	if in.part != nil {
		*in.part = crc32.Update(*in.part, crc32.IEEETable, b)
	}
}

// full reads until b is full. It tells how many bytes there were; the error is the
// source's own, io.EOF at its end wherever that is.
func (in *input) full(b []byte) (int, error) {
	n, err := source.Full(in.br, b)
	in.passed(b[:n])
	return n, err
}

// take reads n bytes into dst's memory. What there was comes with the error.
func (in *input) take(dst []byte, n int) ([]byte, error) {
	b, err := source.Append(in.br, dst[:0], n)
	in.passed(b)
	return b, err
}

// skip reads n bytes and keeps none. It tells how many there were.
func (in *input) skip(n uint64) (uint64, error) {
	var done uint64
	for done < n {
		b, err := in.br.Peek(int(min(n-done, bufferBytes)))
		in.passed(b)
		done += uint64(len(b))
		if _, derr := in.br.Discard(len(b)); derr != nil {
			return done, derr
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
