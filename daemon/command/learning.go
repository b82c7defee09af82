package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/control"
)

// askTimeout is longer than a daemon has a request wait: whoever asks learns what
// became of it.
const askTimeout = 15 * time.Second

// sensorFlags say which sensor of which daemon is asked.
type sensorFlags struct {
	Sensor string    `required:"" help:"The sensor." placeholder:"NAME"`
	NATS   natsFlags `embed:""`
}

type learningCmd struct {
	State string `arg:"" enum:"on,off" help:"on: learn; off: weights and thresholds stay as they are."`
	JSON  bool   `name:"json" help:"Print one JSON object."`
	sensorFlags
}

func (c *learningCmd) Run(e *env) error {
	on := c.State == "on"
	data, err := c.ask(e, control.EndpointLearning, control.LearningRequest{Sensor: c.Sensor, Learning: &on})
	if err != nil {
		return err
	}
	var l control.Learning
	if err := json.Unmarshal(data, &l); err != nil {
		return fmt.Errorf("the daemon's answer: %w", err)
	}
	if c.JSON {
		return printJSON(e.stdout, json.RawMessage(data))
	}
	return printf(e.stdout, "%s\n", switched(l))
}

// switched says what the daemon has done.
func switched(l control.Learning) string {
	what := "frozen"
	if l.Learning {
		what = "on"
	}
	sensor := printable(l.Sensor)
	if !l.Changed {
		return fmt.Sprintf("%s: learning was %s already, %s so far", sensor, what, plural(l.Events, "event"))
	}
	where := fmt.Sprintf("%s: learning is %s, from behind %s", sensor, what, plural(l.Events, "event"))
	if l.Seq != nil {
		where += " (message " + grouped(*l.Seq) + ")"
	}
	return where
}

// ask asks a daemon about the sensor.
func (f *sensorFlags) ask(e *env, endpoint string, request any) ([]byte, error) {
	if err := bus.CheckSensor(f.Sensor); err != nil {
		return nil, usageError{err}
	}
	asking, end := context.WithCancelCause(e.ctx)
	defer end(nil)
	nc, _, err := f.NATS.connect(e, bus.ConnectOptions{OnChange: onRefusal(end)})
	if err != nil {
		return nil, err
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(asking, askTimeout)
	defer cancel()
	data, err := control.Ask(ctx, nc, f.NATS.Prefix, endpoint, request)
	err = orRefused(asking, err)
	// The server also says, and may do so before, that nobody takes what it refuses.
	if errors.Is(err, control.ErrNobody) {
		if no := bus.Subscribed(e.ctx, nc); bus.Refused(no) != nil {
			err = no
		}
	}
	if errors.Is(err, control.ErrNobody) && e.ctx.Err() == nil {
		return nil, fmt.Errorf("%w: does one run that accepts sensor %s?", err, f.Sensor)
	}
	if no, said := errors.AsType[*control.Error](err); said {
		return nil, errors.New(printable(no.Description))
	}
	return data, err
}
