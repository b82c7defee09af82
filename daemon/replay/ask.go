package replay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// ErrNobody says that no replay answers.
var ErrNobody = errors.New("no replay answers")

// Ask has the replay that publishes as a sensor do something, over NATS: see [Service]. None by the end of ctx, or at
// once where nobody listens, is [ErrNobody].
func Ask(ctx context.Context, nc *nats.Conn, prefix, sensor string, c Command) (Status, error) {
	var status Status
	if err := c.check(); err != nil {
		return status, err
	}
	subjects, err := bus.NewSubjects(prefix)
	if err == nil {
		err = bus.CheckSensor(sensor)
	}
	if err != nil {
		return status, err
	}
	var data []byte
	if r := c.request(); r != nil {
		if data, err = json.Marshal(r); err != nil {
			return status, err
		}
	}
	subject := subjects.Replay(sensor) + "." + c.Op.String()
	m, err := nc.RequestWithContext(ctx, subject, data)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return status, fmt.Errorf("%w on %s", ErrNobody, subject)
	case errors.Is(err, context.DeadlineExceeded):
		return status, fmt.Errorf("%w on %s in time", ErrNobody, subject)
	case err != nil:
		return status, err
	}
	if m.Header.Get(micro.ErrorCodeHeader) != "" {
		return status, errors.New(m.Header.Get(micro.ErrorHeader))
	}
	if err := json.Unmarshal(m.Data, &status); err != nil {
		return status, fmt.Errorf("the replay's answer: %w", err)
	}
	return status, nil
}
