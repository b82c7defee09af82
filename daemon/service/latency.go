package service

import (
	"sync/atomic"
	"time"
)

// latencyBounds are the upper bounds of a latency's buckets: three a decade, from what a message of a few events takes
// to what nobody would wait for.
var latencyBounds = [...]time.Duration{
	25 * time.Microsecond, 50 * time.Microsecond,
	100 * time.Microsecond, 250 * time.Microsecond, 500 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond,
	10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2500 * time.Millisecond, 5 * time.Second,
	10 * time.Second, 30 * time.Second,
}

// Latency is a histogram of durations.
type Latency struct {
	// Counts are how many were in each bucket, at most as long as its bound of [LatencyBounds] and longer than the one
	// before; the last has those beyond all bounds.
	Counts [len(latencyBounds) + 1]uint64
	Sum    time.Duration
}

// LatencyBounds are the upper bounds of a [Latency]'s buckets but for the last, which has none.
func LatencyBounds() []time.Duration { return append([]time.Duration(nil), latencyBounds[:]...) }

// Count is how many durations there were.
func (l *Latency) Count() (n uint64) {
	for _, c := range l.Counts {
		n += c
	}
	return n
}

// histogram is a Latency that is added to while others read it. What they read may be in the middle of an addition: its
// sum is then one ahead or behind.
type histogram struct {
	counts [len(latencyBounds) + 1]atomic.Uint64
	sum    atomic.Int64
}

// add counts a duration. A clock has no durations below zero, but whoever compares two clocks may.
func (h *histogram) add(d time.Duration) {
	d = max(d, 0)
	i := 0
	for i < len(latencyBounds) && d > latencyBounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

func (h *histogram) read() (l Latency) {
	for i := range h.counts {
		l.Counts[i] = h.counts[i].Load()
	}
	l.Sum = time.Duration(h.sum.Load())
	return l
}
