package replay

import (
	"math/bits"
	"slices"
	"time"
)

// Lateness is by how much later than they were due messages were sent, in microseconds.
// Messages that went out again are not counted again.
type Lateness struct {
	Messages int64   `json:"messages"` // that were due at a time
	P50      float64 `json:"p50_us"`
	P99      float64 `json:"p99_us"`
	Max      float64 `json:"max_us"`
	// Drift is by how much the replay has fallen behind its pace from its first messages to
	// its last: the least lateness of the last 64 less that of the first 64. The least,
	// as any message may be late by itself. The definition is ours.
	Drift float64 `json:"drift_us"`
}

// Bounds of what is kept of latenesses: a histogram of 32 bins an octave (3 % wide) and the
// ends.
const (
	subBits  = 5
	lateBins = (64 - subBits + 1) << subBits
	lateEnds = 64
)

// lateness gathers how late messages were.
type lateness struct {
	bins        [lateBins]int64
	n           int64
	max         time.Duration
	first, last [lateEnds]time.Duration
}

// bin is that of so many nanoseconds.
func lateBin(ns uint64) int {
	shift := max(bits.Len64(ns)-subBits-1, 0)
	return shift<<subBits + int(ns>>shift)
}

// lateBinEnd is the largest of a bin, in nanoseconds.
func lateBinEnd(bin int) uint64 {
	shift := max(bin>>subBits-1, 0)
	return (uint64(bin-shift<<subBits)+1)<<shift - 1
}

func (l *lateness) add(late time.Duration) {
	late = max(late, 0)
	l.bins[lateBin(uint64(late))]++
	if l.n < lateEnds {
		l.first[l.n] = late
	}
	l.last[l.n%lateEnds] = late
	l.n++
	l.max = max(l.max, late)
}

// share is what at least so large a part of all were at most.
func (l *lateness) share(part float64) time.Duration {
	want, sum := int64(part*float64(l.n)+0.999999), int64(0)
	for bin, n := range l.bins {
		if sum += n; sum >= want && n > 0 {
			return min(time.Duration(lateBinEnd(bin)), l.max)
		}
	}
	return l.max
}

func (l *lateness) report() Lateness {
	if l.n == 0 {
		return Lateness{}
	}
	us := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	ends := min(l.n, lateEnds)
	return Lateness{
		Messages: l.n, P50: us(l.share(0.5)), P99: us(l.share(0.99)), Max: us(l.max),
		Drift: us(slices.Min(l.last[:ends]) - slices.Min(l.first[:ends])),
	}
}
