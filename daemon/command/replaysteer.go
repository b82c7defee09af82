package command

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/replay"
)

// steering is what steers a replay from outside: requests over NATS, and signals.
type steering struct {
	control *replay.Control
	stop    context.CancelFunc
	running sync.WaitGroup
}

// steer has the replay steered until [steering.end]. Where the server does not let its user be asked, the replay runs all the same.
func (c *replayCmd) steer(e *env, control *replay.Control) *steering {
	ctx, stop := context.WithCancel(e.ctx)
	s := &steering{control: control, stop: stop}
	heard := signals()
	s.running.Go(func() {
		defer heard.end()
		heard.steer(ctx, control)
	})
	s.running.Go(func() { c.serve(ctx, e, control) })
	return s
}

// serve takes requests over NATS, on a connection of its own: what is refused or lost there does not concern the
// events.
func (c *replayCmd) serve(ctx context.Context, e *env, control *replay.Control) {
	own := *e
	// What becomes of the connection is told of the other one, and what is refused below.
	own.ctx, own.log = ctx, slog.New(slog.DiscardHandler)
	nc, _, err := c.NATS.connect(&own, bus.ConnectOptions{Reconnect: true})
	if err == nil {
		defer nc.Close()
		var s *replay.Service
		if s, err = replay.Serve(ctx, nc, c.NATS.Prefix, c.Sensor, control); err == nil {
			<-ctx.Done()
			err = s.Close()
		}
	}
	if err != nil && ctx.Err() == nil {
		e.log.Warn("the replay runs, and cannot be steered over NATS", "error", err)
	}
}

// end returns when nothing steers any more.
func (s *steering) end() {
	s.stop()
	s.running.Wait()
}

// pauseTime is how long a stop of the process waits for what is under way to be acknowledged.
const pauseTime = time.Second

// pause pauses, and tells whether the replay was not paused before.
func pause(ctx context.Context, control *replay.Control) bool {
	ctx, cancel := context.WithTimeout(ctx, pauseTime)
	defer cancel()
	st, err := control.Do(ctx, replay.Command{Op: replay.OpPause})
	if err != nil { // it is paused, and something is not acknowledged yet
		st, err = control.Do(context.WithoutCancel(ctx), replay.Command{Op: replay.OpStatus})
		return err == nil && st.Paused
	}
	return st.Changed
}
