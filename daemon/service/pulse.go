package service

import (
	"sync/atomic"
	"time"
)

// StallAfter is how long a pipeline may be at one thing without a step forward before it is taken for stuck. A step is
// a packet whose results were handed out, or another try to publish while NATS is away: a packet takes milliseconds, a
// store at most 30 s, and a device tells within seconds that it does not answer.
const StallAfter = time.Minute

// pulse tells how long a sensor's goroutine has been at what it does. It is set by that goroutine and read by any.
type pulse struct {
	from time.Time    // what step is measured from, by the clock that only goes forward
	step atomic.Int64 // when it last went forward; 0 while it waits for something to do
}

// beat says that the goroutine went a step forward, and has not come to its end.
func (p *pulse) beat() { p.step.Store(max(1, int64(time.Since(p.from)))) }

// rest says that the goroutine waits for something to do.
func (p *pulse) rest() { p.step.Store(0) }

// still tells for how long there was no step, 0 where there is nothing to do.
func (p *pulse) still(now time.Time) time.Duration {
	step := p.step.Load()
	if step == 0 {
		return 0
	}
	return max(0, now.Sub(p.from)-time.Duration(step))
}
