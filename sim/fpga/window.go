package fpga

import (
	"github.com/saccade-dev/saccade/hw/fpga"
)

import "github.com/saccade-dev/saccade/hw"

// throughWindow reads or writes one word of a memory, and goes on to the next. It needs a
// device that is configured and idle.
func (d *Device) throughWindow(value uint32, write bool) uint32 {
	if !d.configured || !d.Idle() {
		d.fail(fpga.ErrorBusy, fpga.RegData)
		return 0
	}
	if d.window.what >= fpga.Windows {
		return d.throughDeltaWindow(value, write)
	}
	p := d.window.place
	bank, middle, low := int(p>>31), int(p>>16&0x7fff), int(p&0xffff)
	c, s := &d.config, &d.banks
	w := &d.weights.banks[bank]
	var at int
	outside := bank >= c.Banks()
	switch d.window.what {
	case fpga.WindowSurface:
		outside = outside || middle >= c.Height || low >= c.Width
	case fpga.WindowMaster:
		row, column := low>>8, low&0xff
		outside = outside || middle >= c.Neurons || row >= d.side || column >= d.side
		at = row*d.side + column
	case fpga.WindowDots:
		outside = bank > 0 || middle >= c.Neurons || low > 0
	default:
		outside = outside || middle >= c.Neurons || low > 0
	}
	if outside {
		d.fail(fpga.ErrorWindow, fpga.RegPlace)
		return 0
	}
	if write && !d.throughWindowWritten(bank, middle, low, at, value) {
		return 0
	}
	d.window.place = d.behind(p)
	switch d.window.what {
	case fpga.WindowSurface:
		return *s.cell(bank, low, middle)
	case fpga.WindowMaster:
		return uint32(w.master[middle*d.weights.elements+at])
	case fpga.WindowThresholds:
		return uint32(w.thresholds[middle] + w.offset)
	case fpga.WindowSquares:
		return w.squares[middle]
	default:
		return uint32(d.dots[d.last][middle])
	}
}

func (d *Device) throughWindowWritten(bank, middle, low, at int, value uint32) bool {
	switch d.window.what {
	case fpga.WindowSurface:
		if value > hw.MaxStamp {
			d.fail(fpga.ErrorValue, fpga.RegData)
			return false
		}
		*d.banks.cell(bank, low, middle) = value
	case fpga.WindowMaster:
		d.weights.setMaster(bank, middle, at, int32(value))
		if d.damaged {
			d.writtenMatch(bank, middle, at, 1)
		}
	case fpga.WindowThresholds:
		w := &d.weights.banks[bank]
		w.thresholds[middle] = int32(value) - w.offset
	default:
		d.fail(fpga.ErrorAccess, fpga.RegData)
		return false
	}
	return true
}

// behind is the place behind another: fields count up from the lowest, as far as the
// configuration goes.
func (d *Device) behind(p uint32) uint32 {
	bank, middle, low := p>>31, p>>16&0x7fff, p&0xffff
	rows := uint32(d.config.Neurons)
	switch d.window.what {
	case fpga.WindowSurface:
		rows = uint32(d.config.Height)
		if low++; low < uint32(d.config.Width) {
			return bank<<31 | middle<<16 | low
		}
	case fpga.WindowMaster:
		row, column := low>>8, low&0xff
		if column++; column == uint32(d.side) {
			row, column = row+1, 0
		}
		if row < uint32(d.side) {
			return bank<<31 | middle<<16 | row<<8 | column
		}
	}
	if middle++; middle == rows {
		bank, middle = bank^1, 0
	}
	return bank<<31 | middle<<16
}
