package etherbone

import (
	"fmt"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// Handler executes a record and appends what it read to values. An error ends the connexion that the record came by.
type Handler func(r *Record, values []uint32) ([]uint32, error)

// check refuses what is not served.
func (r *Record) check() error {
	switch {
	case r.Flags&unservedSpaces != 0:
		return fmt.Errorf("etherbone: record flags: expected none of the configuration spaces' (%#02x), found %#02x", uint8(unservedSpaces), r.Flags)
	case r.Enable != allByte && len(r.Writes)+len(r.Reads) > 0:
		return fmt.Errorf("etherbone: byte enable: expected %#x, whole words, found %#x", allByte, r.Enable)
	}
	return nil
}

// Execute does what a record says: it writes, then reads, and appends what it read to values.
func Execute(bus fpga.Bus, r *Record, values []uint32) ([]uint32, error) {
	step := uint32(wordSize)
	if r.Flags&WriteFIFO != 0 {
		step = 0
	}
	for i, w := range r.Writes {
		if err := bus.Write(r.WriteBase+uint32(i)*step, w); err != nil {
			return values, err
		}
	}
	for _, address := range r.Reads {
		v, err := bus.Read(address)
		if err != nil {
			return values, err
		}
		values = append(values, v)
	}
	return values, nil
}

// answer makes the answer to a packet: empty where there is none. Records before one that fails have been executed.
func (p *Packet) answer(h Handler, a *Packet) error {
	*a = Packet{Records: a.Records[:0], words: a.words[:0]}
	if p.isProbe() {
		if p.Flags&Probe != 0 {
			a.Flags, a.Payload = ProbeReply, p.Payload
		}
		return nil
	}
	for i := range p.Records {
		r := &p.Records[i]
		if p.Flags&NoReads != 0 {
			r.Reads = nil
		}
		if err := r.check(); err != nil {
			return err
		}
		start := len(a.words)
		words, err := h(r, a.words)
		if err != nil {
			return err
		}
		a.words = words
		if len(r.Reads) > 0 {
			reply := Record{Enable: r.Enable, WriteBase: r.Return, Writes: words[start:]}
			if r.Flags&ReadFIFO != 0 {
				reply.Flags = WriteFIFO
			}
			a.Records = append(a.Records, reply)
		}
	}
	return nil
}

// empty tells whether there is nothing to send.
func (p *Packet) empty() bool { return !p.isProbe() && len(p.Records) == 0 }
