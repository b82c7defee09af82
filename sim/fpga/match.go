package fpga

// stepMatch takes tokens from the order queue, and reads contexts and weights for the
// lanes: a column of as many neurons as there are lanes in a cycle.
func (d *Device) stepMatch() {
	c, n, p := d.current, d.next, &d.pending
	m := &n.match
	m.groups = c.match.groups << 1 & (1<<matchLatency - 1)
	m.rows += c.match.groups >> (matchLatency - 1) & 1
	if c.match.column != 0 || c.match.pass != 0 {
		d.issue()
		return
	}
	if c.order.count == 0 || c.queue.count == decideLength {
		return
	}
	t := d.order[c.order.head%orderLength]
	if t.competes {
		// What is noise is known a while behind its last column; then it need not be matched.
		t.skipped = int32(c.summed-t.number) > 0 && d.contexts[t.number%slots].noise
		if !t.skipped && !d.mayMatch(c, &t) {
			d.usage.matchWaits++
			return
		}
		n.matching++
		if !t.skipped {
			p.match, p.matching = true, t
			if l := &c.learn; l.bank == t.bank && l.age < learnJoin {
				d.attach()
			}
			d.issue()
		}
	}
	n.order.head++
	n.order.count--
	p.decide, p.queued = true, t
	n.queue.count++
}

// issue reads a column.
func (d *Device) issue() {
	m := &d.next.match
	d.usage.match++
	if m.column++; int(m.column) == d.side {
		m.column = 0
		m.groups |= 1
		if m.pass++; int(m.pass) == d.passes {
			m.pass = 0
		}
	}
}

// mayMatch tells whether an event may begin to be matched: its first column is there, the
// row of dot products that it takes is free, and what it would read of the weights is
// either ahead of what is being learned, to be corrected, or behind it.
func (d *Device) mayMatch(c *state, t *token) bool {
	if int32(c.streams-t.number) <= 0 || t.number-c.decided >= matchedAhead {
		return false
	}
	l := &c.learn
	if l.bank != t.bank || l.age > learnWrite {
		return true
	}
	return l.age < learnJoin && t.number == l.number+1
}
