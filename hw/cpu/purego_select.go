package cpu

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// recent counts the elements of a context that are at least as large as least.
func recent(c []int16, least int16) int {
	count := 0
	for _, v := range c {
		if v >= least {
			count++
		}
	}
	return count
}

// nearest is the neuron with the largest dot product, the first of equals.
func nearest(dots []int32) int32 {
	winner, best := 0, dots[0]
	for i, dot := range dots {
		if dot > best {
			winner, best = i, dot
		}
	}
	return int32(winner)
}

// selected is the neuron with the largest dot product among those whose cosine
// with the context reaches their threshold, the first of equals; Missed where none
// does. The cosine is dot/norm but for the formats' fraction bits.
func selected(dots, thresholds []int32, norm uint32) int32 {
	winner, best := int(hw.Missed), int32(math.MinInt32)
	thresholds = thresholds[:len(dots)]
	for i, dot := range dots {
		if dot > best && int64(dot)<<hw.MatchShift >= int64(thresholds[i])*int64(norm) {
			winner, best = i, dot
		}
	}
	return int32(winner)
}
