package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/replay"
)

type ctlReplayCmd struct {
	Pause    ctlReplayPauseCmd    `cmd:"" help:"Send nothing more; done when what is under way is acknowledged."`
	Resume   ctlReplayResumeCmd   `cmd:"" help:"Go on from there."`
	Seek     ctlReplaySeekCmd     `cmd:"" help:"Go on from another place of the recording."`
	Speed    ctlReplaySpeedCmd    `cmd:"" help:"Change how many times faster than recorded it is played."`
	Next     ctlReplayNextCmd     `cmd:"" help:"Go on with the next recording."`
	Previous ctlReplayPreviousCmd `cmd:"" help:"Go on with the recording before."`
	Status   ctlReplayStatusCmd   `cmd:"" help:"Tell how far the replay is."`
}

type ctlReplayPauseCmd struct{ ctlSensor }

func (c *ctlReplayPauseCmd) Run(e *env) error { return c.replay(e, replay.Command{Op: replay.OpPause}) }

type ctlReplayResumeCmd struct{ ctlSensor }

func (c *ctlReplayResumeCmd) Run(e *env) error {
	return c.replay(e, replay.Command{Op: replay.OpResume})
}

type ctlReplaySeekCmd struct {
	ctlSensor

	Place *time.Duration `arg:"" optional:"" help:"Where: 12.5s behind the recording's first event."`
	By    *time.Duration `help:"Or so far from where the replay is: 10s, or -10s." placeholder:"TIME"`
}

func (c *ctlReplaySeekCmd) Run(e *env) error {
	r := replay.Command{Op: replay.OpSeek, Relative: c.By != nil}
	switch {
	case (c.Place == nil) == (c.By == nil):
		return usageError{errors.New("expected a place, or --by")}
	case c.By != nil:
		r.To = *c.By
	case *c.Place < 0:
		return usageError{fmt.Errorf("place: expected 0s or more, found %v; --by goes back from where the replay is", *c.Place)}
	default:
		r.To = *c.Place
	}
	return c.replay(e, r)
}

type ctlReplaySpeedCmd struct {
	ctlSensor

	Speed string `arg:"" help:"How many times faster than recorded, or max for as fast as messages are taken."`
}

func (c *ctlReplaySpeedCmd) Run(e *env) error {
	v, err := parseSpeed(c.Speed)
	if err != nil {
		return usageError{fmt.Errorf("speed %s: %w", c.Speed, err)}
	}
	return c.replay(e, replay.Command{Op: replay.OpSpeed, Speed: v})
}

type ctlReplayNextCmd struct{ ctlSensor }

func (c *ctlReplayNextCmd) Run(e *env) error { return c.replay(e, replay.Command{Op: replay.OpNext}) }

type ctlReplayPreviousCmd struct{ ctlSensor }

func (c *ctlReplayPreviousCmd) Run(e *env) error {
	return c.replay(e, replay.Command{Op: replay.OpPrevious})
}

type ctlReplayStatusCmd struct{ ctlSensor }

func (c *ctlReplayStatusCmd) Run(e *env) error {
	return c.replay(e, replay.Command{Op: replay.OpStatus})
}

// replay tells the replay that publishes as the sensor something, and prints how far it is.
func (c *ctlSensor) replay(e *env, command replay.Command) error {
	if err := bus.CheckSensor(c.Sensor); err != nil {
		return usageError{err}
	}
	asking, end := context.WithCancelCause(e.ctx)
	defer end(nil)
	nc, _, err := c.NATS.connect(e, bus.ConnectOptions{OnChange: onRefusal(end)})
	if err != nil {
		return err
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(asking, askTimeout)
	defer cancel()
	status, err := replay.Ask(ctx, nc, c.NATS.Prefix, c.Sensor, command)
	err = orRefused(asking, err)
	// The server also says, and may do so before, that nobody takes what it refuses.
	if errors.Is(err, replay.ErrNobody) {
		if no := bus.Subscribed(e.ctx, nc); bus.Refused(no) != nil {
			err = no
		}
	}
	switch {
	case errors.Is(err, replay.ErrNobody) && e.ctx.Err() == nil:
		return fmt.Errorf("%w: does one run that publishes as sensor %s?", err, c.Sensor)
	case err != nil:
		return errors.New(printable(err.Error()))
	case c.JSON:
		return printJSON(e.stdout, status)
	default:
		return printf(e.stdout, "%s: %s\n", c.Sensor, replayed(&status))
	}
}

// replayed says how far a replay is, in a line.
func replayed(s *replay.Status) string {
	speed := "max"
	if s.Speed > 0 {
		speed = strconv.FormatFloat(s.Speed, 'g', -1, 64) + "x"
	}
	what := "plays"
	switch {
	case s.Ended && s.UnderWay == 0 && s.Paused:
		what = "paused at the end"
	case s.Paused:
		what = "paused"
	}
	text := fmt.Sprintf("%s at %v, %s, recording %d of %d: %s, %s acknowledged", what, time.Duration(s.Position)*time.Microsecond, speed,
		s.Index, s.Recordings, printable(s.Recording), plural(s.Events, "event"))
	if l := &s.Lateness; l.Messages > 0 {
		text += "; " + late(l)
	}
	return text
}

// late says how late messages were.
func late(l *replay.Lateness) string {
	us := func(v float64) string { return milliseconds(time.Duration(v * float64(time.Microsecond))) }
	return fmt.Sprintf("late by %s at most, %s in 99 of 100, drift %s", us(l.Max), us(l.P99), us(l.Drift))
}

// parseSpeed reads a speed, 0 for max.
func parseSpeed(text string) (float64, error) {
	if text == "max" {
		return 0, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v <= replay.MaxSpeed) {
		return 0, errors.New("expected a number above 0, or max")
	}
	return v, nil
}
