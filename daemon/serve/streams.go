package serve

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/checkpoint"
	"github.com/saccade-dev/saccade/daemon/cluster"
	"github.com/saccade-dev/saccade/daemon/config"
	"github.com/saccade-dev/saccade/daemon/durable"
	"github.com/saccade-dev/saccade/daemon/service"
)

// streams opens what a daemon needs whose sensors' messages come from a stream.
func (d *Daemon) streams(ctx context.Context, c *config.Config, subjects bus.Subjects, store *checkpoint.Store) (*service.Streams, error) {
	o := durable.Options{
		Prefix: c.NATS.Prefix, Subjects: subjects,
		Events:          streamOf(&c.Durable.Events, c, "events"),
		Results:         streamOf(&c.Durable.Results, c, "results"),
		MaxMessageBytes: int(c.Ingest.MaxMessageBytes),
		PendingMessages: c.Ingest.PendingMessages,
		PendingBytes:    int(c.Ingest.PendingBytes),
	}
	streams, err := durable.Open(ctx, d.nc, o)
	if err != nil {
		return nil, fmt.Errorf("ingest.mode %s: %w", config.IngestStream, err)
	}
	return &service.Streams{
		Streams: streams, Checkpoints: store,
		Every: c.Durable.Checkpoint.Every, EveryBytes: int64(c.Durable.Checkpoint.EveryBytes), Keep: c.Durable.Checkpoint.Keep,
		Idle: c.Ingest.Sensors.Idle,
	}, nil
}

// patience is how long a start waits for the JetStream of somebody else's servers, whose leader
// may be elected at this moment.
const patience = 30 * time.Second

// patiently is f, tried for a while.
func (d *Daemon) patiently(ctx context.Context, f func() error) func() error {
	return func() error {
		const every = time.Second
		for begun := time.Now(); ; {
			err := f()
			if err == nil || time.Since(begun) > patience || ctx.Err() != nil ||
				errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
				return err
			}
			d.log.Warn("JetStream does not answer: trying again", logError, err)
			select {
			case <-ctx.Done():
				return err
			case <-time.After(every):
			}
		}
	}
}

func streamOf(s *config.Stream, c *config.Config, what string) durable.Stream {
	out := durable.Stream{
		Name: s.Name, Memory: s.Storage == config.StorageMemory, Replicas: c.Durable.Replicas,
		MaxBytes: int64(s.MaxBytes), MaxAge: s.MaxAge, Full: s.Full == config.FullRefuse,
	}
	if out.Name == "" {
		out.Name = durable.Name(c.NATS.Prefix, what)
	}
	return out
}

// share has the daemon share sensors with others.
func (d *Daemon) share(ctx context.Context, c *config.Config, streams *durable.Streams) error {
	name, err := c.Cluster.Own()
	if err != nil {
		return err
	}
	d.cluster, err = cluster.New(ctx, d.nc, cluster.Options{
		Prefix: c.NATS.Prefix, Name: name, Lease: c.Cluster.Lease, Replicas: c.Durable.Replicas,
		Accepts: d.plans.accepts, Max: c.Ingest.Sensors.Max, Log: d.log,
	}, d.Service, streams)
	return err
}
