package fpgaserve

import hwfpga "github.com/saccade-dev/saccade/hw/fpga"

// framing tells where events, commands and changes end in a stream of words, as the device does that takes them: an event is
// one word or two, a command two, and a change, which there are behind a command of their own until the next, one.
type framing struct {
	delta   bool // the device has a delta engine, without which there are no changes
	second  bool // the next word is the second of two
	command bool // of a command
	changes bool // words are changes
}

// take goes on behind a word.
func (f *framing) take(w uint32) {
	const anyPolarity = ^uint32(1 << 15) // an event's, which a command has no use for
	switch {
	case f.second:
		f.second = false
		f.changes = f.delta && f.command && w&hwfpga.OpMask == hwfpga.OpChanges
	case f.changes && w != hwfpga.CommandWord:
	default:
		f.second, f.command = w&hwfpga.NoTime == 0, w&anyPolarity == hwfpga.CommandWord
	}
}

// whole is how many of the words are whole, of which the last may lack its second word, and goes on behind those.
func (f *framing) whole(words []uint32) (n int) {
	ahead := *f
	for i, w := range words {
		if ahead.take(w); !ahead.second {
			n, *f = i+1, ahead
		}
	}
	return n
}

// begin is before the first word that a device gets behind a configuration.
func (f *framing) begin() { *f = framing{delta: f.delta} }
