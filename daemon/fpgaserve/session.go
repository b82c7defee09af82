package fpgaserve

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/saccade-dev/saccade/hw/fpga/remote"
)

// ringWords is how many words are on their way in each direction at the most, beside what the system holds: twice what
// remote.DefaultWindow lets a host have under way, so that sending never waits for results to be taken.
const ringWords = 2 * remote.DefaultWindow

// session is a connexion that has the streams.
type session struct {
	conn    net.Conn
	in, out *ring
	dead    chan struct{} // closed when the connexion is lost or given up
	kill    sync.Once
	over    chan struct{} // closed by the owner, who has let go of it
}

func newSession(c net.Conn) *session {
	return &session{conn: c, in: newRing(ringWords), out: newRing(ringWords), dead: make(chan struct{}), over: make(chan struct{})}
}

// end gives the connexion up.
func (s *session) end() {
	s.kill.Do(func() {
		close(s.dead)
		_ = s.conn.Close()
	})
}

// wireBytes is how much is read and written at once.
const wireBytes = 1 << 16

// read takes words off the connexion until its end. A host that goes in the middle of a word is an error.
func (s *session) read(count *counters) error {
	bytes := make([]byte, wireBytes)
	words := make([]uint32, 0, wireBytes/4)
	have := 0
	for {
		n, err := s.conn.Read(bytes[have:])
		have += n
		words = words[:0]
		for at := 0; at+4 <= have; at += 4 {
			words = append(words, binary.LittleEndian.Uint32(bytes[at:]))
		}
		have = copy(bytes, bytes[4*len(words):have])
		count.wordsIn.Add(uint64(len(words)))
		if !s.in.put(words, s.dead) {
			return nil // whoever gave it up says why
		}
		switch {
		case errors.Is(err, io.EOF) && have > 0:
			return fmt.Errorf("expected words of 4 bytes, found %d bytes at the end of the stream", have)
		case errors.Is(err, io.EOF):
			s.in.end()
			return nil
		case err != nil:
			return err
		}
	}
}

// write puts results onto the connexion until the owner has given the last.
func (s *session) write(count *counters) error {
	words := make([]uint32, wireBytes/4)
	bytes := make([]byte, 0, wireBytes)
	for {
		n := s.out.take(words)
		if n == 0 {
			if left, more := s.out.left(); left == 0 && !more {
				return nil
			}
			select {
			case <-s.out.filled:
			case <-s.dead:
				return nil
			}
			continue
		}
		bytes = bytes[:0]
		for _, w := range words[:n] {
			bytes = binary.LittleEndian.AppendUint32(bytes, w)
		}
		if _, err := s.conn.Write(bytes); err != nil {
			return err
		}
		count.wordsOut.Add(uint64(n))
	}
}
