package source

import (
	"errors"
	"io"
)

// maxEmptyReads is how often a source may give nothing before it counts as stuck, as in
// bufio.
const maxEmptyReads = 100

var errCount = errors.New("the source claims to have read more than was asked for, or less than nothing")

// Some reads at least a byte into b, which must have room, or gives the error that the
// source ended with: io.ErrNoProgress where it goes on giving nothing. An error may
// come with bytes.
func Some(r io.Reader, b []byte) (n int, err error) {
	for range maxEmptyReads {
		n, err = r.Read(b)
		switch {
		case n < 0 || n > len(b):
			return 0, errCount
		case n > 0 || err != nil:
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// Full reads until b is full and tells how much was there. Other than that of
// io.ReadFull, its error is the source's own: io.EOF at its end, wherever that is. A
// full b comes without an error.
func Full(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) {
		var m int
		m, err = Some(r, b[n:])
		n += m
		if err != nil && n < len(b) {
			return n, err
		}
	}
	return n, nil
}
