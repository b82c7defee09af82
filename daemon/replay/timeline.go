package replay

import (
	"math"
	"time"
)

// timeline maps a replay's own time to the clock's. Its own is how many microseconds of
// recordings were played since the replay began, whatever was jumped over in between.
//
// When a message is due follows from where the pace was last changed, be it the start, and
// never from when the message before it was sent: lateness does not add up. A stop moves
// what is behind it by as long as it took.
type timeline struct {
	speed float64 // how many times faster than recorded; 0 for no pace
	begun bool
	held  bool
	clock time.Time // when it was
	play  float64   // here, in microseconds
}

// farAway is longer than any replay.
const farAway = 100 * 365 * 24 * time.Hour

// begin starts it, once.
func (l *timeline) begin(now time.Time) {
	if !l.begun {
		l.begun, l.clock = true, now
	}
}

// at is how far it is.
func (l *timeline) at(now time.Time) float64 {
	if l.held || l.speed <= 0 || !l.begun {
		return l.play
	}
	return l.play + float64(now.Sub(l.clock))/float64(time.Microsecond)*l.speed
}

// due is when something is due; the zero time where there is no pace.
func (l *timeline) due(play int64) time.Time {
	if l.speed <= 0 {
		return time.Time{}
	}
	wait := math.Round((float64(play) - l.play) / l.speed * float64(time.Microsecond))
	return l.clock.Add(time.Duration(max(min(wait, float64(farAway)), -float64(farAway))))
}

// move goes on from play, at now.
func (l *timeline) move(now time.Time, play float64) { l.clock, l.play = now, play }

// hold stops it: where it is, or earlier, where what is to come next should have been sent
// by now. That is then due when the timeline goes on, and so is nothing else.
func (l *timeline) hold(now time.Time, next float64) {
	if !l.held {
		l.move(now, min(l.at(now), next))
		l.held = true
	}
}

// release has it go on.
func (l *timeline) release(now time.Time) {
	if l.held {
		l.held, l.clock = false, now
	}
}

// forgive goes on from what is to come next where that is late.
func (l *timeline) forgive(now time.Time, next float64) {
	if at := l.at(now); !l.held && at > next {
		l.move(now, next)
	}
}

// turn changes the speed, in a replay of which so much was sent.
func (l *timeline) turn(now time.Time, speed float64, sent int64) {
	play := l.at(now)
	if l.speed <= 0 {
		play = float64(sent) // without a pace it is as far as what was sent
	}
	l.move(now, play)
	l.speed = speed
}
