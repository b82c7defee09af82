package aedat31_test

import (
	"bytes"
	"encoding/binary"
)

const text = "#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DAVIS240C\r\n#Start-Time: 2016-04-12 10:00:00 (TZ+0200)\r\n#!END-HEADER\r\n"

// packet is one by the layout in the package comment.
func packet(kind, source int16, size, tsOffset, overflow, number, valid int32, data ...[]byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(kind))
	b = binary.LittleEndian.AppendUint16(b, uint16(source))
	for _, v := range []int32{size, tsOffset, overflow, number, number, valid} {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return append(b, bytes.Join(data, nil)...)
}

// polarity is a packet of polarity events.
func polarity(overflow int32, in ...[]byte) []byte {
	return packet(1, 1, 8, 4, overflow, int32(len(in)), int32(len(in)), in...)
}

func event(low int32, x, y, on uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, x<<17|y<<2|on<<1|1)
	return binary.LittleEndian.AppendUint32(b, uint32(low))
}

// special is a special event of a type.
func special(kind uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, kind<<1|1), 7)
}

func file(packets ...[]byte) []byte { return append([]byte(text), bytes.Join(packets, nil)...) }
