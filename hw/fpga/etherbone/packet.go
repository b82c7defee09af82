package etherbone

import "github.com/saccade-dev/saccade/events"

// The numbers of the format; the package comment has the fields.
const (
	Magic   = 0x4e6f
	Version = 1

	headerSize = 8
	recordSize = 4 // of its header
	wordSize   = 4

	sizes32 = 4 // in both halves of the header's size byte: 32 bits
	allByte = 0x0f

	// MaxWords is how many words a record writes, and reads, at the most.
	MaxWords = 255
	// MaxPacket is the size of the largest datagram in bytes.
	MaxPacket = 65507
	// maxOnStream is that of a packet on a stream: one record.
	maxOnStream = headerSize + recordSize + 2*wordSize*(1+MaxWords)
	// probeSize is what a probe has on a stream.
	probeSize = headerSize + recordSize + wordSize
)

// Flags of a packet.
const (
	NoReads    = 1 << 2
	ProbeReply = 1 << 1
	Probe      = 1 << 0

	packetFlags = NoReads | ProbeReply | Probe
)

// Flags of a record.
const (
	ReplyToConfig  = 1 << 0 // bca
	ReadFromConfig = 1 << 1 // rca
	ReadFIFO       = 1 << 2 // rff: the answer's record has WriteFIFO
	DropCycle      = 1 << 4 // cyc: the bus is let go of behind the record
	WriteToConfig  = 1 << 5 // wca
	WriteFIFO      = 1 << 6 // wff: all words are written to the base

	recordFlags    = ReplyToConfig | ReadFromConfig | ReadFIFO | DropCycle | WriteToConfig | WriteFIFO
	unservedSpaces = ReplyToConfig | ReadFromConfig | WriteToConfig
)

// Record is words that are written, and then addresses that are read.
type Record struct {
	Flags  uint8
	Enable uint8 // which bytes of a word; 0 when encoded stands for all four
	// WriteBase is where Writes go, at most [MaxWords] of them.
	WriteBase uint32
	Writes    []uint32
	// Return comes back with what was read at the addresses Reads, at most [MaxWords] of them.
	Return uint32
	Reads  []uint32
}

// Packet is what is sent at once.
type Packet struct {
	Flags   uint8
	Records []Record
	// Payload is what is behind the header of a probe or its reply, which have no records.
	Payload []byte

	words []uint32 // that Records point into
}

// isProbe tells whether the packet is a probe or the answer to one.
func (p *Packet) isProbe() bool { return p.Flags&(Probe|ProbeReply) != 0 }

// formatError is an error of a packet that does not say what it must.
func formatError(offset int, want, got string) error {
	return &events.FormatError{Format: "etherbone", Offset: int64(offset), Want: want, Got: got, Fatal: true}
}
