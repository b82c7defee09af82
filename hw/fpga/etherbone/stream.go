package etherbone

import (
	"errors"
	"fmt"
	"io"
)

// streamReader takes packets off a stream.
type streamReader struct {
	from  io.Reader
	bytes [maxOnStream]byte
	at    int64 // where in the stream the next packet begins
}

// next reads a packet: io.EOF where the stream ends before one. Behind any other error, nobody knows where the next
// packet begins.
func (s *streamReader) next(p *Packet) error {
	head := s.bytes[:headerSize+recordSize]
	switch n, err := io.ReadFull(s.from, head); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return s.cut(len(head), n)
	case err != nil:
		return err
	}
	if err := p.decodeHeader(head[:headerSize]); err != nil {
		return s.behind(err)
	}
	size, counts := probeSize, [2]int{int(head[headerSize+2]), int(head[headerSize+3])}
	if !p.isProbe() && counts != [2]int{} {
		size = len(head)
		for _, n := range counts {
			if n > 0 {
				size += wordSize * (1 + n)
			}
		}
	}
	switch n, err := io.ReadFull(s.from, s.bytes[len(head):size]); {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return s.cut(size, len(head)+n)
	case err != nil:
		return err
	}
	used := size
	if !p.isProbe() && counts == [2]int{} {
		used = len(head) // what follows is no second record
	}
	if err := p.Decode(s.bytes[:used]); err != nil {
		return s.behind(err)
	}
	s.at += int64(size)
	return nil
}

// cut is the error of a stream that ends within a packet.
func (s *streamReader) cut(want, got int) error {
	return s.behind(formatError(got, fmt.Sprintf("a packet of %d bytes", want), "the end of the stream"))
}

// behind says where in the stream a packet with an error began.
func (s *streamReader) behind(err error) error {
	return fmt.Errorf("packet from byte %d of the stream on: %w", s.at, err)
}
