package etherbone

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// Datagrams is a client over UDP, a packet a record. It is used by one goroutine at a time; Close may be called by
// another, and ends what waits.
type Datagrams struct {
	conn    *net.UDPConn
	timeout time.Duration
	tries   int
	number  uint32 // of the last record

	sent, answer Packet
	bytes        []byte
	buffer       []byte
	stray        uint64
	repeats      uint64
}

// NewDatagrams makes a client on a socket that is connected to the other end. It waits so long for an answer, and tries so often.
func NewDatagrams(c *net.UDPConn, timeout time.Duration, tries int) *Datagrams {
	return &Datagrams{conn: c, timeout: timeout, tries: max(tries, 1), buffer: make([]byte, MaxPacket+1)}
}

// PanicUnanswered is the panic of [Datagrams.Exchange] for a record that reads nothing.
const PanicUnanswered = "etherbone: a record in a datagram reads nothing, so nobody would know whether it arrived"

// Exchange executes records in their order, each when the one before was answered, and puts what they read into values.
// Each must read something. Where no answer comes in time it is sent again, so it may be executed more than once: a record must
// say all of what it depends on, such as the place ahead of what is written there. A network that delivers a datagram
// later than its answered repetition, which those with one path do not, may even execute it behind later ones. Behind
// an error the record may have been executed, or not.
func (d *Datagrams) Exchange(records []Record, values []uint32) error {
	if count(records) != len(values) {
		panic(PanicValues)
	}
	for i := range records {
		n := len(records[i].Reads)
		if n == 0 {
			panic(PanicUnanswered)
		}
		if err := d.exchange(records[i], values[:n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

func (d *Datagrams) exchange(r Record, values []uint32) error {
	d.number++
	r.Return = d.number * wordSize // an address, and a number
	d.sent.Records = append(d.sent.Records[:0], r)
	d.bytes = d.sent.Append(d.bytes[:0])
	var last error
	for try := range d.tries {
		if try > 0 {
			d.repeats++
		}
		err := d.once(r.Return, values)
		if err == nil {
			return nil
		}
		// Nobody listens yet, or not any more: that may pass as well as a loss.
		if !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, syscall.ECONNREFUSED) {
			return fmt.Errorf("etherbone: %w", err)
		}
		last = err
	}
	if errors.Is(last, syscall.ECONNREFUSED) {
		return fmt.Errorf("etherbone: %w: %w", fpga.ErrTimeout, last)
	}
	return fmt.Errorf("etherbone: no answer to any of %d tries, %v each: %w", d.tries, d.timeout, fpga.ErrTimeout)
}

// once sends the packet and waits for its answer. What else arrives is passed over.
func (d *Datagrams) once(number uint32, values []uint32) error {
	if err := d.conn.SetDeadline(time.Now().Add(d.timeout)); err != nil {
		return err
	}
	if _, err := d.conn.Write(d.bytes); err != nil {
		return err
	}
	for {
		n, err := d.conn.Read(d.buffer)
		if err != nil {
			return err
		}
		a := &d.answer
		if a.Decode(d.buffer[:n]) == nil && len(a.Records) == 1 && a.Records[0].WriteBase == number && a.read(values) == nil {
			return nil
		}
		d.stray++
	}
}

// Probe asks whether somebody there speaks Etherbone.
func (d *Datagrams) Probe() error {
	p := Packet{Flags: Probe, Payload: make([]byte, probeSize-headerSize)}
	for range d.tries {
		if err := d.conn.SetDeadline(time.Now().Add(d.timeout)); err != nil {
			return fmt.Errorf("etherbone: %w", err)
		}
		_, err := d.conn.Write(p.Append(d.bytes[:0]))
		for err == nil {
			var n int
			if n, err = d.conn.Read(d.buffer); err == nil && d.answer.Decode(d.buffer[:n]) == nil && d.answer.Flags&ProbeReply != 0 {
				return nil
			}
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, syscall.ECONNREFUSED) {
			return fmt.Errorf("etherbone: %w", err)
		}
	}
	return fmt.Errorf("etherbone: no answer to any of %d probes, %v each: %w", d.tries, d.timeout, fpga.ErrTimeout)
}

// Repeats is how many packets were sent again.
func (d *Datagrams) Repeats() uint64 { return d.repeats }

// Stray is how many datagrams arrived that were no answer to what was asked.
func (d *Datagrams) Stray() uint64 { return d.stray }

// Close closes the socket.
func (d *Datagrams) Close() error { return d.conn.Close() }
