package etherbone

import "encoding/binary"

// Panics of misuse.
const (
	PanicWords = "etherbone: a record writes or reads more than 255 words"
	PanicProbe = "etherbone: a probe has no records, and what is none has no payload"
)

// Append appends the packet's bytes.
func (p *Packet) Append(b []byte) []byte {
	if p.isProbe() && len(p.Records) > 0 || !p.isProbe() && len(p.Payload) > 0 {
		panic(PanicProbe)
	}
	b = binary.BigEndian.AppendUint16(b, Magic)
	b = append(b, Version<<4|p.Flags&packetFlags, sizes32<<4|sizes32, 0, 0, 0, 0)
	for i := range p.Records {
		b = p.Records[i].append(b)
	}
	return append(b, p.Payload...)
}

func (r *Record) append(b []byte) []byte {
	if len(r.Writes) > MaxWords || len(r.Reads) > MaxWords {
		panic(PanicWords)
	}
	enable := r.Enable
	if enable == 0 {
		enable = allByte
	}
	b = append(b, r.Flags&recordFlags, enable, byte(len(r.Writes)), byte(len(r.Reads)))
	b = appendWords(b, r.WriteBase, r.Writes)
	return appendWords(b, r.Return, r.Reads)
}

// appendWords appends a base and its words, or nothing where there are none.
func appendWords(b []byte, base uint32, words []uint32) []byte {
	if len(words) == 0 {
		return b
	}
	b = binary.BigEndian.AppendUint32(b, base)
	for _, w := range words {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b
}

// appendOnStream appends a packet of one record, or a probe, as it is sent over a stream.
func (p *Packet) appendOnStream(b []byte) []byte {
	start := len(b)
	b = p.Append(b)
	for len(b)-start < probeSize {
		b = append(b, 0)
	}
	return b
}
