package fpga_test

import (
	"slices"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
)

// literalDelta is the delta engine with every register of its data path.
type literalDelta struct {
	row         int // lanes
	layers      []hwfpga.DeltaLayer
	weights     [][]int16 // [word][lane]
	totals      [][]int32 // [word][lane]
	touchedBits []uint16

	entryCommand, entryChanges, parseChanges bool

	layer    int // -1: none is selected
	prepared [3]*literalChange
	part     int
	// 1: weights; 2: weights at their blocks; 3: products, and sums; 4: what is written; 5: what was written last
	adds [6]*literalAdd

	zeroes int // cycles that are left
	send   literalSend
}

// literalChange is what is known of a change before its words are issued.
type literalChange struct {
	index, change  uint32
	pixel, channel uint32 // from the second register on
	y, x           uint32 // in the third
}

// literalAdd is one word of a change on its way through the lanes.
type literalAdd struct {
	change   int32
	weights  []int16
	block    int // lanes of one
	last     int // lanes of one that have outputs
	enabled  [9]bool
	from     [9]int // the block of weights that each block takes
	at       [9]int // its word of sums
	products []int32
	old      []int32
	results  []int32
}

func (l *literalDelta) changing() bool {
	return l.zeroes > 0 || l.send.on || slices.ContainsFunc(l.prepared[:], func(c *literalChange) bool { return c != nil })
}

func (l *literalDelta) adding() bool {
	return slices.ContainsFunc(l.adds[1:5], func(a *literalAdd) bool { return a != nil })
}

// deltaAllows tells whether what is in stage b may go on.
func (l *literal) deltaAllows() bool {
	op := l.sb.stamp >> 24
	switch {
	case l.lanesOf == nil:
		return true
	case l.sb.change:
		return l.zeroes == 0 && !l.send.on && (slices.Contains(l.prepared[:], nil) || l.issuesLast())
	case l.sb.command && op == 0x84:
		return !l.changing() && !l.adding() && len(l.order) == 0 && len(l.queue) == 0 && !l.headValid && len(l.write) == 0
	case l.sb.command && op == 0x85:
		return !l.changing() && !l.adding()
	}
	return !l.changing()
}

func (l *literal) issuesLast() bool {
	return l.prepared[2] != nil && l.lanesFree() && l.part == l.parts()-1
}

func (l *literal) lanesFree() bool { return len(l.order) == 0 && l.matchColumn == 0 && l.pass == 0 }

// parts is how many words a change of the selected layer has.
func (l *literal) parts() int {
	n := &l.layers[l.layer]
	block := l.lanesOf(n)
	return (n.Outputs + block - 1) / block
}

// takeChange takes a change out of stage b, in the stead of the surface.
func (l *literal) takeChange(w uint32) *literalChange {
	if l.layer < 0 || int(w>>16) >= l.layers[l.layer].Inputs() {
		return nil
	}
	return &literalChange{index: w >> 16, change: w & 0xffff}
}

func (l *literal) commandDelta(w uint32) {
	number := int(w & 0xff)
	if number >= len(l.layers) {
		number = -1
	}
	switch {
	case w>>24 == 0x83:
		l.set(func() { l.layer = number })
	case w>>24 == 0x84:
		l.beginSend(number, w>>8&1 == 1)
	case number >= 0:
		n := &l.layers[number]
		words := n.SumWords(l.row)
		l.set(func() {
			l.zeroes = words - 1
			for i := range words {
				clear(l.totals[n.SumsAt+i])
				l.touchedBits[n.SumsAt+i] = 0
			}
		})
	}
}

// quotient is a division as hardware does it: a product with a constant.
func quotient(n, by uint32) uint32 {
	inverse := (uint64(1)<<32 + uint64(by) - 1) / uint64(by)
	return uint32(uint64(n) * inverse >> 32)
}

// delta is a cycle; taken is the change that leaves stage b in it.
func (l *literal) delta(taken *literalChange) {
	if l.zeroes > 0 {
		l.set(func() { l.zeroes-- })
	}
	l.sendSums()
	issued := l.issue()
	l.addUp()
	l.set(func() { l.adds[1] = issued })

	p := l.prepared
	free := p[2] == nil || l.issuesLast()
	if issued != nil {
		next := (l.part + 1) % l.parts()
		l.set(func() { l.part = next })
	}
	if free {
		var c *literalChange
		if p[1] != nil {
			v, width := *p[1], uint32(l.layers[l.layer].Width)
			v.y = quotient(v.pixel, width)
			v.x = v.pixel - v.y*width
			c = &v
		}
		l.set(func() { l.prepared[2] = c })
	}
	if free = free || p[1] == nil; free {
		var c *literalChange
		if p[0] != nil {
			v, channels := *p[0], uint32(l.layers[l.layer].Channels)
			v.pixel = quotient(v.index, channels)
			v.channel = v.index - v.pixel*channels
			c = &v
		}
		l.set(func() { l.prepared[1] = c })
	}
	if free || p[0] == nil {
		l.set(func() { l.prepared[0] = taken })
	}
}
