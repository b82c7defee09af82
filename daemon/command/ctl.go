package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
)

type ctlCmd struct {
	Sensors  ctlSensorsCmd  `cmd:"" help:"List the sensors of all daemons."`
	Show     ctlShowCmd     `cmd:"" help:"Show all that can be seen of a sensor."`
	Freeze   ctlFreezeCmd   `cmd:"" help:"Have weights and thresholds stay as they are."`
	Thaw     ctlThawCmd     `cmd:"" help:"Have learning go on."`
	Anneal   ctlAnnealCmd   `cmd:"" help:"Change learning rates."`
	Load     ctlLoadCmd     `cmd:"" help:"Put a model file in the place of what a sensor has learned."`
	Model    ctlModelCmd    `cmd:"" help:"Write what a sensor has learned by now as a model file."`
	Snapshot ctlSnapshotCmd `cmd:"" help:"Store a sensor's state now."`
	Drain    ctlDrainCmd    `cmd:"" help:"Process what was accepted, store the state and put the sensor away until it sends again."`
	Pipeline ctlPipelineCmd `cmd:"" help:"Give a sensor another pipeline of the configuration."`
	Replay   ctlReplayCmd   `cmd:"" help:"Pause, move and steer a replay that runs."`
	Daemons  ctlDaemonsCmd  `cmd:"" help:"List the daemons."`
	Reload   ctlReloadCmd   `cmd:"" help:"Have all daemons read their configuration again, and apply all of it or nothing."`
}

// ctlFlags are those of every command to a running daemon.
type ctlFlags struct {
	JSON bool      `name:"json" help:"Print one JSON object."`
	NATS natsFlags `embed:""`
}

// ctlSensor is a command about one sensor.
type ctlSensor struct {
	Sensor string `arg:"" help:"The sensor."`
	ctlFlags
}

// ask asks the daemon that has the sensor, and prints its answer: the object itself, or the
// line that text makes of it.
func (c *ctlSensor) ask(e *env, endpoint string, request, into any, text func() string) error {
	f := sensorFlags{Sensor: c.Sensor, NATS: c.NATS}
	data, err := f.ask(e, endpoint, request)
	if err != nil {
		return err
	}
	return c.print(e, data, into, text)
}

func (c *ctlFlags) print(e *env, data []byte, into any, text func() string) error {
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("the daemon's answer: %w", err)
	}
	if c.JSON {
		return printJSON(e.stdout, json.RawMessage(data))
	}
	return printf(e.stdout, "%s\n", text())
}

// connected connects for the time of a request to all daemons.
func (c *ctlFlags) connected(e *env, do func(ctx context.Context, nc *nats.Conn) error) error {
	asking, end := context.WithCancelCause(e.ctx)
	defer end(nil)
	nc, _, err := c.NATS.connect(e, bus.ConnectOptions{OnChange: onRefusal(end)})
	if err != nil {
		return err
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(asking, askTimeout)
	defer cancel()
	return orRefused(asking, do(ctx, nc))
}

// refusals joins what daemons refuse.
func refusals(answers []control.Answer) (err error) {
	for _, a := range answers {
		if a.Err != nil {
			err = errors.Join(err, errors.New(printableLines(a.Err.Error())))
		}
	}
	return err
}

// printableLines is a text from outside with its lines kept.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// place says where in its stream something was done to a sensor.
func place(events uint64, seq *uint64) string {
	text := "behind " + plural(events, "event")
	if seq != nil {
		text += " (message " + grouped(*seq) + ")"
	}
	return text
}
