package control

import (
	"context"

	"github.com/nats-io/nats.go"
)

// Learning is the answer to a [LearningRequest]: where in the stream learning was
// turned on or off, behind so many events of the sensor and behind the message of this
// number, where messages are numbered.
type Learning struct {
	Sensor   string  `json:"sensor"`
	Learning bool    `json:"learning"`
	Changed  bool    `json:"changed"` // false where it was so already
	Events   uint64  `json:"events"`
	Seq      *uint64 `json:"seq,omitempty"`
}

func (c *Control) learning(ctx context.Context, r LearningRequest, answer *nats.Msg) error {
	done, err := c.daemon.SetLearning(ctx, r.Sensor, *r.Learning)
	if err != nil {
		return err
	}
	return c.encode(answer, Learning{
		Sensor: r.Sensor, Learning: done.Learning, Changed: done.Changed, Events: done.Events, Seq: done.Seq,
	})
}
