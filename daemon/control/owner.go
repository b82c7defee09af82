package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/checkpoint"
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
		return c.nobodys(ctx, sensor)
	case owner != c.node:
		return errElsewhere
	case away:
		s, err := c.daemon.Sensor(sensor)
		if err != nil {
			return err
		}
		return putAway(&s)
	default:
		return refuse(codeConflict, "%s: the sensor is about to be taken up: ask again", sensor)
	}
}

// nobodys is for a sensor that no daemon has. Where it has checkpoints it was put away before, by a daemon that has
// ended: it is only taken up for what it sends, which may have been a long time ago and gone from the stream.
func (c *Control) nobodys(ctx context.Context, sensor string) error {
	store, err := checkpoint.Open(ctx, c.nc, c.prefix, c.copies)
	var list []checkpoint.Entry
	if err == nil {
		list, _, err = store.Series(sensor, checkpoint.MaxKept).Look(ctx)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: no daemon has it, and its checkpoints cannot be read: %w", sensor, err)
	case len(list) == 0:
		return refuse(codeUnknown, "%s: %v: no daemon has it", sensor, service.ErrNoSensor)
	}
	last := service.Checkpoint{At: list[0].Time, Bytes: list[0].Bytes, Sequence: list[0].Place.Seq}
	return refuse(codeConflict, "%s: no daemon has the sensor at the moment: it is here again with its next message%s", sensor, stood(last))
}

func putAway(s *service.Snapshot) error {
	return refuse(codeConflict, "%s: the sensor sends nothing and was put away: it is here again with its next message%s", s.Status.Sensor, stood(s.Checkpoint))
}

// stood says what the newest checkpoint is, if there is one.
func stood(c service.Checkpoint) string {
	if c.At.IsZero() {
		return ""
	}
	return fmt.Sprintf("; its last checkpoint is of %s, behind message %d of the stream, %d bytes", c.At.UTC().Format(time.RFC3339), c.Sequence, c.Bytes)
}

// notHere is the task for a sensor that is not worked on here.
func (c *Control) notHere(sensor string, away bool) *task {
	return &task{of: sensor, do: func(ctx context.Context, _ *nats.Msg) error { return c.elsewhere(ctx, sensor, away) }}
}
