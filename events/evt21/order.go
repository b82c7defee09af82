package evt21

import (
	"encoding/binary"
	"math/bits"
	"strings"

	"github.com/saccade-dev/saccade/events/prophesee"
)

// order is how far a word is turned when it is read low byte first.
type order int

const (
	little order = 0
	legacy order = 32
)

func (o order) word(b []byte) uint64 {
	return bits.RotateLeft64(binary.LittleEndian.Uint64(b), int(o))
}

// orderOf finds out the order of bytes of a file.
func orderOf(h *prophesee.Header, head []byte) (order, error) {
	if name, ok := h.Option("endianness"); ok {
		switch strings.ToLower(name) {
		case "little":
			return little, nil
		case "legacy":
			return legacy, nil
		default:
			return little, prophesee.Endianness(name)
		}
	}
	l, g := fit(head, little), fit(head, legacy)
	switch {
	case l > g:
		return little, nil
	case g > l:
		return legacy, nil
	}
	sensor, _ := h.Value("sensor_name")
	plugin, _ := h.Value("plugin_name")
	if name := strings.ToLower(sensor + " " + plugin); strings.Contains(name, "imx") || strings.Contains(name, "gen4") {
		return legacy, nil
	}
	return little, nil
}

// fit tells how well the words go with an order: in the wrong one their types come
// from the bits of pixels, and time from anywhere.
func fit(head []byte, o order) int {
	const (
		types = 1<<typeOff | 1<<typeOn | 1<<typeTimeHigh | 1<<typeTrigger | 1<<typeOthers | 1<<typeContinued
		// A step of the high part that a camera makes, with much to spare: 4 s.
		step  = 1 << 16
		worth = 4 // of a step, in words of a type that there is
	)
	n := 0
	before := int64(-1)
	for ; len(head) >= wordBytes; head = head[wordBytes:] {
		w := o.word(head)
		n += types >> (w >> typeShift) & 1
		if w>>typeShift != typeTimeHigh {
			continue
		}
		high := int64(w >> highShift & highMask)
		if before >= 0 {
			if (high-before)&highMask < step {
				n += worth
			} else {
				n -= worth
			}
		}
		before = high
	}
	return n
}
