package filter

import (
	"math"

	"github.com/saccade-dev/saccade/events"
)

// A time maps to a stamp, which is what a pixel holds: as many microseconds apart as the
// times are, where they are near enough to matter to each other, and too far apart to
// matter where they are not. A pixel that never fired holds 0.
const (
	back  = int64(TurnedBack / 1000) // a step back that is one of the stream's own
	ahead = 2 * back                 // a step ahead that is taken as it is
	// leap is how far the stamp goes on where a step is neither: what comes behind lies at
	// most back before it, and so more than MaxPeriod behind all stamps that there were.
	leap = ahead + 1
)

// clock gives events their stamps.
type clock struct {
	cells   []uint32
	started bool   // an event has come since the beginning or Reset
	newest  int64  // time of the latest event
	top     uint32 // its stamp, and no cell's is above; the last there was where started is not set
}

// stamp is that of a time, which is taken note of.
func (c *clock) stamp(t int64) uint32 {
	if c.top > math.MaxUint32-2*uint32(leap) {
		c.rebase()
	}
	switch {
	case !c.started || t < lower(c.newest, back) || t > upper(c.newest, ahead):
		c.started, c.newest, c.top = true, t, c.top+uint32(leap)
		return c.top
	case t <= c.newest:
		return c.top - uint32(c.newest-t)
	default:
		c.top += uint32(t - c.newest)
		c.newest = t
		return c.top
	}
}

// near tells whether all events of a packet are so near to each other and to the latest
// that each one's stamp is its time less base, and takes note of them.
func (c *clock) near(in []events.Event) (base int64, ok bool) {
	if !c.started || c.top > math.MaxUint32-2*uint32(leap) {
		return 0, false
	}
	low, high := c.newest, c.newest
	for i := range in {
		low, high = min(low, in[i].T), max(high, in[i].T)
	}
	if low < lower(high, back) || high > upper(c.newest, ahead) {
		return 0, false
	}
	base = c.newest - int64(c.top)
	c.top += uint32(high - c.newest)
	c.newest = high
	return base, true
}

// rebase makes room for stamps. A cell that falls to 0 lies too far back to matter: the next
// stamp is at least leap-back.
func (c *clock) rebase() {
	if c.top <= uint32(leap) {
		return
	}
	by := c.top - uint32(leap)
	for i, s := range c.cells {
		c.cells[i] = s - min(s, by)
	}
	c.top = uint32(leap)
}

// reset forgets all events. The cells may stay as they are: the next stamp lies beyond
// their reach.
func (c *clock) reset() { c.started, c.newest = false, 0 }

// lower and upper are a time moved, or the first and the last there is.
func lower(t, by int64) int64 {
	if t < math.MinInt64+by {
		return math.MinInt64
	}
	return t - by
}

func upper(t, by int64) int64 {
	if t > math.MaxInt64-by {
		return math.MaxInt64
	}
	return t + by
}

// block is how many events are looked at together, so that a packet with one leap in it
// does not take the long way as a whole.
const block = 256
