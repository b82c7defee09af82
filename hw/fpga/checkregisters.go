package fpga

import "hash/crc32"

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
	for _, w := range words {
		check = CheckWord(check, w)
	}
	return check
}

// CheckWord is CheckWords of one word.
func CheckWord(check, word uint32) uint32 {
	x, t := ^check^word, &checkTables
	return ^(t[0][byte(x)] ^ t[1][byte(x>>8)] ^ t[2][byte(x>>16)] ^ t[3][x>>24])
}

// checkTables have what each of a word's four bytes adds to its check; the last is that of the byte which goes in last.
// hash/crc32 wants bytes, and to have them in a place of their own, which would be allocated.
var checkTables = makeCheckTables()

func makeCheckTables() (t [4][256]uint32) {
	t[3] = *crc32.IEEETable
	for i := 2; i >= 0; i-- {
		for k, v := range t[i+1] {
			t[i][k] = crc32.IEEETable[byte(v)] ^ v>>8
		}
	}
	return t
}
