package replay

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Op is what a replay can be told.
type Op uint8

// What a replay can be told. [OpStatus] changes nothing and is answered at once; the others are done in the order in
// which they come, and those that stop or jump when all that is under way is acknowledged.
const (
	OpStatus   Op = iota
	OpPause       // send nothing more
	OpResume      // go on from there
	OpToggle      // pause, or resume
	OpSeek        // go on from another place of the recording
	OpSpeed       // at another pace
	OpNext        // go on with the next recording
	OpPrevious    // with the one before
	OpForgive     // do not make up for what is late: after a stop of the whole process
	ops
)

var opNames = [ops]string{"status", "pause", "resume", "toggle", "seek", "speed", "next", "previous", "forgive"}

// String is its name, as the endpoints have it.
func (o Op) String() string { return opNames[o] }

// Command tells a replay to do something.
type Command struct {
	Op Op
	// To is where [OpSeek] goes, behind the recording's first event, or with Relative behind
	// where the replay is. What lies before the part that is replayed is its beginning, what
	// lies behind it its end.
	To       time.Duration
	Relative bool
	// Speed is that of [OpSpeed], 0 for as fast as messages are taken.
	Speed float64
}

func (c Command) check() error {
	switch {
	case c.Op >= ops:
		return errors.New("replay: no such command")
	case c.Op == OpSeek && c.To < 0 && !c.Relative:
		return fmt.Errorf("seek: expected a place at 0 or behind it, found %v", c.To)
	case c.Op == OpSpeed && (!(c.Speed >= 0) || c.Speed > MaxSpeed):
		return fmt.Errorf("speed: expected 0 for as fast as possible, or up to %g, found %g", MaxSpeed, c.Speed)
	}
	return nil
}

// Status is how far a replay is.
type Status struct {
	Recording  string  `json:"recording"` // its name on the wire
	Index      int     `json:"index"`     // among the recordings, from 1
	Recordings int     `json:"recordings"`
	Position   int64   `json:"position_us"` // behind its first event
	Time       int64   `json:"time_us"`     // of the latest event that was sent, as carried on
	Played     int64   `json:"played_us"`   // of recordings since the replay began
	Speed      float64 `json:"speed"`       // 0 is as fast as messages are taken
	Paused     bool    `json:"paused"`
	Changed    bool    `json:"changed"` // by what was asked for
	Ended      bool    `json:"ended"`   // there is nothing more to come, unless somebody jumps back
	Loop       bool    `json:"loop"`
	Messages   int64   `json:"messages"`  // acknowledged
	Events     int64   `json:"events"`    // in these
	UnderWay   int     `json:"under_way"` // messages sent and not acknowledged
	// Lateness is that of messages sent at a pace so far.
	Lateness Lateness `json:"lateness"`
}

// ErrEnded says that the replay has ended.
var ErrEnded = errors.New("the replay has ended")

// Control steers one replay, from any number of goroutines: see [Options].
type Control struct {
	commands, asks chan *request
	ended          chan struct{}
}

// NewControl makes one, for one [Run].
func NewControl() *Control {
	return &Control{commands: make(chan *request), asks: make(chan *request), ended: make(chan struct{})}
}

// request is a command that is under way.
type request struct {
	Command
	ctx    context.Context //nolint:containedctx // of whoever asks, who may be gone when it is its turn
	answer chan answer

	changed bool // by a pause
}

type answer struct {
	status Status
	err    error
}

// Do has a replay do something and gives how far it is then: a pause is answered when nothing is under way any more, a jump
// when the place was found. What was not begun by the end of ctx is not done. After the replay's end it is [ErrEnded].
func (c *Control) Do(ctx context.Context, command Command) (Status, error) {
	if err := command.check(); err != nil {
		return Status{}, err
	}
	r := &request{Command: command, ctx: ctx, answer: make(chan answer, 1)}
	to := c.commands
	if command.Op == OpStatus {
		to = c.asks
	}
	select {
	case to <- r:
	case <-ctx.Done():
		return Status{}, ctx.Err()
	case <-c.ended:
		return Status{}, ErrEnded
	}
	select {
	case a := <-r.answer:
		return a.status, a.err
	case <-ctx.Done():
		return Status{}, ctx.Err()
	case <-c.ended:
	}
	select {
	case a := <-r.answer:
		return a.status, a.err
	default:
		return Status{}, ErrEnded
	}
}

func (c *Control) end() {
	if c != nil {
		close(c.ended)
	}
}

// questions are those for the status; nil where nobody steers.
func (c *Control) questions() <-chan *request {
	if c == nil {
		return nil
	}
	return c.asks
}
