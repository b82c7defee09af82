package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/service"
)

// The endpoints.
const (
	EndpointLearning = "learning"
	EndpointHistory  = "history"
	EndpointSensors  = "sensors"
	EndpointModel    = "model"
	EndpointSensor   = "sensor"
	EndpointAnneal   = "anneal"
	EndpointLoad     = "load"
	EndpointSnapshot = "snapshot"
	EndpointDrain    = "drain"
	EndpointPipeline = "pipeline"
	EndpointReload   = "reload"
	EndpointUpload   = "upload"
)

// Subject is where an endpoint takes requests. That of [EndpointUpload] has a token more, the id of the daemon: all
// parts of a model go to one, and to no other.
func Subject(prefix, endpoint string) string { return prefix + ".control." + endpoint }

// task is what a request asks for.
type task struct {
	// of is what requests are kept in their order for: the sensor that it concerns, or the upload, if any.
	of string
	do func(ctx context.Context, answer *nats.Msg) error
	// timeout is how long it may take; 0 for as long as requests may as a rule. All of the same have the same.
	timeout time.Duration
}

// endpoint is one thing that can be asked.
type endpoint struct {
	name, description, request, answer string
	// prepare reads a request without waiting for anything. It gives nil where another
	// daemon is asked.
	prepare func(data []byte) (*task, error)
}

// subject is the endpoint's, below PREFIX.control.
func (e endpoint) subject(instance string) string {
	if e.name == EndpointUpload {
		return e.name + "." + instance
	}
	return e.name
}

// metadata describes an endpoint to those who ask for it (`nats micro info saccade`).
func (e endpoint) metadata() map[string]string {
	return map[string]string{"description": e.description, "request": e.request, "answer": e.answer}
}

func (c *Control) endpoints() []endpoint {
	out := append(append(c.reading(), c.changing()...), c.uploading())
	if c.plans != nil {
		out = append(out, c.planning()...)
	}
	return out
}

// reading are those that change nothing, and learning, which was there first.
func (c *Control) reading() []endpoint {
	return []endpoint{
		{
			EndpointLearning, "Freezes a sensor's learning, or has it go on, between two messages. The sensor's state keeps it.",
			`{"sensor": NAME, "learning": BOOL}`,
			`{"sensor": NAME, "learning": BOOL, "changed": BOOL, "events": COUNT, "seq": NUMBER}: behind so many events and the message of this number`,
			func(data []byte) (*task, error) {
				r, err := parseLearning(data)
				return c.mine(r.Sensor, err, func(ctx context.Context, answer *nats.Msg) error { return c.learning(ctx, r, answer) })
			},
		},
		{
			EndpointHistory, "The signals of a sensor's learning: the latest intervals, and the whole stream in steps.",
			`{"sensor": NAME}`,
			`{"sensor": NAME, "recent": [INTERVAL], "whole": [INTERVAL], ...}, at half the resolution, or less, where the server takes no message as large`,
			func(data []byte) (*task, error) {
				r, err := parseSensor(data)
				return c.mine(r.Sensor, err, func(ctx context.Context, answer *nats.Msg) error { return c.history(ctx, r, answer) })
			},
		},
		{
			EndpointSensors, "The sensors that this daemon serves, in the order of their names. Every daemon answers.",
			`nothing, or {"after": NAME, "limit": COUNT}`,
			`{"instance": ID, "sensors": [SENSOR], "more": BOOL}: with more, ask again after the last name`,
			func(data []byte) (*task, error) {
				r, err := parseSensors(data)
				if err != nil {
					return nil, err
				}
				return &task{do: func(_ context.Context, answer *nats.Msg) error { return c.sensors(r, answer) }}, nil
			},
		},
		{
			EndpointModel, "What a sensor has learned by now, as a model file.",
			`{"sensor": NAME}`,
			`the file's bytes`,
			func(data []byte) (*task, error) {
				r, err := parseSensor(data)
				return c.mine(r.Sensor, err, func(ctx context.Context, answer *nats.Msg) error { return c.model(ctx, r, answer) })
			},
		},
	}
}

// uploading is the endpoint of models that are uploaded. Its order is the upload's: no sensor has a name with a space.
func (c *Control) uploading() endpoint {
	return endpoint{
		EndpointUpload, "Takes a model in parts, one after the other, checks it, and stores it in the object store PREFIX-models.",
		`{"upload": ID, "name": OBJECT, "size": BYTES, "digest": DIGEST, "offset": BYTES, "data": BASE64, "replace": BOOL}`,
		`{"upload": ID, "received": BYTES, "size": BYTES, "stored": BOOL, "bucket": BUCKET, "name": OBJECT, "digest": DIGEST}`,
		func(data []byte) (*task, error) {
			r, err := parseUpload(data)
			if err != nil {
				return nil, err
			}
			return &task{"upload " + r.Upload, func(ctx context.Context, answer *nats.Msg) error { return c.upload(ctx, &r, answer) }, uploadTimeout}, nil
		},
	}
}

// mine gives a task that concerns a sensor of this daemon: nil where the sensor's name
// is another's, an error where the sensor has not appeared or cannot work.
func (c *Control) mine(sensor string, err error, do func(context.Context, *nats.Msg) error) (*task, error) {
	if err != nil {
		return nil, err
	}
	t, s, err := c.here(sensor)
	switch {
	case t != nil || s == nil || err != nil:
		return t, err
	case s.Away && c.owner != nil: // it may be another's by now
		return c.notHere(sensor, true), nil
	case s.Away:
		return nil, putAway(s)
	case s.Broken != nil:
		return nil, refuse(codeConflict, "%s: the sensor has no pipeline: %v", sensor, s.Broken)
	}
	return &task{of: sensor, do: do}, nil
}

// known gives a task that concerns a sensor of this daemon, be it put away or broken.
func (c *Control) known(sensor string, err error, do func(context.Context, *nats.Msg) error) (*task, error) {
	if err != nil {
		return nil, err
	}
	t, s, err := c.here(sensor)
	if t != nil || s == nil || err != nil {
		return t, err
	}
	return &task{of: sensor, do: do}, nil
}

// here gives what is seen of a sensor that is this daemon's, or the task of finding out who
// is to answer; neither where its name is another's.
func (c *Control) here(sensor string) (*task, *service.Snapshot, error) {
	if !c.daemon.Accepts(sensor) {
		return nil, nil, nil
	}
	s, err := c.daemon.Sensor(sensor)
	switch {
	case c.owner != nil && errors.Is(err, service.ErrNoSensor):
		return c.notHere(sensor, false), nil, nil
	case err != nil:
		return nil, nil, err
	}
	return nil, &s, nil
}

// encode puts an answer's object in place.
func (c *Control) encode(answer *nats.Msg, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if most := c.nc.MaxPayload(); int64(len(data)) > most {
		return tooLarge(int64(len(data)), most)
	}
	answer.Data = data
	return nil
}

func tooLarge(found, most int64) error {
	return &Error{codeLarge, fmt.Sprintf("the answer has %d bytes, and the server takes messages of %d", found, most)}
}
