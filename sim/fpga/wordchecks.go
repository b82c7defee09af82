package fpga

import "github.com/saccade-dev/saccade/hw/fpga"

// wordChecks are the checks of the words that crossed the pins; see hw/fpga's RegCheckIn and RegCheckOut. The hardware
// has an XOR of some of the 64 bits of the register and the word for each bit.
type wordChecks struct{ in, out uint32 }

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
