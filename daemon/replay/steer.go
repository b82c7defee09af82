package replay

import (
	"context"
	"math"
	"time"
)

// requests are where commands come from, nil while one waits, and when the replay is stopping.
func (s *sender) requests() <-chan *request {
	if s.options.Control == nil || s.pending != nil || !s.until.IsZero() {
		return nil
	}
	return s.options.Control.commands
}

// steer does what it was told, as far as that does not have to wait.
func (s *sender) steer(ctx context.Context) {
	for ctx.Err() == nil {
		if s.pending != nil {
			if len(s.window) > 0 {
				return
			}
			r := s.pending
			s.pending = nil
			r.answer <- s.settled(ctx, r)
		}
		select {
		case r := <-s.requests():
			s.asked(r)
		default:
			return
		}
	}
}

// tell answers whoever asks how far it is; messages may be so close that nothing is ever waited for.
func (s *sender) tell() {
	for {
		select {
		case r := <-s.options.Control.questions():
			r.answer <- answer{status: s.look(false)}
		default:
			return
		}
	}
}

// asked begins with a command, and ends it where nothing is to be waited for.
func (s *sender) asked(r *request) {
	if err := r.ctx.Err(); err != nil {
		r.answer <- answer{err: err}
		return
	}
	changed, now := false, time.Now()
	switch op := r.Op; {
	case op == OpPause, op == OpToggle && !s.timeline.held:
		r.Op = OpPause
		s.pending = r
		r.changed = !s.timeline.held
		s.timeline.hold(now, s.next(now))
		return
	case op == OpSeek, op == OpNext, op == OpPrevious:
		s.pending = r
		return
	case op == OpResume, op == OpToggle:
		changed = s.timeline.held
		s.timeline.release(now)
	case op == OpSpeed:
		changed = s.timeline.speed != r.Speed
		s.timeline.turn(now, r.Speed, s.here.play)
	case op == OpForgive:
		s.timeline.forgive(now, s.next(now))
	}
	r.answer <- answer{status: s.look(changed)}
}

// next is when what is to be sent next is played; where that is not known, where the timeline is.
func (s *sender) next(now time.Time) float64 {
	if s.ahead == nil {
		return s.timeline.at(now)
	}
	return float64(s.ahead.play)
}

// settled ends a command for which nothing is under way any more.
func (s *sender) settled(ctx context.Context, r *request) answer {
	if r.Op == OpPause {
		return answer{status: s.look(r.changed)}
	}
	if err := r.ctx.Err(); err != nil {
		return answer{err: err} // whoever asked was told that it was not done
	}
	at, position := s.here.at, int64(0)
	switch r.Op {
	case OpSeek:
		position = r.To.Microseconds()
		if r.Relative {
			position = max(position+s.here.position, 0)
		}
	case OpPrevious:
		at = max(at-1, 0)
	default:
		at++
	}
	return s.jump(ctx, at, position)
}

// jump goes on from another place.
func (s *sender) jump(ctx context.Context, at int, position int64) answer {
	if len(s.sources) == 0 {
		return answer{status: s.look(false)}
	}
	if at >= len(s.sources) {
		// Behind the last recording is its end, and the next round where there is one.
		at, position = len(s.sources)-1, math.MaxInt64
	}
	if s.ahead != nil {
		s.maker.done(s.ahead)
		s.ahead = nil
	}
	s.ended = false
	s.report.Jumps++
	here, err := s.maker.jump(ctx, s.sent, at, position)
	if s.sent != nil {
		here.play = s.sent.play
		// It is played at once, however long it took to find it.
		s.timeline.move(time.Now(), float64(here.play))
	}
	s.here = here
	return answer{status: s.look(true), err: err}
}

// look is how far it is.
func (s *sender) look(changed bool) Status {
	st := Status{
		Recordings: len(s.sources), Position: s.here.position, Time: s.here.latest, Played: s.here.play,
		Speed: s.timeline.speed, Paused: s.timeline.held, Changed: changed, Loop: s.options.Loop,
		Ended: s.ended, Messages: s.report.Messages, Events: s.report.Events, UnderWay: len(s.window),
		Lateness: s.late.report(),
	}
	if at := s.here.at; at < len(s.sources) {
		st.Index, st.Recording = at+1, s.sources[at].Recording
	}
	return st
}
