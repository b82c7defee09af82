package fpga_test

import "github.com/saccade-dev/saccade/hw"

// literalColumn is a column of a patch on its way into the context memory.
type literalColumn struct {
	slot, column int
	event        *literalEvent
	top          int      // the bank of the patch's first row
	cells        []uint32 // by bank
	units        []uint32
	octaves      []uint32
	m            []int32
	values       []int16 // by bank, then by row
	sums         [3]uint32
	recent       int
}

func (l *literal) class(e *literalEvent) int16 {
	r := l.c.Radius
	switch {
	case e.x >= l.c.Width || e.y >= l.c.Height:
		return hw.Outside
	case l.c.Mode == 2 && e.p == 0:
		return hw.Ignored
	case !l.c.Zero && (e.x-r < 0 || e.y-r < 0 || e.x+r >= l.c.Width || e.y+r >= l.c.Height):
		return hw.Border
	}
	return 0
}

func (l *literal) surfaceTakes() bool {
	if l.column != 0 || l.wait != 0 || len(l.order) == 16 || !l.deltaAllows() {
		return false
	}
	return l.sb.command || l.sb.change || l.class(l.sb) < 0 || !l.slots[l.begun%8].busy
}

func (l *literal) address(e *literalEvent, line, x int) int {
	plane := 0
	if l.c.Mode == 1 {
		plane = e.p
	}
	lines := (l.c.Height + l.b.Rows - 1) / l.b.Rows
	return (plane*lines+line)*l.c.Width + x
}

func (l *literal) surface() {
	var read *literalColumn
	defer func() { l.set(func() { l.fill[1] = read }) }()
	used := l.c.Banks() * ((l.c.Height + l.b.Rows - 1) / l.b.Rows) * l.c.Width
	switch {
	case l.wait > 0:
		l.set(func() { l.wait-- })
	case l.column > 0:
		read = l.read(l.patch, l.begun-1, l.column)
		next := (l.column + 1) % l.side()
		l.set(func() { l.column = next })
	case l.sb == nil || !l.surfaceTakes():
	case l.sb.change: // it is the delta engine's
	case l.sb.command:
		l.command(l.sb.stamp, used)
	default:
		e := l.sb
		class := l.class(e)
		t := literalToken{result: class}
		if class == hw.Border || class == 0 {
			bank, at := e.y%l.b.Rows, l.address(e, e.y/l.b.Rows, e.x)
			l.set(func() { l.cells[bank][at] = e.stamp })
		}
		if class == 0 {
			t = literalToken{competes: true, learning: l.learning, selecting: l.selecting, number: l.begun}
			if l.c.Mode == 1 {
				t.bank = e.p
			}
			s := &l.slots[l.begun%8]
			read = l.read(e, l.begun, 0)
			l.set(func() {
				s.busy, s.bank, s.learning, s.selecting = true, t.bank, t.learning, t.selecting
				l.begun++
				l.column, l.patch = 1%l.side(), e
			})
		}
		l.set(func() { l.order = append(l.order, t) })
	}
}

func (l *literal) command(w uint32, used int) {
	switch {
	case w>>31 == 0: // read, moved and written a cell a cycle: nothing looks meanwhile
		l.set(func() {
			l.wait = used + 1
			for _, bank := range l.cells {
				for i, v := range bank[:used] {
					bank[i] = v - min(v, w)
				}
			}
		})
	case w>>24 == 0x80:
		l.set(func() {
			l.wait = used - 1
			for _, bank := range l.cells {
				clear(bank[:used])
			}
		})
	case w>>24 == 0x81:
		l.set(func() { l.order = append(l.order, literalToken{mark: true, tag: uint16(w)}) })
	case w>>24 >= 0x83:
		l.commandDelta(w)
	default:
		l.set(func() { l.learning, l.selecting = w&1 == 1, w&3 != 0 })
	}
}

// read is the first stage: each bank's memory puts out the cell that it has in the column.
func (l *literal) read(e *literalEvent, number, column int) *literalColumn {
	col := &literalColumn{slot: number % 8, column: column, event: e, cells: make([]uint32, l.b.Rows)}
	y := e.y - l.c.Radius + l.b.Rows
	line := y / l.b.Rows
	col.top = y % l.b.Rows
	for bank := range col.cells {
		row := (bank - col.top + l.b.Rows) % l.b.Rows
		at := line - 1
		if bank < col.top {
			at++
		}
		x := e.x - l.c.Radius + column
		py := e.y - l.c.Radius + row
		if row < l.side() && x >= 0 && x < l.c.Width && py >= 0 && py < l.c.Height {
			col.cells[bank] = l.cells[bank][l.address(e, at, x)]
		}
		if row == l.c.Radius && column == l.c.Radius {
			col.cells[bank] = e.stamp // it is being written
		}
	}
	return col
}

// fillColumns is the way from cells to values, and to the sum of squares.
func (l *literal) fillColumns() {
	d := l.c.Decay
	mulhrs := func(a, b int32) int32 { return (a*b + 1<<14) >> 15 }
	f := func(u uint32) int32 { return int32(u >> 12 & 0x7fff) }
	stages := [9]func(c *literalColumn){
		2: func(c *literalColumn) {
			for _, cell := range c.cells {
				c.units = append(c.units, d.Units(c.event.stamp-min(cell, c.event.stamp)))
			}
		},
		3: func(c *literalColumn) {
			for _, u := range c.units {
				c.octaves = append(c.octaves, u*d.Rate)
			}
		},
		4: func(c *literalColumn) {
			for _, u := range c.octaves {
				c.m = append(c.m, 3806-mulhrs(f(u), 661))
			}
		},
		5: func(c *literalColumn) {
			for i, u := range c.octaves {
				c.m[i] = 11338 - mulhrs(f(u), c.m[i])
			}
		},
		6: func(c *literalColumn) {
			for i, u := range c.octaves {
				c.m[i] = 16384 - mulhrs(f(u), c.m[i])
			}
		},
		7: func(c *literalColumn) {
			for i, u := range c.octaves {
				shift := d.PeakBits + 1 - int(u>>27)
				v := int32(0)
				switch {
				case d.Linear:
					v = max(1<<d.PeakBits-int32(u>>16), 0)
				case shift >= 0:
					v = mulhrs(c.m[i], 1<<shift)
				}
				c.values = append(c.values, int16(v))
			}
		},
		8: func(c *literalColumn) {
			turned := make([]int16, l.b.Rows)
			for row := range l.side() {
				turned[row] = c.values[(c.top+row)%l.b.Rows]
			}
			c.values = turned
		},
	}
	for i := 2; i <= 8; i++ {
		at, c := i, l.fill[i-1]
		l.set(func() {
			if c != nil {
				stages[at](c)
			}
		})
	}
	old := l.fill
	l.set(func() { copy(l.fill[2:], old[1:8]) })
	if c := old[8]; c != nil {
		l.set(func() {
			copy(l.slots[c.slot].columns[c.column], c.values)
			if c.column == 0 {
				l.streams++
			}
		})
	}
	// Squares are products of this column's values; recent elements are counted with them.
	c1, c2 := l.square[1], l.square[2]
	l.set(func() { l.square[1], l.square[2] = old[8], c1 })
	if c1 != nil {
		l.set(func() {
			for row, v := range c1.values {
				c1.sums[row%3] += uint32(int32(v) * int32(v))
				if v >= l.c.Recent {
					c1.recent++
				}
			}
		})
	}
	if c2 != nil {
		s := &l.slots[c2.slot]
		l.set(func() {
			if c2.column == 0 {
				s.sum, s.recent = 0, 0
			}
			s.sum += c2.sums[0] + c2.sums[1] + c2.sums[2]
			s.recent += c2.recent
			if c2.column == l.side()-1 {
				l.summed++
			}
		})
	}
}
