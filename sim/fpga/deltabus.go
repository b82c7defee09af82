package fpga

import "github.com/saccade-dev/saccade/hw/fpga"

// readDelta reads a register of the delta engine.
func (d *Device) readDelta(address uint32) uint32 {
	e := &d.delta
	if !e.there() {
		d.fail(fpga.ErrorAddress, address)
		return 0
	}
	switch {
	case address == fpga.RegWeights:
		return uint32(d.build.Weights)
	case address == fpga.RegSums:
		return uint32(d.build.Sums)
	case address == fpga.RegLayers:
		return deltaLayers
	case address%4 != 0:
	case address >= fpga.RegKind && address <= fpga.RegSumsAt:
		return e.staged[(address-fpga.RegKind)/4]
	case address >= fpga.RegDeltaCounters && address < fpga.RegDeltaCounters+8*fpga.DeltaCounts:
		if address&4 != 0 {
			return d.held
		}
		count := e.counts[(address-fpga.RegDeltaCounters)/8]
		d.held = uint32(count >> 32)
		return uint32(count)
	case address == fpga.RegLayer:
		d.fail(fpga.ErrorAccess, address)
		return 0
	}
	d.fail(fpga.ErrorAddress, address)
	return 0
}

// writeDelta writes a register of the delta engine; addresses that are no register's end here as well.
func (d *Device) writeDelta(address, value uint32) {
	e := &d.delta
	switch {
	case !e.there():
	case address >= fpga.RegKind && address <= fpga.RegSumsAt, address == fpga.RegLayer:
		switch {
		case !d.Idle():
			d.fail(fpga.ErrorBusy, address)
		case address != fpga.RegLayer:
			e.staged[(address-fpga.RegKind)/4] = value
		case value >= deltaLayers:
			d.fail(fpga.ErrorValue, address)
		default:
			if bad := e.describe(value); bad != 0 {
				d.fail(fpga.ErrorApply, bad)
			}
		}
		return
	case address == fpga.RegWeights || address == fpga.RegSums || address == fpga.RegLayers,
		address >= fpga.RegDeltaCounters && address < fpga.RegDeltaCounters+8*fpga.DeltaCounts:
		d.fail(fpga.ErrorAccess, address)
		return
	}
	d.fail(fpga.ErrorAddress, address)
}

// throughDeltaWindow reads or writes a place of the delta engine's memories, and goes on to the next.
func (d *Device) throughDeltaWindow(value uint32, write bool) uint32 {
	e := &d.delta
	word, lane := int(d.window.place>>fpga.PlaceLanes), int(d.window.place&(1<<fpga.PlaceLanes-1))
	at := word*e.lanes + lane
	width, words := 1, d.build.Sums
	if d.window.what == fpga.WindowWeights {
		width, words = 2, d.build.Weights
	}
	if word >= words || lane >= e.lanes || lane%width != 0 {
		d.fail(fpga.ErrorWindow, fpga.RegPlace)
		return 0
	}
	if lane += width; lane >= e.lanes {
		word, lane = word+1, 0
	}
	d.window.place = uint32(word)<<fpga.PlaceLanes | uint32(lane)
	if d.window.what == fpga.WindowSums {
		if write {
			e.sums[at] = int32(value)
		}
		return uint32(e.sums[at])
	}
	pair := e.weights[at:][:1]
	if lane != 0 || e.lanes%2 == 0 {
		pair = e.weights[at:][:2]
	}
	var out uint32
	for i := range pair {
		if write {
			pair[i] = int16(uint16(value >> (16 * i)))
		}
		out |= uint32(uint16(pair[i])) << (16 * i)
	}
	return out
}
