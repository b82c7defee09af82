package fpga

import "github.com/saccade-dev/saccade/hw"

// patch is a slot of the context memories, and what becomes known of it: of an event
// that competes, from the first column to its decision, and to its learning where it is
// learned from.
type patch struct {
	values []int16 // [row][column]

	bank                uint8
	learning, selecting bool
	noise               bool
	norm                uint32 // Q4
}

// decayTable gives values by units, for the configured decay. The hardware has a shift
// and a polynomial in the stead of it: hw.Decay says which.
type decayTable struct {
	hw.Decay
	// The shifts of hw.Decay.Units as one product, of which bits 63 to 48 are the units.
	scale, round uint64
	values       [1 << 16]int16
}

func (t *decayTable) set(d *hw.Decay) {
	t.Decay = *d
	t.scale, t.round = 1<<(48+d.Left-d.Right), uint64(d.Round)<<(48-d.Right)
	for units := range d.Units(d.Horizon) + 1 {
		t.values[units] = d.ValueOfUnits(units)
	}
}

// row gives the values of cells at a time, and the sum of their squares.
func (t *decayTable) row(to []int16, cells []uint32, now uint32) (sum uint32) {
	horizon, scale, round := t.Horizon, t.scale, t.round
	cells = cells[:len(to)]
	for i, cell := range cells {
		age := min(now-min(cell, now), horizon)
		v := t.values[(uint64(age)*scale+round)>>48]
		to[i] = v
		sum += uint32(uint16(v)) * uint32(uint16(v))
	}
	return sum
}

// gather reads the patch whose first cell is x, y, which may lie beyond the border, into a
// context. Pixels beyond the border never fired.
func (d *Device) gather(c *patch, plane, x, y int, now uint32) {
	s, t := &d.banks, &d.decay
	beyond := [1]uint32{}
	var never [1]int16
	square := t.row(never[:], beyond[:], now)
	left := min(max(-x, 0), d.side)
	right := min(max(x+d.side-s.width, 0), d.side)
	var sum uint32
	bank, line := (y+len(s.cells))%len(s.cells), (y+len(s.cells))/len(s.cells)-1
	for row := range d.side {
		to := c.values[row*d.side:][:d.side]
		if at := y + row; at < 0 || at >= d.config.Height {
			fill(to, never[0])
			sum += uint32(d.side) * square
		} else {
			fill(to[:left], never[0])
			fill(to[d.side-right:], never[0])
			sum += uint32(left+right) * square
			sum += t.row(to[left:d.side-right], s.cells[bank][(plane*s.lines+line)*s.width+x+left:], now)
		}
		if bank++; bank == len(s.cells) {
			bank, line = 0, line+1
		}
	}
	c.noise = false
	if d.config.MinRecent > 0 {
		count := 0
		for _, v := range c.values {
			if v >= d.config.Recent {
				count++
			}
		}
		c.noise = count < d.config.MinRecent
	}
	c.norm = hw.Norm(sum)
}

func fill(to []int16, v int16) {
	for i := range to {
		to[i] = v
	}
}

// stepNorm finds norms and, where an event may be learned, what brings its context to the
// length one: a square root and a division, each of two bits a cycle, in the order of the
// events.
func (d *Device) stepNorm() {
	c, n := d.current, d.next
	switch slot := &d.contexts[c.rooted%slots]; {
	case c.root > 0:
		d.usage.root++
		if n.root--; n.root == 0 {
			n.rooted++
		}
	case c.rooted == c.summed:
	case !slot.noise && (slot.selecting || d.config.Detail):
		d.usage.root++
		n.root = rootSteps
	default:
		n.rooted++
	}
	switch slot := &d.contexts[c.scaled%slots]; {
	case c.scale > 0:
		d.usage.scale++
		if n.scale--; n.scale == 0 {
			n.scaled++
		}
	case c.scaled == c.rooted:
	case !slot.noise && slot.learning:
		d.usage.scale++
		n.scale = scaleSteps
	default:
		n.scaled++
	}
}
