package fpga

import (
	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/fpga"
)

// ready tells whether the input takes a word. The first word of two is taken only where
// there is room for both, so that a host that stops in between cannot block a FIFO that
// is full, and what is dropped is dropped whole.
func (d *Device) ready(c *state) bool {
	if !d.configured || d.wipe > 0 {
		return false
	}
	return d.config.DropIn && (!c.entry.changes || c.entry.lost) || c.entry.second || c.in.count+2 <= uint32(len(d.inputs))
}

// stepInput puts a word from outside into the FIFO, or drops it.
func (d *Device) stepInput(in In) {
	c, n := d.current, d.next
	if !in.Valid || !d.ready(c) {
		return
	}
	if d.build.Checks {
		d.checks.in = fpga.CheckWord(d.checks.in, in.Word) // dropped or not
	}
	e, ne := &c.entry, &n.entry
	var drop bool
	switch {
	case e.second:
		drop = e.dropping
		ne.second = false
		ne.changes = e.command && in.Word&fpga.OpMask == fpga.OpChanges && d.delta.there()
		ne.lost = ne.changes && drop
	case e.changes && in.Word != fpga.CommandWord:
		if drop = e.lost; drop {
			d.counts[fpga.CountDroppedIn]++
			d.overflow |= fpga.StatusOverflowIn
		}
	default:
		timeless := in.Word&fpga.NoTime != 0
		drop = c.in.count+2 > uint32(len(d.inputs)) || timeless && e.stale
		ne.second, ne.dropping, ne.command = !timeless, drop, in.Word&^(1<<15) == fpga.CommandWord
		if !timeless && in.Word&^(1<<15) != fpga.CommandWord {
			ne.stale = drop
		}
		if drop {
			d.counts[fpga.CountDroppedIn]++
			d.overflow |= fpga.StatusOverflowIn
		}
	}
	if !drop {
		d.pending.inWord, d.pending.word = true, in.Word
		n.in.count++
	}
}

// stepParse makes events of words, and takes them to the surface: stage a has what was
// parsed, stage b in which bank its row lies and where.
func (d *Device) stepParse() {
	c, n := d.current, d.next
	bMoves := !c.b.valid || d.surfaceTakes(c)
	aMoves := !c.a.valid || bMoves
	if bMoves {
		n.b = c.a
	}
	if aMoves {
		n.a = stage{}
	}
	if c.in.count == 0 {
		return
	}
	w := d.inputs[c.in.head&uint32(len(d.inputs)-1)]
	first := w
	switch {
	case c.parse.second:
		first = c.parse.first
		if !aMoves {
			return
		}
		n.parse.second = false
		n.parse.changes = first&^(1<<15) == fpga.CommandWord && w&fpga.OpMask == fpga.OpChanges && d.delta.there()
	case c.parse.changes && w != fpga.CommandWord:
		if aMoves {
			n.a = stage{valid: true, change: true, stamp: w}
			d.popInput()
		}
		return
	case w&fpga.NoTime == 0:
		n.parse.second, n.parse.first = true, w
		d.popInput()
		return
	case !aMoves:
		return
	}
	d.popInput()
	n.a = stage{valid: true, x: uint16(first >> 16 & fpga.CommandCoordinate), y: uint16(first & fpga.CommandCoordinate), p: uint8(first >> 15 & 1), stamp: c.stamp}
	if !c.parse.second {
		return
	}
	n.a.stamp = w
	switch {
	case first&^(1<<15) == fpga.CommandWord:
		n.a.command = true
	case w > uint32(hw.MaxStamp):
		n.a.refused = true
		d.pending.parsed = fault(fpga.ErrorStamp, w>>8)
	default:
		n.stamp = w
	}
}

func (d *Device) popInput() {
	d.next.in.head++
	d.next.in.count--
}
