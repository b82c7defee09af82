package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/events"
)

type replayCmd struct {
	Paths      []string      `arg:"" name:"path" help:"Recordings, and folders of them."`
	Sensor     string        `help:"Name of the sensor to publish as." default:"replay"`
	Speed      string        `help:"How many times faster than recorded, or max for as fast as they are taken." default:"1"`
	Loop       bool          `help:"Begin again after the last recording, time carried on."`
	Shuffle    *uint64       `help:"Replay in an order drawn by this seed." placeholder:"SEED"`
	Encoding   string        `help:"How events are encoded in messages." default:"mono"`
	Geometry   geometry      `help:"The sensor's size, where recordings do not say." placeholder:"WxH"`
	PacketTime time.Duration `help:"Longest time that a message spans; 1ms, or none with --speed max; 0 for none." placeholder:"TIME"`
	Packet     int           `help:"Most events in a message." default:"4096"`
	Window     int           `help:"Messages under way without an acknowledgement." default:"8"`
	GiveUp     time.Duration `help:"How long to go on without an acknowledgement." default:"60s"`
	JSON       bool          `name:"json" help:"Print one JSON object."`
	NATS       natsFlags     `embed:""`
}

func (c *replayCmd) options(g given) (replay.Options, error) {
	o := replay.Options{
		Encoding: c.Encoding, Geometry: c.Geometry.Geometry, Loop: c.Loop,
		PacketEvents: c.Packet, PacketTime: c.PacketTime,
		Window: c.Window, AckTimeout: 5 * time.Second, GiveUp: c.GiveUp,
	}
	if c.Speed != "max" {
		v, err := strconv.ParseFloat(c.Speed, 64)
		if err != nil || !(v > 0 && v <= 1e9) {
			return o, usageError{fmt.Errorf("--speed %s: expected a number above 0, or max", c.Speed)}
		}
		o.Speed = v
		if !g["packet-time"] {
			o.PacketTime = time.Millisecond
		}
	}
	switch {
	case c.Packet < 1 || c.Packet > 1<<16:
		return o, usageError{fmt.Errorf("--packet: expected 1 to 65536, found %d", c.Packet)}
	case c.Window < 1 || c.Window > 1<<12:
		return o, usageError{fmt.Errorf("--window: expected 1 to 4096, found %d", c.Window)}
	case c.PacketTime < 0:
		return o, usageError{fmt.Errorf("--packet-time: expected 0 or more, found %v", c.PacketTime)}
	case c.GiveUp <= 0:
		return o, usageError{fmt.Errorf("--give-up: expected more than 0, found %v", c.GiveUp)}
	}
	if _, err := events.EncodingByName(c.Encoding); err != nil {
		return o, usageError{err}
	}
	return o, nil
}

func (c *replayCmd) Run(e *env) error {
	o, err := c.options(e.given)
	if err != nil {
		return err
	}
	if err := bus.CheckSensor(c.Sensor); err != nil {
		return usageError{err}
	}
	sources, err := replay.Sources(c.Paths)
	if err != nil {
		return err
	}
	if c.Shuffle != nil {
		replay.Shuffle(sources, *c.Shuffle)
	}
	nc, subjects, err := c.NATS.connect(e, bus.ConnectOptions{Reconnect: true, NoBuffer: true})
	if err != nil {
		return err
	}
	defer nc.Close()
	s, err := subjects.Sensor(c.Sensor)
	if err != nil {
		return err
	}
	o.Subject = s.Events
	bars := e.bars()
	if c.Loop { // without end there is nothing to draw
		bars = progress.New(e.stderr, progress.None)
	}
	stage := bars.Stage("replaying")
	step := stage.Steps(len(sources))
	o.OnEnd = func(replay.Source) { step() }
	report, err := replay.Run(e.ctx, nc, sources, o)
	stage.End()
	bars.Close()
	// What was acknowledged is told whatever ended the replay.
	if perr := c.print(e, report); perr != nil {
		return perr
	}
	if c.Loop && e.ctx.Err() != nil && isOnly(err, context.Canceled) {
		return nil // a loop has no other end
	}
	return err
}

// isOnly tells whether an error is target and nothing besides.
func isOnly(err, target error) bool {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return errors.Is(err, target)
	}
	for _, e := range joined.Unwrap() {
		if !isOnly(e, target) {
			return false
		}
	}
	return true
}

func (c *replayCmd) print(e *env, r replay.Report) error {
	if c.JSON {
		return printJSON(e.stdout, r)
	}
	s := fmt.Sprintf("%s, %s events in %s acknowledged in %.2f s", plural(r.Recordings, "recording"),
		grouped(r.Events), plural(r.Messages, "message"), r.Seconds)
	if r.Events > 0 && r.Seconds > 0 {
		s += fmt.Sprintf(": %s events/s", rate(float64(r.Events)/r.Seconds))
	}
	if r.Rejected > 0 {
		s += fmt.Sprintf("; %s rejected in part or whole", grouped(r.Rejected))
	}
	if r.Resent > 0 {
		s += fmt.Sprintf("; %s sent again", grouped(r.Resent))
	}
	return printf(e.stdout, "%s\n", s)
}
