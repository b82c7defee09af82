package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/progress"
	"github.com/saccade-dev/saccade/daemon/replay"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/edit"
)

type replayCmd struct {
	Paths      []string      `arg:"" name:"path" help:"Recordings, and folders of them."`
	Sensor     string        `help:"Name of the sensor to publish as." default:"replay"`
	Speed      string        `help:"How many times faster than recorded, or max for as fast as they are taken." default:"1"`
	Loop       bool          `help:"Begin again after the last recording, time carried on."`
	Shuffle    *uint64       `help:"Replay in an order drawn by this seed." placeholder:"SEED"`
	Encoding   string        `help:"How events are encoded in messages." default:"mono"`
	Geometry   geometry      `help:"The sensor's size, where recordings do not say." placeholder:"WxH"`
	Topic      string        `help:"Of ROS bags, the topic to read; else the first with events." placeholder:"NAME"`
	PacketTime time.Duration `help:"Longest time that a message spans; 1ms, or none with --speed max; 0 for none." placeholder:"TIME"`
	Packet     int           `help:"Most events in a message." default:"4096"`
	Window     int           `help:"Messages under way without an acknowledgement." default:"8"`
	GiveUp     time.Duration `help:"How long to go on without an acknowledgement." default:"60s"`
	From       *edit.Time    `help:"Begin each recording there: 1.5s behind its first event, or @11718656us by its own clock." placeholder:"TIME"`
	To         *edit.Time    `help:"End each recording before that." placeholder:"TIME"`
	JSON       bool          `name:"json" help:"Print one JSON object."`
	NATS       natsFlags     `embed:""`
}

func (c *replayCmd) options(g given) (replay.Options, error) {
	o := replay.Options{
		Encoding: c.Encoding, Geometry: c.Geometry.Geometry, Topic: c.Topic, Loop: c.Loop, From: c.From, To: c.To,
		PacketEvents: c.Packet, PacketTime: c.PacketTime,
		Window: c.Window, AckTimeout: 5 * time.Second, GiveUp: c.GiveUp,
	}
	var err error
	if o.Speed, err = parseSpeed(c.Speed); err != nil {
		return o, usageError{fmt.Errorf("--speed %s: %w", c.Speed, err)}
	}
	if o.Speed > 0 && !g["packet-time"] {
		o.PacketTime = time.Millisecond
	}
	switch {
	case c.Packet < 1 || c.Packet > 1<<16:
		return o, usageError{fmt.Errorf("--packet: expected 1 to 65536, found %d", c.Packet)}
	case c.Window < 1 || c.Window > 1<<12:
		return o, usageError{fmt.Errorf("--window: expected 1 to 4096, found %d", c.Window)}
	case c.PacketTime < 0:
		return o, usageError{fmt.Errorf("--packet-time: expected 0 or more, found %v", c.PacketTime)}
	case c.From != nil && c.To != nil && c.From.Absolute == c.To.Absolute && c.To.US <= c.From.US:
		return o, usageError{fmt.Errorf("--to: expected more than --from, %v, found %v", c.From, c.To)}
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
	ctx, end := context.WithCancelCause(e.ctx)
	defer end(nil)
	nc, subjects, err := c.NATS.connect(e, bus.ConnectOptions{Reconnect: true, NoBuffer: true, OnChange: onRefusal(end)})
	if err != nil {
		return err
	}
	defer nc.Close()
	defer closeRefused(ctx, nc)()
	s, err := subjects.Sensor(c.Sensor)
	if err != nil {
		return err
	}
	o.Subject = s.Events
	o.Control = replay.NewControl()
	steering := c.steer(e, o.Control)
	bars := e.bars()
	if c.Loop { // without end there is nothing to draw
		bars = progress.New(e.stderr, progress.None)
	}
	stage := bars.Stage("replaying")
	step := stage.Steps(len(sources))
	ended := 0
	o.OnEnd = func(replay.Source) {
		if ended++; ended <= len(sources) { // whoever seeks may hear an end twice
			step()
		}
	}
	report, err := replay.Run(ctx, nc, sources, o)
	err = orRefused(ctx, err)
	steering.end()
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
	if r.Jumps > 0 {
		s += fmt.Sprintf("; jumped %s", plural(r.Jumps, "time"))
	}
	if l := &r.Lateness; l.Messages > 0 {
		s += "; " + late(l)
	}
	return printf(e.stdout, "%s\n", s)
}
