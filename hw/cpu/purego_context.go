package cpu

import "github.com/saccade-dev/saccade/hw"

func context(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
	checkContext(c, cells, first, p)
	return gather(c[:p.Elements()], cells, first, p, now)
}

// gather puts the values of a patch into c, row by row as the units of the ages and
// then all at once as what [hw.Decay.Table] has for them, and returns the sum of
// their squares.
func gather(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
	a := newAging(p.Decay, now)
	rest := c
	for plane := range p.Planes {
		at := first + plane*p.Plane
		for range p.Side {
			a.units(rest[:p.Side], cells[at:])
			rest = rest[p.Side:]
			at += p.Stride
		}
	}
	return lookUp(c, p.Decay.Table)
}

// aging turns stamps into [hw.Decay.Units] at one time. A shift to the left and one
// to the right are here a product and a shift by a constant:
//
//	(age<<Left + Round) >> Right = (age*2^(48+Left-Right) + Round<<(48-Right)) >> 48
//
// Units are below 2^16, so what is shifted is below 2^64; and as it is modulo 2^64, the
// age may be multiplied as what it is the difference of.
type aging struct {
	oldest, now int64  // a stamp beyond one of these counts as it
	scale       uint64 // of a stamp
	constant    uint64
}

func newAging(d *hw.Decay, now uint32) aging {
	scale := uint64(1) << (48 + d.Left - d.Right)
	return aging{
		oldest: int64(now) - int64(d.Horizon), now: int64(now),
		scale: -scale, constant: uint64(now)*scale + uint64(d.Round)<<(48-d.Right),
	}
}

// units takes a row of cells to units, in 16 bits without a sign:
//
//	to[i] = Units(now - min(cells[i], now))
//
// Inlined, the loop would have to share its registers.
//
//go:noinline
func (a *aging) units(to []int16, cells []uint32) {
	cells = cells[:len(to)]
	oldest, now, scale, constant := a.oldest, a.now, a.scale, a.constant
	for i, cell := range cells {
		stamp := min(max(int64(cell), oldest), now)
		to[i] = int16((uint64(stamp)*scale + constant) >> 48)
	}
}

// lookUp replaces units by values and returns the sum of their squares:
//
//	c[i] = table[c[i]]
//	sum += c[i]*c[i]
func lookUp(c []int16, table *[1 << 16]int16) (sum uint32) {
	values := table[:] // is not nil: the loop need not ask
	for i, units := range c {
		v := values[uint16(units)]
		c[i] = v
		sum += uint32(uint16(v)) * uint32(uint16(v)) // values are never negative
	}
	return sum
}
