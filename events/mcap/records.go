package mcap

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// magic begins and ends a file. The '0' is the version.
const magic = "\x89MCAP0\r\n"

// opcode says what a record is.
type opcode byte

// The records that are looked at, or named in errors.
const (
	opHeader          opcode = 0x01
	opFooter          opcode = 0x02
	opSchema          opcode = 0x03
	opChannel         opcode = 0x04
	opMessage         opcode = 0x05
	opChunk           opcode = 0x06
	opMessageIndex    opcode = 0x07
	opChunkIndex      opcode = 0x08
	opAttachment      opcode = 0x09
	opAttachmentIndex opcode = 0x0a
	opStatistics      opcode = 0x0b
	opMetadata        opcode = 0x0c
	opMetadataIndex   opcode = 0x0d
	opSummaryOffset   opcode = 0x0e
	opDataEnd         opcode = 0x0f
	opPrivate         opcode = 0x80 // and all above
)

var opcodeNames = map[opcode]string{
	opHeader: "Header", opFooter: "Footer", opSchema: "Schema", opChannel: "Channel", opMessage: "Message", opChunk: "Chunk",
	opMessageIndex: "Message Index", opChunkIndex: "Chunk Index", opAttachment: "Attachment", opAttachmentIndex: "Attachment Index",
	opStatistics: "Statistics", opMetadata: "Metadata", opMetadataIndex: "Metadata Index", opSummaryOffset: "Summary Offset", opDataEnd: "Data End",
}

func (o opcode) String() string {
	if name, ok := opcodeNames[o]; ok {
		return name
	}
	return fmt.Sprintf("0x%02x", byte(o))
}

const (
	recordBytes  = 9  // the opcode and the length in front of a record's content
	messageBytes = 22 // a message without its data
	footerBytes  = 20
	dataEndBytes = 4
	crcBytes     = 4

	// maxChunk bounds a chunk's records, compressed or not, and a message. Recorders make
	// chunks of a megabyte, and the largest messages, point clouds, have some.
	maxChunk = 256 << 20
	// maxDefinition bounds a record that is not a chunk, a message or an attachment.
	maxDefinition = 16 << 20
	// maxName bounds the strings that are kept.
	maxName = 4096
)

// damaged is damage behind which nothing is read, unless passing says otherwise.
func damaged(at int64, want, got string) *events.FormatError {
	return &events.FormatError{Format: Name, Offset: at, Want: want, Got: got, Fatal: true}
}

// passing is damage behind which reading goes on.
func passing(at int64, want, got string) *events.FormatError {
	fe := damaged(at, want, got)
	fe.Fatal = false
	return fe
}

// shown is a string from a file in an error, of which it may be the damage.
func shown(b []byte) string {
	const most = 64
	if len(b) > most {
		return fmt.Sprintf("%q and %d bytes more", b[:most], len(b)-most)
	}
	return fmt.Sprintf("%q", b)
}
