package prophesee

import "math"

// Clock puts together the high parts of a sensor's time. The zero Clock is of no
// use: see NewClock.
type Clock struct {
	Base  int64 // the latest high part in microseconds, with the turns before it
	Known bool  // there has been a high part

	low      uint  // bits of the low part
	turn     int64 // microseconds in a turn of the whole counter
	turns    int64 // microseconds in the turns before this one
	high     int64 // the latest high part as it was sent
	gap      bool  // something may be missing before the next high part
	anchored bool  // messages say which turn they lie in
}

// NewClock makes the clock of a counter of so many bits in its two parts.
func NewClock(high, low uint) Clock { return Clock{low: low, turn: 1 << (high + low)} }

// Reset forgets everything.
func (c *Clock) Reset() { *c = Clock{low: c.low, turn: c.turn} }

// Lost says that something is missing: time is unknown until the next high part,
// which is taken to lie less than a sixteenth of a turn before the latest or else
// behind it, by less than a turn.
func (c *Clock) Lost() { c.gap, c.Known = c.gap || c.Known, false }

// High takes a high part in.
func (c *Clock) High(v int64) {
	back, full := c.high-v, c.turn>>c.low
	if !c.anchored && (back >= full/2 || c.gap && back >= full/16) {
		c.turns += c.turn
	}
	c.high, c.gap, c.Known = v, false, true
	c.Base = c.turns + v<<c.low
}

// Anchor takes a message's time base in, in nanoseconds. See the package comment
// for when it counts.
func (c *Clock) Anchor(ns int64) {
	if ns == 0 && !c.anchored || ns%(c.turn*1000) != 0 {
		return
	}
	c.anchored = true
	c.turns = ns / 1000
}

// TurnOf is the time base, in nanoseconds, of a message that lies in the same turn
// as t. It saturates far outside of what the nanoseconds of a time base reach.
func (c *Clock) TurnOf(t int64) int64 {
	n := t / c.turn
	if t%c.turn < 0 {
		n--
	}
	limit := math.MaxInt64 / (c.turn * 1000)
	return max(-limit, min(n, limit)) * c.turn * 1000
}
