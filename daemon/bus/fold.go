package bus

import (
	"sync"
	"time"
)

// Fold lets through so many things a second on average and counts the others, so that whoever is flooded
// with one kind of message, in a log or on a subject, has some of them and knows of the rest. It may be used by several
// goroutines. The zero value lets everything through.
type Fold struct {
	mu     sync.Mutex
	bucket Bucket
	held   int64
}

// NewFold makes a fold that lets through so many a second, and as many at once; 0 is all.
func NewFold(perSecond int) *Fold {
	return &Fold{bucket: NewBucket(float64(perSecond), float64(perSecond))}
}

// Next tells whether the next is let through, and then how many were not since the one before.
func (f *Fold) Next(now time.Time) (through bool, held int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.bucket.Take(1, now) {
		f.held++
		return false, 0
	}
	held, f.held = f.held, 0
	return true, held
}

// Held is how many were not let through since the last one that was.
func (f *Fold) Held() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held
}

// Bucket is a token bucket: it gives so many tokens a second, and has at most a burst of them. Only what it has in
// full is taken. The zero value has as many as anybody wants. It is not for several goroutines.
type Bucket struct {
	rate, burst float64
	level       float64
	last        time.Time
}

// NewBucket makes a bucket that is full; a rate of 0 stands for no bound.
func NewBucket(rate, burst float64) Bucket { return Bucket{rate: rate, burst: burst, level: burst} }

// Take takes n tokens, unless there are not so many. Time that runs back gives none.
func (b *Bucket) Take(n float64, now time.Time) bool {
	if b.rate == 0 {
		return true
	}
	if !b.last.IsZero() {
		b.level = min(b.burst, b.level+b.rate*max(0, now.Sub(b.last).Seconds()))
	}
	b.last = now
	if b.level < n {
		return false
	}
	b.level -= n
	return true
}
