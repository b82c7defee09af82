package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// keys of the key-value bucket PREFIX-config.
const (
	keyConfig   = "config"
	keyPipeline = "pipeline." // and a sensor's name
)

// openBucket opens the bucket of what is configured while daemons run, and makes it where
// it is not there; nil where there is no JetStream.
func openBucket(ctx context.Context, nc *nats.Conn, prefix string, replicas int) (jetstream.KeyValue, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	bucket := strings.ReplaceAll(prefix, ".", "-") + "-config"
	trying, tried := bus.UntilRefused(ctx, nc)
	kv, err := js.KeyValue(trying, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = js.CreateKeyValue(trying, jetstream.KeyValueConfig{
			Bucket: bucket, Description: "configuration of saccade's daemons, and pipelines that were assigned", Replicas: max(1, replicas), History: 8,
		})
		if errors.Is(err, jetstream.ErrBucketExists) || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // made by another daemon meanwhile
			kv, err = js.KeyValue(trying, bucket)
		}
	}
	if err = tried(err); err != nil {
		return nil, fmt.Errorf("key-value bucket %s: %w", bucket, err)
	}
	return kv, nil
}

// assigned are the pipelines that were assigned to sensors by name, in the bucket, where
// every daemon finds them, or in memory where there is none.
type assigned struct {
	kv  jetstream.KeyValue // nil: in memory
	log *slog.Logger

	mu    sync.Mutex
	known map[string]string // as seen last
}

func newAssigned(kv jetstream.KeyValue, log *slog.Logger) *assigned {
	return &assigned{kv: kv, log: log, known: map[string]string{}}
}

// of gives the pipeline that was assigned to a sensor, empty for none. Where it cannot be
// asked for, it is what was seen last.
func (a *assigned) of(ctx context.Context, sensor string) string {
	if a.kv != nil {
		e, err := a.kv.Get(ctx, keyPipeline+sensor)
		switch {
		case err == nil:
			a.note(sensor, string(e.Value()))
		case errors.Is(err, jetstream.ErrKeyNotFound):
			a.note(sensor, "")
		default:
			a.log.Warn("which pipeline was assigned to a sensor cannot be read: going by what was seen last", logSensor, sensor, logError, err)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known[sensor]
}

func (a *assigned) note(sensor, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if name == "" {
		delete(a.known, sensor)
	} else {
		a.known[sensor] = name
	}
}

// set assigns a pipeline to a sensor, or none. It tells whether that outlives the daemon.
func (a *assigned) set(ctx context.Context, sensor, name string) (kept bool, err error) {
	if a.kv != nil {
		if name == "" {
			err = a.kv.Delete(ctx, keyPipeline+sensor)
		} else {
			_, err = a.kv.PutString(ctx, keyPipeline+sensor, name)
		}
		if err != nil {
			return false, fmt.Errorf("the assignment could not be stored: %w", err)
		}
	}
	a.note(sensor, name)
	return a.kv != nil, nil
}
