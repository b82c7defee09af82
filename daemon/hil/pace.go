package hil

import (
	"context"
	"math"
	"time"
)

// pace says when events are sent. Towards a model in this process, time is what its clock counts; towards any other
// device it is the clock on the wall.
type pace struct {
	config  Pacing
	clock   float64 // hertz
	clocked Clocked // nil for the clock on the wall

	begun      bool
	recording  int
	origin     int64 // the time of the event that was sent at start
	start      float64
	startCycle uint64
	startTime  time.Time
	inBurst    int
	bursts     int
	late       float64 // seconds: the most that an event was sent behind its time
}

// next waits until event at of a batch is due, and says up to which one can be sent with it.
func (p *pace) next(ctx context.Context, b *batch, at int) (to int, err error) {
	if p.config.Kind == Fast {
		return len(b.events), nil
	}
	if !p.begun {
		p.begun, p.startTime = true, time.Now()
		if p.clocked != nil {
			p.startCycle = p.clocked.Cycle()
		}
		p.anew(&b.events[at])
	}
	if p.config.Kind == Bursts {
		if p.inBurst == p.config.Burst {
			p.inBurst = 0
			p.bursts++
		}
		n := min(len(b.events)-at, p.config.Burst-p.inBurst)
		first := p.inBurst == 0
		p.inBurst += n
		if !first {
			return at + n, nil
		}
		return at + n, p.wait(ctx, float64(p.bursts)*p.config.Gap.Seconds())
	}
	e := &b.events[at]
	if e.recording != p.recording || e.event.T < p.origin {
		p.anew(e)
	}
	due := p.due(e)
	if err := p.wait(ctx, due); err != nil {
		return 0, err
	}
	now := p.now()
	p.late = max(p.late, now-due)
	to = at + 1
	for to < len(b.events) && b.events[to].recording == p.recording && p.due(&b.events[to]) <= now {
		to++
	}
	return to, nil
}

// anew lets a recording follow the one before at once: its times begin where they begin.
func (p *pace) anew(e *sent) {
	p.recording, p.origin, p.start = e.recording, e.event.T, p.now()
}

func (p *pace) due(e *sent) float64 {
	return p.start + float64(e.event.T-p.origin)/1e6/p.config.Factor
}

// now is the time since the beginning, in seconds.
func (p *pace) now() float64 {
	if p.clocked != nil {
		return float64(p.clocked.Cycle()-p.startCycle) / p.clock
	}
	return time.Since(p.startTime).Seconds()
}

func (p *pace) wait(ctx context.Context, due float64) error {
	left := due - p.now()
	if left <= 0 {
		return ctx.Err()
	}
	if p.clocked != nil {
		return p.clockTo(ctx, p.startCycle+uint64(math.Ceil(due*p.clock)))
	}
	timer := time.NewTimer(time.Duration(left * 1e9))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// clockTo lets a model's time pass, and looks at the context now and then.
func (p *pace) clockTo(ctx context.Context, cycle uint64) error {
	const step = 1 << 18
	for at := p.clocked.Cycle(); at < cycle; at = p.clocked.Cycle() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.clocked.Until(min(cycle, at+step)); err != nil {
			return err
		}
	}
	return nil
}

// behind takes, where time matters, what comes of the events that were sent: from a model what is there without time
// passing, and from any other device all answers, so that they are held as soon as they have come.
func (p *pace) behind(s *session, b *batch, sent, wanted int) error {
	switch {
	case p.config.Kind == Fast:
		return nil
	case p.clocked == nil && s.careful:
		return nil // who waits for words that were lost waits for ever
	case p.clocked == nil:
		for len(b.raw) < sent*s.answerWords() {
			if err := s.receive(b, wanted); err != nil {
				return err
			}
		}
		return nil
	}
	for p.clocked.Waiting() > 0 {
		if err := s.receive(b, wanted); err != nil {
			return err
		}
	}
	return nil
}
