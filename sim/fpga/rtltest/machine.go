package rtltest

import (
	"fmt"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// Machine is a running design as a device that is moved by one who has to see its pins before each cycle, such as a
// server of it: fpgaserve.Machine. Where the process of the design has failed, nothing moves any more and accesses to
// registers are errors. It is used by one goroutine at a time.
type Machine struct {
	design *Simulation
	pins   Out // in the next cycle
	failed error
}

var _ hwfpga.Bus = (*Machine)(nil)

// NewMachine makes a machine of a design that has just been started.
func NewMachine(design *Simulation) (*Machine, error) {
	m := &Machine{design: design}
	m.pins, m.failed = design.Peek()
	return m, m.failed
}

// Out is what is on the pins of the streams before the next cycle.
func (m *Machine) Out() fpga.Out {
	if m.failed != nil {
		return fpga.Out{}
	}
	return m.pins.Out
}

// Tick is that cycle.
func (m *Machine) Tick(in fpga.In) { m.cycle(In{In: in}) }

// Err is why nothing moves any more, nil where it does.
func (m *Machine) Err() error { return m.failed }

// Idle tells whether nothing is under way, but for results that nobody has taken. It takes the design some cycles.
func (m *Machine) Idle() bool {
	status, err := m.Read(hwfpga.RegStatus)
	return err != nil || status&hwfpga.StatusIdle != 0
}

// Read reads a register, in the cycles that it takes.
func (m *Machine) Read(address uint32) (uint32, error) {
	return m.access(In{Read: true, Address: address})
}

// Write writes to one.
func (m *Machine) Write(address, value uint32) error {
	_, err := m.access(In{Write: true, Address: address, Value: value})
	return err
}

// longestMachine is more cycles than any access takes.
const longestMachine = 4096

func (m *Machine) access(in In) (uint32, error) {
	m.cycle(in)
	for range longestMachine {
		if m.failed != nil {
			break
		}
		if m.pins.Ack {
			data := m.pins.Data
			m.cycle(In{}) // the next strobe may come behind it
			return data, m.failed
		}
		m.cycle(In{})
	}
	if m.failed == nil {
		m.failed = fmt.Errorf("rtltest: register %#x: the design has not answered for %d cycles", in.Address, longestMachine)
	}
	return 0, m.failed
}

func (m *Machine) cycle(in In) {
	if m.failed != nil {
		return
	}
	m.pins, m.failed = m.design.Step(in)
}
