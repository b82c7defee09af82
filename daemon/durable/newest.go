package durable

import (
	"context"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// Newest gives where a sensor's newest message is; its number is 0 where there is none. What is not
// seen here may not be looked for again before the next message comes.
func (s *Streams) Newest(ctx context.Context, sensor string) (Position, error) {
	subjects, err := s.options.Subjects.Sensor(sensor)
	if err != nil {
		return Position{}, err
	}
	epoch, _, err := s.state(ctx)
	if err != nil {
		return Position{}, err
	}
	last, err := bus.Last(ctx, s.nc, s.options.Events.Name, subjects.Events)
	if err != nil || last == nil {
		return Position{Epoch: epoch}, err
	}
	return Position{Epoch: epoch, Seq: last.Seq}, nil
}
