package evt21

import (
	"io"

	"github.com/saccade-dev/saccade/events/internal/source"
)

// peeked is a source whose first line has been looked at.
type peeked struct {
	head []byte // what was looked at and not yet read
	src  io.Reader
	err  error // that ended the look, given once the head is read
}

// lineBytes is enough for a word and the end of its line.
const lineBytes = digits + 2

func newPeeked(src io.Reader) *peeked {
	p := &peeked{src: src}
	head := make([]byte, lineBytes)
	n := 0
	for n < len(head) && p.err == nil {
		var m int
		m, p.err = source.Some(src, head[n:])
		n += m
	}
	p.head = head[:n]
	return p
}

func (p *peeked) Read(b []byte) (int, error) {
	switch {
	case len(p.head) > 0:
		n := copy(b, p.head)
		p.head = p.head[n:]
		return n, nil
	case p.err != nil:
		return 0, p.err
	default:
		return p.src.Read(b)
	}
}
