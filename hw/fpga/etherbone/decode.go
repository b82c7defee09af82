package etherbone

import (
	"encoding/binary"
	"fmt"
)

// Decode reads a packet, all of b. What the packet held before is written over, and its memory is used
// again. An error is an [events.FormatError].
func (p *Packet) Decode(b []byte) error {
	if err := p.decodeHeader(b); err != nil {
		return err
	}
	p.Records, p.Payload, p.words = p.Records[:0], p.Payload[:0], p.words[:0]
	at := headerSize
	if p.isProbe() {
		p.Payload = append(p.Payload, b[at:]...)
		return nil
	}
	for at < len(b) {
		r, size, err := p.decodeRecord(b, at)
		if err != nil {
			return err
		}
		p.Records = append(p.Records, r)
		at += size
	}
	return nil
}

// decodeHeader reads what is ahead of the records.
func (p *Packet) decodeHeader(b []byte) error {
	switch {
	case len(b) < headerSize:
		return formatError(len(b), fmt.Sprintf("a header of %d bytes", headerSize), "the end")
	case len(b) > MaxPacket:
		return formatError(MaxPacket, "the end", fmt.Sprintf("a packet of %d bytes", len(b)))
	}
	if magic := binary.BigEndian.Uint16(b); magic != Magic {
		return formatError(0, fmt.Sprintf("%#x", Magic), fmt.Sprintf("%#x", magic))
	}
	if version := b[2] >> 4; version != Version {
		return formatError(2, fmt.Sprintf("version %d", Version), fmt.Sprintf("%d", version))
	}
	p.Flags = b[2] & packetFlags
	address, word := b[3]>>4, b[3]&15
	probe := p.isProbe() && address&sizes32 != 0 && word&sizes32 != 0 // which names all sizes that its sender can do
	if !probe && (address != sizes32 || word != sizes32) {
		return formatError(3, "addresses and words of 32 bits, 0x44", fmt.Sprintf("%#02x", b[3]))
	}
	return nil
}

// decodeRecord reads the record that begins at a byte of the packet.
func (p *Packet) decodeRecord(b []byte, at int) (r Record, size int, err error) {
	if len(b)-at < recordSize {
		return r, 0, formatError(len(b), fmt.Sprintf("the header of a record, %d bytes from %d on", recordSize, at), "the end")
	}
	h := b[at : at+recordSize]
	r.Flags, r.Enable = h[0]&recordFlags, h[1]
	rest := b[at+recordSize:]
	size = recordSize
	for i, count := range [2]int{int(h[2]), int(h[3])} {
		if count == 0 {
			continue
		}
		need := wordSize * (1 + count)
		if len(rest) < need {
			return r, 0, formatError(len(b), fmt.Sprintf("a base and %d words, %d bytes from %d on", count, need, at+size), "the end")
		}
		base := binary.BigEndian.Uint32(rest)
		start := len(p.words)
		for k := range count {
			p.words = append(p.words, binary.BigEndian.Uint32(rest[wordSize*(1+k):]))
		}
		words := p.words[start:len(p.words):len(p.words)]
		if i == 0 {
			r.WriteBase, r.Writes = base, words
		} else {
			r.Return, r.Reads = base, words
		}
		rest, size = rest[need:], size+need
	}
	return r, size, nil
}
