package aedat31

import (
	"encoding/binary"
	"fmt"
)

// packetHeader is the header of a packet.
type packetHeader struct {
	kind, source                     int16
	size, tsOffset, overflow, number int32
	valid                            int32
}

func parsePacketHeader(b []byte) packetHeader {
	field := func(at int) int32 { return int32(binary.LittleEndian.Uint32(b[at:])) }
	return packetHeader{
		kind:     int16(binary.LittleEndian.Uint16(b[typeField:])),
		source:   int16(binary.LittleEndian.Uint16(b[sourceField:])),
		size:     field(sizeField),
		tsOffset: field(tsOffsetField),
		overflow: field(overflowField),
		number:   field(numberField),
		valid:    field(validField),
	}
}

// wrong tells why a packet's events cannot be read, or "" twice. Behind a header
// whose length is wrong nothing can be found again.
func (h *packetHeader) wrong() (want, got string, fatal bool) {
	switch {
	case h.kind < 0:
		return "a packet's type from 0", fmt.Sprintf("%d", h.kind), true
	case h.number < 0:
		return "a number of events from 0", fmt.Sprintf("%d", h.number), true
	case h.size < 0 || h.size == 0 && h.number > 0:
		return "events of 1 byte or more", fmt.Sprintf("%d bytes", h.size), true
	case h.kind != polarityType || h.number == 0:
		return "", "", false
	case h.size != eventBytes || h.tsOffset != eventTSOffset:
		return fmt.Sprintf("polarity events of %d bytes with their time at %d", eventBytes, eventTSOffset),
			fmt.Sprintf("%d bytes, time at %d", h.size, h.tsOffset), false
	case h.overflow < 0:
		return "an overflow counter from 0", fmt.Sprintf("%d", h.overflow), false
	}
	return "", "", false
}

// bytes is the length of the packet's events. The product of two numbers of 31 bits
// has 62.
func (h *packetHeader) bytes() int64 { return int64(h.size) * int64(h.number) }

// kindName is what events of the packet's type are counted as.
func (h *packetHeader) kindName() string {
	if int(h.kind) < len(kinds) {
		return kinds[h.kind]
	}
	return fmt.Sprintf("type %d", h.kind)
}
