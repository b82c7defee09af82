package fpga

import (
	"github.com/saccade-dev/saccade/hw/fpga"
)

import "github.com/saccade-dev/saccade/hw"

// surfaceBanks are the time surface: row y of a plane lies in bank y mod Rows, so that
// the rows of any patch lie in banks of their own. Each bank has a read and a write port.
type surfaceBanks struct {
	cells  [][]uint32 // [bank][(plane*lines + y/Rows)*width + x]
	lines  int
	width  int
	planes int
}

func (s *surfaceBanks) cell(plane, x, y int) *uint32 {
	rows := len(s.cells)
	return &s.cells[y%rows][(plane*s.lines+y/rows)*s.width+x]
}

// used is how many cells of each bank a configuration has.
func (s *surfaceBanks) used() int { return s.planes * s.lines * s.width }

// What the surface unit does in a cycle.
const (
	surfaceNothing = iota
	surfaceFires   // an event writes its stamp
	surfaceBegins  // an event writes its stamp, and the first column of its patch is read
	surfaceClears
	surfaceMoves // all stamps are rebased
)

// class tells what becomes of an event: a result for what has no cell or no patch, and
// hw.Missed for what competes.
func (d *Device) class(e *stage) int16 {
	c := &d.config
	r := uint16(c.Radius)
	switch {
	case int(e.x) >= c.Width || int(e.y) >= c.Height:
		return hw.Outside
	case c.Mode == fpga.ModeOn && e.p == 0:
		return hw.Ignored
	case e.refused:
		return fpga.Refused
	case !c.Zero && (e.x < r || e.y < r || int(e.x+r) >= c.Width || int(e.y+r) >= c.Height):
		return hw.Border
	}
	return hw.Missed
}

// surfaceTakes tells whether the surface unit takes what is in stage b.
func (d *Device) surfaceTakes(c *state) bool {
	if c.surface.column != 0 || c.surface.wait != 0 || c.order.count == orderLength {
		return false
	}
	if d.delta.there() && !d.deltaAllows(c) {
		return false
	}
	if c.b.command || c.b.change || d.class(&c.b) != hw.Missed {
		return true
	}
	return c.busy>>(c.begun%slots)&1 == 0
}

// stepSurface writes stamps and reads patches, a column a cycle.
func (d *Device) stepSurface() {
	c, n, p := d.current, d.next, &d.pending
	n.first, n.last = c.first<<1, c.last<<1
	n.streams += c.first >> (fillLatency - 1) & 1
	n.summed += c.last >> (sumLatency - 1) & 1
	n.first &= 1<<fillLatency - 1
	n.last &= 1<<sumLatency - 1
	switch {
	case c.surface.wait != 0:
		n.surface.wait--
		d.usage.surface++
	case c.surface.column != 0:
		d.usage.surface++
		n.surface.column++
		if int(n.surface.column) == d.side {
			n.surface.column = 0
			n.last |= 1
		}
	case !c.b.valid:
	case !d.surfaceTakes(c):
		if !c.b.change {
			d.usage.surfaceWaits++
		}
	case c.b.change:
		d.takeChange(c.b.stamp)
	case c.b.command:
		d.command(c.b.stamp)
	default:
		d.usage.surface++
		d.counts[fpga.CountEvents]++
		class := d.class(&c.b)
		p.token = true
		n.order.count++
		if class != hw.Missed {
			p.order = token{result: class}
			if class == hw.Border {
				p.surface, p.event = surfaceFires, c.b
			}
			return
		}
		p.surface, p.event = surfaceBegins, c.b
		p.order = token{competes: true, learning: c.mode.learning, selecting: c.mode.selecting, number: c.begun}
		if d.config.Mode == fpga.ModeSplit {
			p.order.bank = c.b.p
		}
		n.first |= 1
		n.begun++
		n.busy |= 1 << (c.begun % slots)
		if d.side == 1 {
			n.last |= 1
		} else {
			n.surface.column = 1
		}
	}
}

// command does what a command says, in the order of the stream.
func (d *Device) command(w uint32) {
	n, p := d.next, &d.pending
	d.usage.surface++
	switch {
	case w&fpga.NoTime == 0:
		n.surface.wait = uint32(d.banks.used() - 1 + rebaseDrain)
		p.surface, p.event.stamp = surfaceMoves, w
	case w&fpga.OpMask == fpga.OpClear:
		n.surface.wait = uint32(d.banks.used() - 1)
		p.surface = surfaceClears
	case w&fpga.OpMask == fpga.OpMark:
		p.token, p.order = true, token{mark: true, tag: uint16(w)}
		n.order.count++
	case w&fpga.OpMask == fpga.OpMode:
		n.mode.learning = w&fpga.OpLearning != 0
		n.mode.selecting = w&(fpga.OpLearning|fpga.OpSelecting) != 0
	case d.delta.there() && isDelta(w):
		d.commandDelta(w)
	default:
		d.pending.commanded = fault(fpga.ErrorCommand, w>>8)
	}
}

// commitSurface writes the surface's memory, and reads from it.
//
// A patch is read in the cycles that follow, but nothing is written to the surface until
// its last column was read: so the whole of it can be read at once. The event's own cell
// is written in the cycle in which the first column is read; it has age 0 without being
// read, which matters where the first column is the middle one.
func (d *Device) commitSurface() {
	p, s := &d.pending, &d.banks
	e := &p.event
	switch p.surface {
	case surfaceClears:
		for _, bank := range s.cells {
			clear(bank[:s.used()])
		}
		return
	case surfaceMoves:
		for _, bank := range s.cells {
			for i, v := range bank[:s.used()] {
				bank[i] = v - min(v, e.stamp)
			}
		}
		return
	}
	plane := 0
	if d.config.Mode == fpga.ModeSplit {
		plane = int(e.p)
	}
	*s.cell(plane, int(e.x), int(e.y)) = e.stamp
	if p.surface == surfaceBegins {
		t := &p.order
		c := &d.contexts[t.number%slots]
		c.selecting, c.learning, c.bank = t.selecting, t.learning, t.bank
		d.gather(c, plane, int(e.x)-d.config.Radius, int(e.y)-d.config.Radius, e.stamp)
	}
}
