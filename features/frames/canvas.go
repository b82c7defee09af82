package frames

import (
	"encoding/binary"
	"fmt"
)

// canvas is what events are drawn on: counts, or the times of the latest events.
type canvas struct {
	counts *counts
	ages   *ages
}

func newCanvas(c Config) (canvas, error) {
	if c.Kind == Counts {
		return canvas{counts: newCounts(c)}, nil
	}
	a, err := newAges(c)
	return canvas{ages: a}, err
}

// begin is told of an event that will be drawn.
func (c *canvas) begin(t int64) {
	if c.ages != nil {
		c.ages.begin(t)
	}
}

// draw takes the event into a cell.
func (c *canvas) draw(cell int) {
	if c.counts != nil {
		c.counts.draw(cell)
		return
	}
	c.ages.draw(cell)
}

// develop gives the values of all cells at the end of an interval.
func (c *canvas) develop(values []int32, to int64) {
	if c.counts != nil {
		c.counts.develop(values)
		return
	}
	c.ages.develop(values, to)
}

// restart forgets everything.
func (c *canvas) restart() {
	if c.counts != nil {
		clear(c.counts.cells)
		return
	}
	c.ages.restart()
}

// counts are how many events were drawn in each cell in the interval under way, as far
// as they change a value.
type counts struct {
	cells []uint32
	step  uint32
	most  uint32
}

func newCounts(c Config) *counts {
	return &counts{cells: make([]uint32, c.Len()), step: uint32(c.Step), most: uint32(c.Levels * c.Step)}
}

func (c *counts) draw(cell int) {
	if c.cells[cell] < c.most {
		c.cells[cell]++
	}
}

func (c *counts) develop(values []int32) {
	if c.step == 1 {
		for i, n := range c.cells {
			values[i] = int32(n)
		}
	} else {
		for i, n := range c.cells {
			values[i] = int32((n + c.step/2) / c.step)
		}
	}
	clear(c.cells)
}

func (c *counts) appendState(b []byte) []byte {
	for _, n := range c.cells {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// check tells whether a state is one of these counts; its bytes are at an offset.
func (c *counts) check(b []byte, at int, drawn uint64) error {
	if len(b) != 4*len(c.cells) {
		return fmt.Errorf("at byte %d: expected %d bytes of counts, found %d", at, 4*len(c.cells), len(b))
	}
	most := min(uint64(c.most), drawn)
	for i := range c.cells {
		if n := binary.LittleEndian.Uint32(b[4*i:]); uint64(n) > most {
			return fmt.Errorf("at byte %d: expected a count of at most %d, found %d", at+4*i, most, n)
		}
	}
	return nil
}

// restore puts back a state that was checked.
func (c *counts) restore(b []byte) {
	for i := range c.cells {
		c.cells[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
}
