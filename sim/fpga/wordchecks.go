package fpga

import (
	"hash/crc32"

	"github.com/saccade-dev/saccade/hw/fpga"
)

// wordChecks are the checks of the words that crossed the pins; see hw/fpga's RegCheckIn and RegCheckOut. The hardware
// has an XOR of some of the 64 bits of the register and the word for each bit.
type wordChecks struct{ in, out uint32 }

// stepChecks sees the words that cross the pins in a cycle.
func (d *Device) stepChecks(in In) {
	c := d.current
	if in.Valid && d.ready(c) {
		d.checks.in = checkWord(d.checks.in, in.Word)
	}
	if in.Ready && c.out.count > 0 {
		d.checks.out = checkWord(d.checks.out, d.results[c.out.head&uint32(len(d.results)-1)])
	}
}

// checkWord is hw/fpga's CheckWords for one of them.
func checkWord(check, w uint32) uint32 {
	check = ^check
	for range 4 {
		check = crc32.IEEETable[byte(check)^byte(w)] ^ check>>8
		w >>= 8
	}
	return ^check
}

// readCheck reads one of their registers, false where the address is none, or the build has none.
func (d *Device) readCheck(address uint32) (uint32, bool) {
	if !d.build.Checks {
		return 0, false
	}
	switch address {
	case fpga.RegChecks:
		return fpga.Checks, true
	case fpga.RegCheckIn:
		return d.checks.in, true
	case fpga.RegCheckOut:
		return d.checks.out, true
	}
	return 0, false
}
