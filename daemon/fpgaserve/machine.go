package fpgaserve

import (
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// Machine is a device that is served: sim/fpga.Device, or a simulation of its design. One goroutine uses it.
type Machine interface {
	hwfpga.Bus
	// Out is what is on the pins before the next cycle, and Tick is that cycle.
	Out() fpga.Out
	Tick(in fpga.In)
	// Idle tells whether nothing is under way, but for results that nobody has taken.
	Idle() bool
}

var _ Machine = (*fpga.Device)(nil)
