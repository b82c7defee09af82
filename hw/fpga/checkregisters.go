package fpga

import (
	"encoding/binary"
	"hash/crc32"
)

// The registers that check the streams. A build may have none of them: then RegChecks is no register, as any other
// address that nothing is at.
const (
	RegChecks   = 0x0c0 // read only: [Checks]
	RegCheckIn  = 0x0c4 // read only: the check of all words that crossed the input pins since ControlApply or ControlCount
	RegCheckOut = 0x0c8 // read only: of all that crossed the output pins
)

// Checks is what RegChecks reads, "CRC1" in little-endian letters: no likely damage makes another word of it that
// means something.
const Checks = 'C' | 'R'<<8 | 'C'<<16 | '1'<<24

// CheckWords goes on with the check of a stream, 0 ahead of the first word: it is the CRC-32 of IEEE 802.3 of the
// words' bytes, little-endian, as hash/crc32 has it.
func CheckWords(check uint32, words []uint32) uint32 {
	var room [512]byte
	for len(words) > 0 {
		n := min(len(words), len(room)/4)
		for i, w := range words[:n] {
			binary.LittleEndian.PutUint32(room[4*i:], w)
		}
		check = crc32.Update(check, crc32.IEEETable, room[:4*n])
		words = words[n:]
	}
	return check
}
