package npy

import (
	"fmt"

	"github.com/saccade-dev/saccade/events"
)

// decoder makes events of records.
type decoder struct {
	record record
	bounds events.Geometry
	column column
}

// damage is what is wrong with a record.
type damage struct{ want, got string }

// decode makes events of the first records of src, at most rows and as many as out
// holds. It gives how many are good before the first that is not, and what is wrong
// with that.
func (d *decoder) decode(out []events.Event, src []byte) (good, n int, wrong damage) {
	size := d.record.size
	n = min(len(out), len(src)/size, rows)
	out = out[:n]
	c := &d.column
	good = n
	bad := func(at int, w damage) {
		if at < good {
			good, wrong = at, w
		}
	}

	f := d.record.fields[timeRole]
	c.load(f, src, size, n)
	if at := c.times(f, n); at < good {
		bad(at, damage{"a time that fits into 64 bits of microseconds", c.text(f, at)})
	}
	for i := range out {
		out[i].T = c.ints[i]
	}
	for ro := xRole; ro <= yRole; ro++ {
		f := d.record.fields[ro]
		limit, name := d.bounds.Width, "x"
		if ro == yRole {
			limit, name = d.bounds.Height, "y"
		}
		c.load(f, src, size, n)
		at := c.wholes(f, n)
		for i, v := range c.ints[:at] {
			if uint64(v) >= uint64(limit) {
				at = i
				break
			}
			if ro == xRole {
				out[i].X = uint16(v)
			} else {
				out[i].Y = uint16(v)
			}
		}
		if at < n {
			bad(at, damage{fmt.Sprintf("%s from 0 to %d", name, limit-1), c.text(f, at)})
		}
	}
	f = d.record.fields[pRole]
	c.load(f, src, size, n)
	at := c.wholes(f, n)
	for i, v := range c.ints[:at] {
		if v < -1 || v > 1 {
			at = i
			break
		}
		out[i].P = events.Polarity((v + 1) >> 1)
	}
	if at < n {
		bad(at, damage{"a polarity of 0, 1 or -1", c.text(f, at)})
	}
	return good, n, wrong
}

// text is the number in a row.
func (c *column) text(f field, i int) string {
	switch f.kind {
	case 'f':
		return fmt.Sprint(c.floats[i])
	case 'u':
		return fmt.Sprint(uint64(c.ints[i]))
	default:
		return fmt.Sprint(c.ints[i])
	}
}
