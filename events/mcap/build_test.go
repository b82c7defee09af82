package mcap_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"testing"

	_ "github.com/saccade-dev/saccade/events/evt3"
	"github.com/saccade-dev/saccade/events/formattest"
	_ "github.com/saccade-dev/saccade/events/libcaer"
	_ "github.com/saccade-dev/saccade/events/mono"
)

const magic = "\x89MCAP0\r\n"

// builder writes an MCAP file by the specification, and knows nothing of the package that
// reads it.
type builder struct {
	t   testing.TB
	out []byte
	to  *[]byte // the file, or the records of a chunk
	at  []byte  // a chunk's records

	plain bool // without sums
	// offset and length of the last chunk, and the index of its messages
	chunks  [][2]int
	indices map[uint16][]byte
}

func build(t testing.TB) *builder {
	b := &builder{t: t, out: []byte(magic)}
	b.to = &b.out
	return b.record(0x01, text("ros2"), text("made by hand"))
}

func u16(v uint16) []byte { return binary.LittleEndian.AppendUint16(nil, v) }
func u32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }
func u64(v uint64) []byte { return binary.LittleEndian.AppendUint64(nil, v) }

// text is a string, or bytes behind a length of 32 bits.
func text(s string) []byte { return append(u32(uint32(len(s))), s...) }

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func record(op byte, parts ...[]byte) []byte {
	content := join(parts...)
	return join([]byte{op}, u64(uint64(len(content))), content)
}

func (b *builder) sum(v []byte) []byte {
	if b.plain {
		return u32(0)
	}
	return u32(crc32.ChecksumIEEE(v))
}

func (b *builder) record(op byte, parts ...[]byte) *builder {
	*b.to = append(*b.to, record(op, parts...)...)
	return b
}

func (b *builder) schema(id uint16, name string) *builder {
	return b.record(0x03, u16(id), text(name), text("ros2msg"), text("uint8[] events"))
}

func (b *builder) channel(id, schema uint16, topic, encoding string) *builder {
	metadata := text(string(join(text("offered_qos_profiles"), text(""))))
	return b.record(0x04, u16(id), u16(schema), text(topic), text(encoding), metadata)
}

func (b *builder) message(channel uint16, time uint64, data []byte) *builder {
	if b.to == &b.at {
		b.indices[channel] = append(b.indices[channel], join(u64(time), u64(uint64(len(b.at))))...)
	}
	return b.record(0x05, u16(channel), u32(7), u64(time), u64(time), data)
}

// begin has records go into a chunk.
func (b *builder) begin() *builder {
	b.to, b.at, b.indices = &b.at, nil, map[uint16][]byte{}
	return b
}

// end writes the chunk, and the indices of its messages.
func (b *builder) end(compression string) *builder {
	b.to = &b.out
	from := len(b.out)
	b.record(0x06, chunkContent(uint64(len(b.at)), b.sum(b.at), compression, formattest.Compress(b.t, compression, b.at)))
	b.chunks = append(b.chunks, [2]int{from, len(b.out) - from})
	for id := range uint16(8) {
		if index := b.indices[id]; index != nil {
			b.record(0x07, u16(id), text(string(index)))
		}
	}
	return b
}

func chunkContent(size uint64, sum []byte, compression string, records []byte) []byte {
	return join(u64(1), u64(2), u64(size), sum, text(compression), u64(uint64(len(records))), records)
}

// attachment is one with its sum, or another one.
func (b *builder) attachment(name string, data []byte, off uint32) *builder {
	content := join(u64(1), u64(2), text(name), text("text/plain"), u64(uint64(len(data))), data)
	return b.record(0x09, content, u32(crc32.ChecksumIEEE(content)+off))
}

// dataEnd ends the data.
func (b *builder) dataEnd() *builder { return b.record(0x0f, b.sum(b.out)) }

// done ends the data, and writes a summary and the Footer.
func (b *builder) done() []byte {
	b.dataEnd()
	from := len(b.out)
	b.record(0x0b, u64(0), u16(0), u32(0), u32(0), u32(0), u32(uint32(len(b.chunks))), u64(0), u64(0), text(""))
	for _, c := range b.chunks {
		b.record(0x08, u64(1), u64(2), u64(uint64(c[0])), u64(uint64(c[1])), text(""), u64(0), text(""), u64(0), u64(0))
	}
	offsets := len(b.out)
	b.record(0x0e, []byte{0x0b}, u64(uint64(from)), u64(uint64(offsets-from)))
	footer := join([]byte{0x02}, u64(20), u64(uint64(from)), u64(uint64(offsets)))
	b.out = append(b.out, footer...)
	b.out = append(b.out, b.sum(b.out[from:])...)
	b.out = append(b.out, magic...)
	return b.out
}

// cutAt takes bytes from the end of what is being written.
func (b *builder) cutAt(n int) *builder {
	*b.to = (*b.to)[:len(*b.to)-n]
	return b
}
