package fpga_test

import "slices"

// match is the lanes.
type match struct {
	pass, matchColumn int
	token             literalToken
	lanes             [4]*lanesColumn // 1: operands, 2: products, 3: three sums
	sums              []int32         // accumulators
	done              *lanesColumn    // 4: the accumulators hold a whole row
	dots              [2][][]int32    // [event][pass][neuron of the pass]
	rows, taken       int
}

type lanesColumn struct {
	first, last bool
	event, pass int
	context     []int16
	weights     [][]int16 // [neuron of the pass][row]
	products    [][]int32
	sums        [][3]int32
}

func (l *literal) matchColumns() {
	issue := func(t literalToken) {
		s := &l.slots[t.number%8]
		col := &lanesColumn{
			first: l.matchColumn == 0, last: l.matchColumn == l.side()-1, event: t.number % 2, pass: l.pass,
			context: slices.Clone(s.columns[l.matchColumn]),
		}
		for k := range l.groups {
			col.weights = append(col.weights, slices.Clone(l.rounded[t.bank][l.pass*l.groups+k][l.matchColumn]))
		}
		column, pass := l.matchColumn+1, l.pass
		if column == l.side() {
			column, pass = 0, (pass+1)%l.passes
		}
		l.set(func() { l.lanes[1], l.matchColumn, l.pass, l.token = col, column, pass, t })
	}
	old := l.lanes
	l.set(func() { l.lanes[1] = nil; l.lanes[2], l.lanes[3], l.done = old[1], old[2], old[3] })
	l.multiply(old)
	if c := l.done; c != nil && c.last {
		sums := slices.Clone(l.sums)
		l.set(func() { l.dots[c.event][c.pass] = sums; l.rows++ })
	}

	if l.matchColumn != 0 || l.pass != 0 {
		issue(l.token)
		return
	}
	if len(l.order) == 0 || len(l.queue) == 4 {
		return
	}
	t := l.order[0]
	if t.competes {
		t.skipped = l.summed > t.number && l.noise(&l.slots[t.number%8])
		if !t.skipped {
			same := t.bank == l.learnBank
			switch {
			case l.streams <= t.number, t.number > l.decided+1:
				return
			case same && (l.age == 8 || l.age == 9 || l.age < 8 && t.number != l.learnNumber+1):
				return
			case same && l.age < 8:
				l.set(func() { l.attached = true })
			}
			issue(t)
		}
		l.set(func() { l.matching++ })
	}
	l.set(func() { l.order = l.order[1:]; l.queue = append(l.queue, t) })
}

func (l *literal) multiply(old [4]*lanesColumn) {
	if c := old[1]; c != nil {
		l.set(func() {
			for _, w := range c.weights {
				c.products = append(c.products, products(w, c.context))
			}
		})
	}
	if c := old[2]; c != nil {
		l.set(func() {
			for _, p := range c.products {
				c.sums = append(c.sums, threeSums(p))
			}
		})
	}
	if c := old[3]; c != nil {
		l.set(func() {
			if c.first {
				l.sums = make([]int32, l.groups)
			}
			for k, s := range c.sums {
				l.sums[k] += s[0] + s[1] + s[2]
			}
		})
	}
}

func products(a, b []int16) []int32 {
	out := make([]int32, len(a))
	for i := range a {
		out[i] = int32(a[i]) * int32(b[i])
	}
	return out
}

func threeSums(p []int32) (s [3]int32) {
	for i, v := range p {
		s[i%3] += v
	}
	return s
}
