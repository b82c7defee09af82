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
	for ; valid != 0; valid >>= 4 {
		k = pixel(to, k, valid, t, x, y, on)
		k = pixel(to, k, valid>>1, t, x+1, y, on)
		k = pixel(to, k, valid>>2, t, x+2, y, on)
		k = pixel(to, k, valid>>3, t, x+3, y, on)
		x += 4
	}
	return n
}

func pixel(to *[spread]events.Event, k uint, valid uint32, t int64, x, y, on uint32) uint {
	e := &to[k%spread]
	e.T = t
	e.X, e.Y = uint16(x), uint16(y)
	e.P = events.Polarity(on)
	return k + uint(valid&1)
}
