package rtltest

import hwfpga "github.com/saccade-dev/saccade/hw/fpga"

// Read reads a register of both, which must read the same: whether they do is known by the next [Pair.Flush]. Nothing
// else goes on meanwhile; the model passes the cycles that the design takes.
func (p *Pair) Read(address uint32) (uint32, error) {
	data, err := p.Model.Read(address)
	if err != nil {
		return 0, err
	}
	return data, p.access(In{Read: true, Address: address}, data)
}

// Write writes a register of both, likewise.
func (p *Pair) Write(address, value uint32) error {
	if err := p.Model.Write(address, value); err != nil {
		return err
	}
	return p.access(In{Write: true, Address: address, Value: value}, 0)
}

// access takes both through an access that the model has taken. The design takes no words while its window is used,
// or while it checks a configuration.
func (p *Pair) access(in In, data uint32) error {
	for range longestAccess {
		if err := p.tick(in, expected{Out: p.Model.Out(), loose: true}, data); err != nil {
			return err
		}
		in = In{}
	}
	return nil
}

// Configure configures both, and lets them wipe their memories. Behind it, their cycles are the same.
func (p *Pair) Configure(c hwfpga.Config) error {
	if err := hwfpga.Configure(p, c); err != nil {
		return err
	}
	b := p.Model.Build()
	for range max(b.Cells, 2*b.Neurons*b.Rows) + longestAccess {
		if err := p.tick(In{}, expected{loose: true}, 0); err != nil {
			return err
		}
	}
	if err := p.Write(hwfpga.RegControl, hwfpga.ControlCount); err != nil {
		return err
	}
	return p.Flush()
}
