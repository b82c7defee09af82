package fpgaserve

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// pieces is a connexion that gives bytes in pieces of given sizes.
type pieces struct {
	net.Conn
	bytes []byte
	sizes []int
	end   error
}

func (p *pieces) Read(to []byte) (int, error) {
	if len(p.bytes) == 0 {
		return 0, p.end
	}
	n := len(p.bytes)
	if len(p.sizes) > 0 {
		n, p.sizes = min(n, p.sizes[0]), p.sizes[1:]
	}
	n = copy(to, p.bytes[:n])
	p.bytes = p.bytes[n:]
	return n, nil
}

// Words are the same in whatever pieces their bytes come; what is left of one at the end is an error.
func TestRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "bytes")
		c := &pieces{bytes: bytes.Clone(b), sizes: rapid.SliceOfN(rapid.IntRange(1, 9), 0, 60).Draw(t, "sizes"), end: io.EOF}
		s, count := newSession(c), &counters{}
		err := s.read(count)
		_, more := s.in.left()
		require.Equal(t, len(b)%4 > 0, more, "an end that was none is told otherwise")
		if len(b)%4 > 0 {
			require.ErrorContains(t, err, "expected words of 4 bytes")
		} else {
			require.NoError(t, err)
		}
		words := make([]uint32, 100)
		n := s.in.take(words)
		require.Equal(t, len(b)/4, n)
		require.True(t, bytes.Equal(b[:4*n], bytesOf(words[:n]...)))
		require.Equal(t, uint64(n), count.wordsIn.Load())
	})
	lost := errors.New("cable pulled")
	s := newSession(&pieces{bytes: []byte{1, 2}, end: lost})
	require.ErrorIs(t, s.read(&counters{}), lost)
}
