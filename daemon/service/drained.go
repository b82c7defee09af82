package service

import (
	"context"
	"fmt"

	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// Drained is a sensor that was put away.
type Drained struct {
	Stand
	// Stored tells whether its state is stored.
	Stored bool
	// Position is the number of the last message of the stream that it has seen, nil where its
	// messages do not come from one.
	Position *uint64
}

// Drain processes what was accepted of a sensor, stores its state and puts it away: its
// memory and its device are free. What was accepted is what was received before, or what
// was in the stream when Drain was called. It is not held off: with its next message the
// sensor is here again, with its state, and meanwhile it stays this daemon's. Where ctx
// ends before, what was begun goes on, but for a sensor whose turn has not come.
func (s *Service) Drain(ctx context.Context, name string) (Drained, error) {
	sn := s.find(name)
	switch {
	case sn == nil:
		return Drained{}, fmt.Errorf("%s: %w", name, ErrNoSensor)
	case sn.stream != nil:
		return s.drainStream(ctx, sn)
	}
	var done Drained
	err := s.do(ctx, name, &job{done: make(chan error, 1), do: func(p *pipeline.Pipeline) error {
		sn.leave()
		done.Stand = sn.placeOf(p)
		return nil
	}})
	if err != nil {
		return done, err
	}
	if err := sn.awaitEnd(ctx); err != nil {
		return done, err
	}
	done.Stored = s.options.Store != nil
	return done, nil
}

// awaitEnd waits for a sensor that ends, and says how it ended.
func (sn *sensor) awaitEnd(ctx context.Context) error {
	select {
	case <-sn.ended:
		return sn.failed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave takes the sensor out of the list, between two of its messages. What comes from now
// on is another one's of the same name, which begins when this one has stored its state.
func (sn *sensor) leave() {
	s := sn.service
	s.entry.Lock() // so that no message is on its way into the queue
	defer s.entry.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || sn.leaves {
		return // it ends anyway
	}
	delete(s.sensors, sn.name)
	s.leaving[sn.name] = sn
	sn.leaves = true
}

// rest is the end of a sensor that leaves: what waits is processed, and the state stored.
func (sn *sensor) rest(ctx context.Context) {
	s := sn.service
	for len(sn.queue) > 0 {
		sn.take(<-sn.queue)
	}
	sn.outside.pulse.beat()
	sn.failed = sn.finish(ctx)
	sn.outside.pulse.rest()
	if g := geometryOf(sn.pipe); sn.guard.sized && g.Known() {
		s.guard.pixels.Add(-int64(g.Width) * int64(g.Height))
	}
	if sn.failed != nil {
		s.options.Log.Error("a sensor was put away without its state", logSensor, sn.name, logError, sn.failed)
	} else {
		s.options.Log.Info("a sensor was put away", logSensor, sn.name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving[sn.name] == sn {
		delete(s.leaving, sn.name)
	}
	if s.sensors[sn.name] == nil {
		seen := sn.snapshot()
		seen.Away = true
		s.away[sn.name] = &resting{seen: seen}
	}
}

// drained tells whether the sensor has seen what it was to see before it is put away.
func (st *streamed) drained() bool {
	return st.drain != nil && (st.position.Seq >= st.drain.Seq || st.position.Epoch != st.drain.Epoch)
}

// drainStream puts a sensor away that stands behind all that is in the stream now.
func (s *Service) drainStream(ctx context.Context, sn *sensor) (Drained, error) {
	last, err := s.options.Streams.Streams.Newest(ctx, sn.name)
	if err != nil {
		return Drained{}, err
	}
	err = s.do(ctx, sn.name, &job{done: make(chan error, 1), do: func(*pipeline.Pipeline) error {
		if last.Seq > 0 {
			sn.stream.drain = &last
		} else { // nothing is in the stream
			sn.stream.drain = &sn.stream.position
		}
		return nil
	}})
	if err != nil {
		return Drained{}, err
	}
	if err := sn.awaitEnd(ctx); err != nil {
		return Drained{}, err
	}
	at := sn.stream.position.Seq
	return Drained{Stand: sn.placeOf(sn.pipe), Stored: true, Position: &at}, nil
}
