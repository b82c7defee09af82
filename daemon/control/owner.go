package control

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/service"
)

// errElsewhere ends a request that another daemon answers.
var errElsewhere = errors.New("another daemon has the sensor")

// elsewhere is for a request about a sensor that this daemon does not work on, of several
// that share sensors. The one that has it answers, and nobody else; where none has, all of
// the others say so, so that whoever asks need not wait.
func (c *Control) elsewhere(ctx context.Context, sensor string, away bool) error {
	owner, err := c.owner(ctx, sensor)
	switch {
	case err != nil:
		return refuse(codeBusy, "which daemon has sensor %s cannot be found out: %v", sensor, err)
	case owner == "":
		return refuse(codeUnknown, "%s: %v: no daemon has it", sensor, service.ErrNoSensor)
	case owner != c.node:
		return errElsewhere
	case away:
		return putAway(sensor)
	default:
		return refuse(codeConflict, "%s: the sensor is about to be taken up: ask again", sensor)
	}
}

func putAway(sensor string) error {
	return refuse(codeConflict, "%s: the sensor sends nothing and was put away: it is here again with its next message", sensor)
}

// notHere is the task for a sensor that is not worked on here.
func (c *Control) notHere(sensor string, away bool) *task {
	return &task{sensor, func(ctx context.Context, _ *nats.Msg) error { return c.elsewhere(ctx, sensor, away) }}
}
