// Package checkpoint keeps the states of pipelines in a JetStream object store, so
// that a daemon that is stopped and started goes on where it was. An object is
// replaced whole; NATS checks its digest when it is read.
package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Store keeps one object a sensor.
type Store struct {
	nc      *nats.Conn
	objects jetstream.ObjectStore
}

// MaxState is the largest state that is read back.
const MaxState = 1 << 30

// Open opens the object store of a subject prefix, and makes it where there is
// none. One that is there stays as its operator has set it up.
func Open(ctx context.Context, nc *nats.Conn, prefix string) (*Store, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	// A bucket's name has no dots; a prefix has no two tokens that this confuses
	// unless somebody means it.
	bucket := strings.ReplaceAll(prefix, ".", "-") + "-state"
	objects, err := js.ObjectStore(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		objects, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket:      bucket,
			Description: "states of saccade's pipelines, one object a sensor",
		})
		if errors.Is(err, jetstream.ErrBucketExists) { // made by another daemon meanwhile
			objects, err = js.ObjectStore(ctx, bucket)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", bucket, err)
	}
	return &Store{nc, objects}, nil
}

// Load gives a sensor's state, nil where there is none.
func (s *Store) Load(ctx context.Context, sensor string) ([]byte, error) {
	info, err := s.objects.GetInfo(ctx, sensor)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("state of %s: %w", sensor, err)
	case info.Size > MaxState:
		return nil, fmt.Errorf("state of %s: expected at most %d bytes, found %d", sensor, MaxState, info.Size)
	}
	state, err := s.objects.GetBytes(ctx, sensor)
	if err != nil {
		return nil, fmt.Errorf("state of %s: %w", sensor, err)
	}
	return state, nil
}

const (
	// chunkBytes is how much of a state goes into a message of the object store:
	// what NATS takes where nothing is said.
	chunkBytes = 128 << 10
	// protocolBytes is more than a message has besides its chunk.
	protocolBytes = 256
)

// Save replaces a sensor's state: whoever loads it gets the old one or the new one.
func (s *Store) Save(ctx context.Context, sensor string, state []byte) error {
	chunk := min(chunkBytes, max(1, s.nc.MaxPayload()-protocolBytes))
	_, err := s.objects.Put(ctx, jetstream.ObjectMeta{
		Name: sensor, Opts: &jetstream.ObjectMetaOptions{ChunkSize: uint32(chunk)},
	}, bytes.NewReader(state))
	if err != nil {
		return fmt.Errorf("state of %s: %w", sensor, err)
	}
	return nil
}
