package fpga

import "github.com/saccade-dev/saccade/hw/fpga"

var _ fpga.Bus = (*Device)(nil)

// Read reads a register. It never fails: what cannot be read is 0, and the error register
// says so. It takes no time: the bus has a clock of its own.
func (d *Device) Read(address uint32) (uint32, error) {
	switch {
	case address%4 != 0:
	case address >= fpga.RegCounters && address < fpga.RegCounters+8*fpga.Counters:
		if address&4 != 0 {
			return d.held, nil
		}
		count := d.counts[(address-fpga.RegCounters)/8]
		d.held = uint32(count >> 32)
		return uint32(count), nil
	case address >= fpga.RegWidth && address <= fpga.RegLast && address != fpga.RegDeltaE+4:
		return d.staged[(address-fpga.RegWidth)/4], nil
	}
	switch address {
	case fpga.RegID:
		return fpga.ID, nil
	case fpga.RegVersion:
		if d.delta.there() {
			return fpga.VersionDelta, nil
		}
		return fpga.Version, nil
	case fpga.RegRows, fpga.RegLanes, fpga.RegNeurons, fpga.RegCells, fpga.RegIn, fpga.RegOut:
		b := d.build
		return uint32([...]int{b.Rows, b.Lanes, b.Neurons, b.Cells, b.In, b.Out}[(address-fpga.RegRows)/4]), nil
	case fpga.RegStatus:
		return d.status(), nil
	case fpga.RegError:
		return d.fault, nil
	case fpga.RegWindow:
		return d.window.what, nil
	case fpga.RegPlace:
		return d.window.place, nil
	case fpga.RegData:
		return d.throughWindow(0, false), nil
	case fpga.RegControl:
		d.fail(fpga.ErrorAccess, address)
	default:
		if v, ok := d.readCheck(address); ok {
			return v, nil
		}
		return d.readDelta(address), nil
	}
	return 0, nil
}

func (d *Device) status() uint32 {
	s := d.overflow
	if d.configured {
		s |= fpga.StatusConfigured
	}
	if d.Idle() {
		s |= fpga.StatusIdle
	}
	if d.fault != 0 {
		s |= fpga.StatusError
	}
	return s
}

// Write writes a register. It never fails: what is refused changes nothing, and the error
// register says why.
func (d *Device) Write(address, value uint32) error {
	switch {
	case address%4 != 0:
		d.fail(fpga.ErrorAddress, address)
	case address == fpga.RegError:
		d.fault = 0
	case address >= fpga.RegWidth && address <= fpga.RegLast && address != fpga.RegDeltaE+4:
		d.stage(address, value)
	case address == fpga.RegControl:
		d.control(value)
	case address == fpga.RegWindow:
		if value >= fpga.DeltaWindows || value >= fpga.Windows && !d.delta.there() {
			d.fail(fpga.ErrorValue, address)
			return nil
		}
		d.window.what, d.window.place = value, 0
	case address == fpga.RegPlace:
		d.window.place = value
	case address == fpga.RegData:
		d.throughWindow(value, true)
	case address <= fpga.RegOut || address == fpga.RegStatus || address >= fpga.RegCounters && address < fpga.RegCounters+8*fpga.Counters:
		d.fail(fpga.ErrorAccess, address)
	default:
		d.writeDelta(address, value)
	}
	return nil
}

// fail notes an error of the bus, unless there is one already.
func (d *Device) fail(code, operand uint32) {
	if d.fault == 0 {
		d.fault = fault(code, operand)
	}
}

// stage takes a configuration register. The rates take effect at once.
func (d *Device) stage(address, value uint32) {
	var live *int32
	if address >= fpga.RegEta {
		rates := &d.config.Rates[(address-fpga.RegEta)/fpga.RegBanks]
		live = [...]*int32{&rates.Eta, &rates.DeltaI, &rates.DeltaE}[(address-fpga.RegEta)%fpga.RegBanks/4]
	}
	switch {
	case !d.Idle():
		d.fail(fpga.ErrorBusy, address)
		return
	case live != nil && value >= 1<<31:
		d.fail(fpga.ErrorValue, address)
		return
	case live != nil:
		*live = int32(value)
	}
	d.staged[(address-fpga.RegWidth)/4] = value
}

// control does what the bits of RegControl say.
func (d *Device) control(value uint32) {
	switch {
	case value&^(fpga.ControlApply|fpga.ControlCount) != 0:
		d.fail(fpga.ErrorValue, fpga.RegControl)
		return
	case value&fpga.ControlApply != 0 && !d.Idle():
		d.fail(fpga.ErrorBusy, fpga.RegControl)
		return
	}
	if value&fpga.ControlApply != 0 {
		c, bad := d.build.check(func(address uint32) uint32 {
			if address == fpga.RegCells {
				return uint32(d.build.Cells)
			}
			return d.staged[(address-fpga.RegWidth)/4]
		})
		if bad != 0 {
			d.configured = false
			d.fail(fpga.ErrorApply, bad)
		} else {
			d.apply(c)
		}
	}
	if value&fpga.ControlCount != 0 {
		d.counts, d.usage, d.overflow = [fpga.Counters]uint64{}, usage{}, 0
		d.checks = wordChecks{}
		d.delta.counts, d.delta.usage = [fpga.DeltaCounts]uint64{}, deltaUsage{}
	}
}

// apply wipes everything and begins with a configuration. A wiped memory takes a cycle a
// word, all memories at once.
func (d *Device) apply(c fpga.Config) {
	d.config, d.configured = c, true
	d.side = c.Side()
	d.passes = (c.Neurons + d.build.Groups() - 1) / d.build.Groups()
	d.decay.set(c.Decay)
	d.banks.planes, d.banks.width, d.banks.lines = c.Banks(), c.Width, d.build.lines(c.Height)
	for _, bank := range d.banks.cells {
		clear(bank)
	}
	for i := range d.contexts {
		d.contexts[i] = patch{values: make([]int16, d.side*d.side)}
	}
	for i := range d.dots {
		d.dots[i] = make([]int32, c.Neurons)
	}
	d.weights.make(d.side*d.side, c.Neurons)
	d.events, d.last, d.learned = 0, 0, 0
	*d.current = state{learn: learnState{age: longLearnt}}
	d.current.mode.learning, d.current.mode.selecting = c.Learning, c.Selecting
	d.delta.clear()
	d.checks, d.damaged = wordChecks{}, false
	d.wipe = uint32(max(d.build.Cells, 2*d.build.Neurons*d.build.Rows, d.build.Weights, d.build.Sums) + configureWipe)
}
