package evt3

import (
	"math/bits"

	"github.com/saccade-dev/saccade/events"
)

// dense is from how many bits on it is quicker to go through all of them than to
// look for those that are set.
const dense = 6

// expand writes an event for each bit of valid, bit i at i pixels right of x, and
// tells how many there are. Out has room for spread events; what is written there
// beyond those means nothing.
func expand(out []events.Event, valid uint32, t int64, x, y, on uint32) int {
	to := (*[spread]events.Event)(out)
	n := bits.OnesCount32(valid)
	if n < dense {
		for i := range uint(n) {
			e := &to[i%dense]
			e.T = t
			e.X, e.Y = uint16(x+uint32(bits.TrailingZeros32(valid))), uint16(y)
			e.P = events.Polarity(on)
			valid &= valid - 1
		}
		return n
	}
	// Each pixel is written and counts if its bit is set.
	k := uint(0)
	for xy := x | y<<16; valid != 0; xy += 2 {
		k = pixel(to, k, valid, t, xy, on)
		k = pixel(to, k, valid>>1, t, xy+1, on)
		valid >>= 2
	}
	return n
}

// pixel writes an event; xy is its pixel, x in the low half. Shifted parts of one word are
// stored as one.
func pixel(to *[spread]events.Event, k uint, valid uint32, t int64, xy, on uint32) uint {
	e := &to[k%spread]
	e.T = t
	e.X, e.Y = uint16(xy), uint16(xy>>16)
	e.P = events.Polarity(on)
	return k + uint(valid&1)
}
