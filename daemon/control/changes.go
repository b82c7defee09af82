package control

import (
	"context"

	"github.com/nats-io/nats.go"
)

// changing are the endpoints that look at one sensor or do something to it.
func (c *Control) changing() []endpoint {
	about := func(do func(context.Context, SensorRequest, *nats.Msg) error) func([]byte) (*task, error) {
		return func(data []byte) (*task, error) {
			r, err := parseSensor(data)
			return c.mine(r.Sensor, err, func(ctx context.Context, answer *nats.Msg) error { return do(ctx, r, answer) })
		}
	}
	return []endpoint{
		{
			EndpointSensor, "All that can be seen of a sensor: its status, its pipeline, where it stands in the stream, its newest checkpoint.",
			`{"sensor": NAME}`,
			`{"instance": ID, "sensor": NAME, "pipeline": NAME, "status": STATUS, "stream": {"seq", "lag", "term", "checkpoint"}, ...}`,
			func(data []byte) (*task, error) {
				r, err := parseSensor(data)
				return c.known(r.Sensor, err, func(_ context.Context, answer *nats.Msg) error { return c.inspect(r, answer) })
			},
		},
		{
			EndpointAnneal, "Changes a sensor's learning rates between two messages. The sensor's state keeps it.",
			`{"sensor": NAME, "layer": NUMBER or 0 for all, "factor": FACTOR, or "eta", "delta_i", "delta_e": RATE, "schedule": {"every_events", "factor", "floor"}}`,
			`{"sensor": NAME, "before": [RATES], "now": [RATES], "learning": BOOL, "events": COUNT, "seq": NUMBER}`,
			func(data []byte) (*task, error) {
				r, err := parseAnneal(data)
				return c.mine(r.Sensor, err, func(ctx context.Context, answer *nats.Msg) error { return c.anneal(ctx, r, answer) })
			},
		},
		{
			EndpointLoad, "Puts a model from an object store in the place of what a sensor has learned, between two messages, if it fits.",
			`{"sensor": NAME, "name": OBJECT, "bucket": BUCKET, PREFIX-models if none, "digest": DIGEST, "learning": BOOL, "reshape": BOOL}`,
			`{"sensor": NAME, "model": MODEL, "replaced": MODEL, "learning": BOOL, "events": COUNT, "seq": NUMBER}`,
			func(data []byte) (*task, error) {
				r, err := parseLoad(data)
				return c.mine(r.Sensor, err, func(ctx context.Context, answer *nats.Msg) error { return c.load(ctx, r, answer) })
			},
		},
		{
			EndpointSnapshot, "Stores a sensor's state now: a checkpoint, where its messages come from a stream.",
			`{"sensor": NAME}`, `{"sensor": NAME, "time": TIME, "bytes": COUNT, "stream_seq": NUMBER, "events": COUNT}`,
			about(c.snapshot),
		},
		{
			EndpointDrain, "Processes what was accepted of a sensor, stores its state and puts it away. It is there again with its next message.",
			`{"sensor": NAME}`, `{"sensor": NAME, "stored": BOOL, "stream_seq": NUMBER, "events": COUNT, "daemon": NAME}`,
			about(c.drain),
		},
	}
}

// planning are the endpoints of pipelines and of the configuration.
func (c *Control) planning() []endpoint {
	return []endpoint{
		{
			EndpointPipeline, "Gives a sensor another pipeline of the configuration, by its name, between two messages.",
			`{"sensor": NAME, "pipeline": NAME, or "default", or "auto" for the one that the sensor's name chooses}`,
			`{"sensor": NAME, "pipeline": NAME, "before": NAME, "changed": BOOL, "kept": BOOL, "learned_kept": BOOL, "kept_as": NAME, "events": COUNT}`,
			func(data []byte) (*task, error) {
				r, err := parsePipeline(data)
				return c.known(r.Sensor, err, func(ctx context.Context, answer *nats.Msg) error { return c.pipeline(ctx, r, answer) })
			},
		},
		{
			EndpointReload, "Reads the configuration again and applies it, all or nothing. Every daemon answers.",
			`nothing`, `{"instance": ID, "daemon": NAME, "fields": [{"field", "before", "after"}], "sensors": [NAME]}`,
			func(data []byte) (*task, error) {
				if err := parseNothing(data); err != nil {
					return nil, err
				}
				return &task{do: c.reload}, nil
			},
		},
	}
}
