package aedat2

const (
	// turn is what 32 bits of microseconds count to: 71 minutes and 35 seconds.
	turn = 1 << 32
	half = turn / 2
)

// clock gives times of 64 bits for those of 32 bits that a file holds.
type clock struct {
	origin int64 // where the file's time begins
	base   int64 // origin, and a turn for each time that has run over
	last   uint32
}

// at is the time of a record, in microseconds.
func (c *clock) at(low uint32) int64 {
	if d := int64(low) - int64(c.last); d < -half || d > half {
		c.jump(d)
	}
	c.last = low
	return c.base + int64(low)
}

// jump is a step of more than half a turn. Downwards, time has run over; upwards, a
// record comes late from before it did, unless nothing has run over yet: then it is
// a gap. The base never leaves the 64 bits, so that it need not be checked.
func (c *clock) jump(d int64) {
	switch {
	case d < 0 && c.base < maxBase:
		c.base += turn
	case d > 0 && c.base > c.origin:
		c.base -= turn
	}
}

// maxBase is the last base that a turn can follow.
const maxBase = (1<<63 - 1) - 2*turn
