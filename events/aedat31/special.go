package aedat31

import "encoding/binary"

// Special events have their type in bits 1 to 7 of their first four bytes. These are the
// edges and pulses at the camera's input, as libcaer numbers them.
const (
	specialType     = 0
	specialShift    = 1
	specialMask     = 1<<7 - 1
	specialRising   = 2
	specialPulse    = 4
	externalTrigger = "external trigger"
)

// countSpecial counts special events, of which b has a whole number: edges and pulses at
// the input apart from the others.
func (r *reader) countSpecial(b []byte) {
	var external, other, invalid int64
	for ; len(b) >= eventBytes; b = b[eventBytes:] {
		w := binary.LittleEndian.Uint32(b)
		kind := w >> specialShift & specialMask
		switch {
		case w&validMark == 0:
			invalid++
		case kind >= specialRising && kind <= specialPulse:
			external++
		default:
			other++
		}
	}
	r.invalid += invalid
	r.count(externalTrigger, external)
	r.count(kinds[specialType], other)
}
