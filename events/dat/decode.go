package dat

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
)

// lanes is how many records of version 2 are taken in one turn of the loop.
const lanes = 8

// guards are the bits above x and y where both stand in one word, 16 bits each.
const guards = 1<<15 | 1<<31

// decode2 decodes len(out) records of version 2 and tells whether all lie within
// the geometry. It does not stop at one that does not: a branch an event costs
// more than going over the few packets with damage again.
func decode2(out []events.Event, src []byte, g events.Geometry) bool {
	// A guard bit stays where the coordinate below it is at most its largest, and
	// as the field never falls below zero nothing is borrowed from the next.
	limit := uint32(g.Width-1) | uint32(g.Height-1)<<16 | guards
	inside := uint32(guards)
	for len(out) >= lanes && len(src) >= lanes*recordBytes {
		o, s := (*[lanes]events.Event)(out), (*[lanes * recordBytes]byte)(src)
		inside &= record2(&o[0], binary.LittleEndian.Uint64(s[0:]), limit)
		inside &= record2(&o[1], binary.LittleEndian.Uint64(s[8:]), limit)
		inside &= record2(&o[2], binary.LittleEndian.Uint64(s[16:]), limit)
		inside &= record2(&o[3], binary.LittleEndian.Uint64(s[24:]), limit)
		inside &= record2(&o[4], binary.LittleEndian.Uint64(s[32:]), limit)
		inside &= record2(&o[5], binary.LittleEndian.Uint64(s[40:]), limit)
		inside &= record2(&o[6], binary.LittleEndian.Uint64(s[48:]), limit)
		inside &= record2(&o[7], binary.LittleEndian.Uint64(s[56:]), limit)
		out, src = out[lanes:], src[lanes*recordBytes:]
	}
	for i := range out {
		inside &= record2(&out[i], binary.LittleEndian.Uint64(src[i*recordBytes:]), limit)
	}
	return inside == guards
}

// record2 decodes one record and gives the guard bits of what lies within limit.
func record2(e *events.Event, w uint64, limit uint32) uint32 {
	hi := uint32(w >> 32)
	// Shifted parts of one word are stored as one.
	xy := hi&(1<<14-1) | hi<<2&((1<<14-1)<<16)
	e.T = int64(uint32(w))
	e.X, e.Y = uint16(xy), uint16(xy>>16)
	e.P = events.Polarity(hi >> 28 & 1)
	return (limit - xy) & guards
}

// decode1 decodes len(out) records of version 1.
func decode1(out []events.Event, src []byte) {
	for i := range out {
		w := binary.LittleEndian.Uint64(src[i*recordBytes:])
		hi := uint32(w >> 32)
		out[i] = events.Event{
			T: int64(uint32(w)), X: uint16(hi & xMask1), Y: uint16(hi >> yShift1 & yMask1),
			P: events.Polarity(hi >> onShift1 & 1),
		}
	}
}

// guess tells the version of records whose header does not.
func guess(records []byte) int {
	for i := recordBytes / 2; i+4 <= len(records); i += recordBytes {
		if binary.LittleEndian.Uint32(records[i:])&unused1 != 0 {
			return 2
		}
	}
	return 1
}
