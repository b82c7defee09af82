package command

import (
	"math"
	"time"

	"github.com/saccade-dev/saccade/features/monitor"
)

// watchWindow is how many seconds rates are shown of.
const watchWindow = 60

// rates count what came in each of the last seconds, of a sensor or of one of its layers.
type rates struct {
	recent [watchWindow]second // by the seconds of the clock
	first  int64               // the first second that was counted in, or never
}

// never is after every second.
const never = math.MaxInt64

// newRates are rates of which nothing is known yet: that is not the same as nothing.
func newRates() rates { return rates{first: never} }

// second counts what came in one second.
type second struct {
	at                   int64 // seconds since 1970; what stands here of another second is old
	events, hits, missed int64
}

// count counts in the second of a time.
func (r *rates) count(now time.Time, events, hits, missed int64) {
	at := now.Unix()
	r.first = min(r.first, at)
	s := &r.recent[((at%watchWindow)+watchWindow)%watchWindow]
	if s.at != at {
		*s = second{at: at}
	}
	s.events += events
	s.hits += hits
	s.missed += missed
}

// last gives the last so many seconds that are over, the oldest first; those before
// the first are left out.
func (r *rates) last(now time.Time, seconds int) []second {
	var out []second
	for at := now.Unix() - int64(min(seconds, watchWindow-1)); at < now.Unix(); at++ {
		if at < r.first {
			continue
		}
		s := r.recent[((at%watchWindow)+watchWindow)%watchWindow]
		if s.at != at {
			s = second{at: at}
		}
		out = append(out, s)
	}
	return out
}

// rate is how many events came in a second, of late.
func (r *rates) rate(now time.Time) float64 {
	const late = 5
	seconds := r.last(now, late)
	if len(seconds) == 0 {
		return 0
	}
	var events int64
	for _, s := range seconds {
		events += s.events
	}
	return float64(events) / float64(len(seconds))
}

// missed gives the missed rate, as package monitor has it, of each of the last seconds,
// -1 where nothing came, and of all of them, likewise.
func (r *rates) missed(now time.Time, seconds int) (each []float64, all float64) {
	var hits, missed int64
	for _, s := range r.last(now, seconds) {
		hits, missed = hits+s.hits, missed+s.missed
		each = append(each, missedOf(s.hits, s.missed))
	}
	return each, missedOf(hits, missed)
}

func missedOf(hits, missed int64) float64 {
	rate, there := monitor.MissedRate(uint64(max(hits, 0)), uint64(max(missed, 0)))
	if !there {
		return -1
	}
	return rate
}
