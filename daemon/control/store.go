package control

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
)

// Stored is the answer to a request for a snapshot.
type Stored struct {
	Sensor string    `json:"sensor"`
	At     time.Time `json:"time"`
	Bytes  int64     `json:"bytes"`
	// Sequence is the number of the last message of the stream that is in it, 0 where
	// messages do not come from one.
	Sequence uint64  `json:"stream_seq,omitempty"`
	Events   uint64  `json:"events"`
	Seq      *uint64 `json:"seq,omitempty"` // number of the last message, as its sender counts
}

func (c *Control) snapshot(ctx context.Context, r SensorRequest, answer *nats.Msg) error {
	done, err := c.daemon.StoreNow(ctx, r.Sensor)
	if err != nil {
		return err
	}
	return c.encode(answer, Stored{
		Sensor: r.Sensor, At: done.Checkpoint.At, Bytes: done.Checkpoint.Bytes, Sequence: done.Checkpoint.Sequence,
		Events: done.Events, Seq: done.Seq,
	})
}

// Drained is the answer to a request for a drain.
type Drained struct {
	Sensor string `json:"sensor"`
	Stored bool   `json:"stored"` // its state
	// Sequence is the number of the last message of the stream that it has seen.
	Sequence *uint64 `json:"stream_seq,omitempty"`
	Events   uint64  `json:"events"`
	Seq      *uint64 `json:"seq,omitempty"`
	// Daemon is whose the sensor stays: with its next message it is there again.
	Daemon string `json:"daemon,omitempty"`
}

func (c *Control) drain(ctx context.Context, r SensorRequest, answer *nats.Msg) error {
	done, err := c.daemon.Drain(ctx, r.Sensor)
	if err != nil {
		return err
	}
	return c.encode(answer, Drained{
		Sensor: r.Sensor, Stored: done.Stored, Sequence: done.Position, Events: done.Events, Seq: done.Seq, Daemon: c.node,
	})
}
