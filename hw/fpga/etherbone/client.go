package etherbone

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// PanicValues is the panic of Exchange for values that are not as many as the records read.
const PanicValues = "etherbone: as many values are expected as the records read"

// count is the number of words that records read.
func count(records []Record) (n int) {
	for i := range records {
		n += len(records[i].Reads)
	}
	return n
}

// silent makes the error of one who waited in vain: [fpga.ErrTimeout], or what was wrong with the connexion.
func silent(err error, waited time.Duration) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("etherbone: no answer within %v: %w", waited, fpga.ErrTimeout)
	}
	return fmt.Errorf("etherbone: %w", err)
}

// Stream is a client over a stream such as TCP. It is used by one goroutine at a time; Close may be called by another,
// and ends what waits.
type Stream struct {
	conn    net.Conn
	in      streamReader
	timeout time.Duration
	broken  error

	bytes  []byte
	packet Packet
}

// NewStream makes a client that waits so long for an answer.
func NewStream(c net.Conn, timeout time.Duration) *Stream {
	return &Stream{conn: c, in: streamReader{from: c}, timeout: timeout}
}

// ahead is how many records are sent before their answers are read: as many answers as every system holds for
// one who does not read yet.
const ahead = 16

// Exchange executes records in their order and puts what they read into values. Writes are sent, and not waited for:
// they are done by the time that a later read is answered. A record that writes and reads is sent as two, between which others'
// may come. Behind an error, every further call fails: nobody knows what was executed.
func (s *Stream) Exchange(records []Record, values []uint32) error {
	if count(records) != len(values) {
		panic(PanicValues)
	}
	for len(records) > 0 && s.broken == nil {
		batch := records[:min(ahead, len(records))]
		records = records[len(batch):]
		n := count(batch)
		if err := s.batch(batch, values[:n]); err != nil {
			s.broken = err
		}
		values = values[n:]
	}
	return s.broken
}

func (s *Stream) batch(records []Record, values []uint32) error {
	s.bytes = s.bytes[:0]
	for i := range records {
		r := &records[i]
		if len(r.Writes) > 0 {
			s.append(Record{Flags: r.Flags, Enable: r.Enable, WriteBase: r.WriteBase, Writes: r.Writes})
		}
		if len(r.Reads) > 0 {
			s.append(Record{Flags: r.Flags &^ WriteFIFO, Enable: r.Enable, Return: r.Return, Reads: r.Reads})
		}
	}
	if err := s.conn.SetDeadline(time.Now().Add(s.timeout)); err != nil {
		return silent(err, s.timeout)
	}
	if _, err := s.conn.Write(s.bytes); err != nil {
		return silent(err, s.timeout)
	}
	for i := range records {
		n := len(records[i].Reads)
		if n == 0 {
			continue
		}
		if err := s.in.next(&s.packet); err != nil {
			return silent(err, s.timeout)
		}
		if err := s.packet.read(values[:n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

func (s *Stream) append(r Record) {
	p := Packet{Records: []Record{r}}
	s.bytes = p.appendOnStream(s.bytes)
}

// read takes the values out of an answer.
func (p *Packet) read(values []uint32) error {
	if len(p.Records) != 1 || len(p.Records[0].Writes) != len(values) {
		found := 0
		for i := range p.Records {
			found += len(p.Records[i].Writes)
		}
		return fmt.Errorf("etherbone: answer: expected one record of %d words, found %d of %d", len(values), len(p.Records), found)
	}
	copy(values, p.Records[0].Writes)
	return nil
}

// Close closes the connexion.
func (s *Stream) Close() error { return s.conn.Close() }
