package roof

import (
	"math"
	"time"
)

// Runs times calls of a function in short runs, so that the best of many is a time
// that nothing else on the machine was in. Peaks and kernels are both timed by it,
// and are thus comparable.
type Runs struct {
	// Do makes that many calls.
	Do func(calls int)
	// Before, where there is one, is called before each run and not timed.
	Before func()
	// Calls of a run; 0 to find out how many make it long enough.
	Calls int

	best, total time.Duration
	runs        int
}

// shortest is how long a run is at least: hundreds of times what reading the clock
// costs, and short enough to fit between two interruptions.
const shortest = 40 * time.Microsecond

// Next makes a run.
func (r *Runs) Next() {
	if r.Calls == 0 {
		r.Calls = 1
		for r.time() < shortest && r.Calls < math.MaxInt/2 {
			r.Calls *= 2
		}
	}
	d := r.time()
	if r.runs == 0 || d < r.best {
		r.best = d
	}
	r.total += d
	r.runs++
}

func (r *Runs) time() time.Duration {
	if r.Before != nil {
		r.Before()
	}
	start := time.Now()
	r.Do(r.Calls)
	return time.Since(start)
}

// Count is how many runs there were.
func (r *Runs) Count() int { return r.runs }

// Best is the seconds that a call took in the best run.
func (r *Runs) Best() float64 { return r.best.Seconds() / float64(r.Calls) }

// Mean is the seconds that a call took in all runs on average.
func (r *Runs) Mean() float64 { return r.total.Seconds() / float64(r.Calls*r.runs) }
