package source

import (
	"errors"
	"io"
	"slices"
)

// ahead is how far memory is taken, beyond twice what has come, before the bytes have come that go there.
const ahead = 1 << 16

// ErrMore is a source that holds more than it may.
var ErrMore = errors.New("more than that")

// Append reads n bytes and appends them to dst. Whatever n claims, memory is taken as bytes
// arrive. Those that are there come with the source's own error, which is io.EOF at its end.
func Append(r io.Reader, dst []byte, n int) ([]byte, error) {
	for begin := len(dst); n > 0; {
		// What memory there is costs nothing.
		step := min(n, max(ahead, len(dst)-begin, cap(dst)-len(dst)))
		at := len(dst)
		dst = slices.Grow(dst, step)[:at+step]
		got, err := Full(r, dst[at:])
		dst = dst[:at+got]
		n -= got
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// All appends to dst what a source gives up to its end, and at most so many bytes: of one that
// has more, these come with ErrMore. What there is before another error comes with that.
func All(r io.Reader, dst []byte, most int) ([]byte, error) {
	begin := len(dst)
	for {
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, max(ahead, len(dst)-begin))
		}
		n, err := Some(r, dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst)-begin > most:
			return dst[:begin+most], ErrMore
		case errors.Is(err, io.EOF):
			return dst, nil
		case err != nil:
			return dst, err
		}
	}
}
