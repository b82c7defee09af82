package source

import (
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// Buffer is what has been read of a source and is not yet taken.
type Buffer struct {
	src        io.Reader
	buf        []byte
	size       int   // how much of buf is ever filled
	begin, end int   // what is there
	offset     int64 // of buf[begin] in the file
	err        error // that the source ended with
}

// NewBuffer makes a buffer of so many bytes. The slice that Bytes gives may be extended
// by the slack, within its capacity: what stands there means nothing.
func NewBuffer(src io.Reader, size, slack int) Buffer {
	return Buffer{src: src, buf: make([]byte, size+slack), size: size}
}

// Bytes is what is there. It holds until the next call of a method.
func (b *Buffer) Bytes() []byte { return b.buf[b.begin:b.end] }

// Len is how much is there.
func (b *Buffer) Len() int { return b.end - b.begin }

// Room is how much may be there at once.
func (b *Buffer) Room() int { return b.size }

// Offset is where the first byte that is there stands in the file.
func (b *Buffer) Offset() int64 { return b.offset }

// Take is done with the first n bytes.
func (b *Buffer) Take(n int) {
	b.begin += n
	b.offset += int64(n)
}

// Begin says that the first byte that is there stands at offset, and puts bytes there
// that were read before, as many as there is room for. It tells how many.
func (b *Buffer) Begin(offset int64, read []byte) int {
	b.offset = offset
	n := copy(b.buf[b.end:b.size], read)
	b.end += n
	return n
}

// More reads on, once: there is at least a byte more behind it, or the source has ended
// (see Ended). What is there moves to the start of the buffer, which must not be full
// of it.
func (b *Buffer) More() {
	if b.begin > 0 {
		b.end = copy(b.buf, b.buf[b.begin:b.end])
		b.begin = 0
	}
	if b.err == nil {
		var n int
		n, b.err = Some(b.src, b.buf[b.end:b.size])
		b.end += n
	}
}

// Ended tells whether the source has ended. Bytes may still be there.
func (b *Buffer) Ended() bool { return b.err != nil }

// Err is the error that the source ended with, nil while it goes on.
func (b *Buffer) Err() error { return b.err }

// Fill reads on until n bytes are there, or gives the error that the source ended with.
func (b *Buffer) Fill(n int) error {
	for b.end-b.begin < n {
		if b.err != nil {
			return b.err
		}
		b.More()
	}
	return nil
}

// Need reads on until n bytes are there. At the end of the file it gives io.EOF, or, if
// there is a part of what is wanted, fatal damage.
func (b *Buffer) Need(n int, format, want string) error {
	if b.end-b.begin >= n {
		return nil
	}
	err := b.Fill(n)
	if rest := b.Len(); rest > 0 && errors.Is(err, io.EOF) {
		return &events.FormatError{
			Format: format, Offset: b.offset, Fatal: true,
			Want: want, Got: fmt.Sprintf("the end of the file after %d", rest),
		}
	}
	return err
}
