package aedat31

import (
	"encoding/binary"

	"github.com/saccade-dev/saccade/events"
)

// Special events have their type in bits 1 to 7 of their first four bytes. Edges and pulses
// at the camera's inputs stand, as libcaer numbers them, in threes: a rising edge, a falling
// edge, a pulse.
const (
	specialType     = 0
	specialShift    = 1
	specialMask     = 1<<7 - 1
	externalTrigger = "external trigger"
)

// inputs are the types of a rising edge at the camera's inputs, by their channel.
var inputs = [...]uint32{2, 6, 9}

const (
	falling = 1 // behind the rising edge
	pulse   = 2
)

// input tells which of the camera's inputs a special event of a type comes from. A pulse,
// of which the end is not told, is a rising edge.
func input(kind uint32) (channel int, rising, ok bool) {
	for channel, first := range inputs {
		if kind >= first && kind <= first+pulse {
			return channel, kind != first+falling, true
		}
	}
	return 0, false, false
}

// takeSpecial counts special events, of which b has a whole number: edges and pulses at
// the inputs, which are handed on, apart from the others.
func (r *reader) takeSpecial(b []byte) {
	var external, other, invalid int64
	for ; len(b) >= eventBytes; b = b[eventBytes:] {
		w := binary.LittleEndian.Uint64(b)
		channel, rising, ok := input(uint32(w) >> specialShift & specialMask)
		switch {
		case w&validMark == 0:
			invalid++
		case ok:
			external++
			if low := int32(w >> timeShift); r.timed && low >= 0 && r.trigger != nil {
				r.trigger(events.Trigger{T: r.over + int64(low), ID: uint8(channel), Rising: rising, After: r.delivered})
			}
		default:
			other++
		}
	}
	r.invalid += invalid
	r.count(externalTrigger, external)
	r.count(kinds[specialType], other)
}

// OnTrigger has f called for each edge at the camera's inputs from now on.
func (r *reader) OnTrigger(f func(events.Trigger)) { r.trigger = f }
