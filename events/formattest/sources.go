package formattest

import (
	"bytes"
	"io"
	"testing/iotest"
)

// cuts are the ways in which a source may cut what it gives.
var cuts = map[string]func(io.Reader) io.Reader{
	"at once":           func(r io.Reader) io.Reader { return r },
	"one byte":          iotest.OneByteReader,
	"halves":            iotest.HalfReader,
	"data with the end": iotest.DataErrReader,
	"both":              func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
	"now and then":      func(r io.Reader) io.Reader { return &hesitant{r: r} },
}

// hesitant gives nothing every other time, which io.Reader allows.
type hesitant struct {
	r     io.Reader
	calls int
}

func (h *hesitant) Read(p []byte) (int, error) {
	h.calls++
	if h.calls%2 == 1 {
		return 0, nil
	}
	return h.r.Read(p)
}

// failing gives its data and, in the same call as the last of it, an error.
type failing struct {
	data []byte
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	n := copy(p, f.data)
	f.data = f.data[n:]
	if len(f.data) > 0 {
		return n, nil
	}
	return n, f.err
}

// stuck gives its data, and then nothing, without an end.
type stuck struct{ data []byte }

func (s *stuck) Read(p []byte) (int, error) {
	n := copy(p, s.data)
	s.data = s.data[n:]
	return n, nil
}

// Endless is a source that gives a head once and then its data again and again.
func Endless(head, data []byte) io.Reader {
	return io.MultiReader(bytes.NewReader(head), &endless{data: data})
}

type endless struct {
	data []byte
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		m := copy(p[n:], e.data[e.at:])
		n += m
		e.at = (e.at + m) % len(e.data)
	}
	return n, nil
}
