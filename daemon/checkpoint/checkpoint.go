package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Store keeps one object a sensor.
type Store struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	bucket  string
	objects jetstream.ObjectStore
	stream  jetstream.Stream // where the objects' parts are
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
	stream, err := js.Stream(ctx, "OBJ_"+bucket)
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", bucket, err)
	}
	return &Store{nc: nc, js: js, bucket: bucket, objects: objects, stream: stream}, nil
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
	// The library waits for parts that are not there until its context ends.
	chunks := s.chunks(info.NUID)
	have, err := s.stream.Info(ctx, jetstream.WithSubjectFilter(chunks))
	if err != nil {
		return nil, fmt.Errorf("state of %s: %w", sensor, err)
	}
	if n := have.State.Subjects[chunks]; n != uint64(info.Chunks) {
		return nil, fmt.Errorf("state of %s: expected %d parts in the object store, found %d", sensor, info.Chunks, n)
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
//
// It writes the object store's own format (NATS' ADR-20) with a publish at a time.
// The library's Put sends everything before it knows what was stored: where a limit
// refuses a chunk, the small message that names the new object can still be taken,
// and then the old object is gone and the new one has no end. (Its asynchronous
// publisher also leaves a goroutine behind now and then.)
func (s *Store) Save(ctx context.Context, sensor string, state []byte) error {
	old, err := s.objects.GetInfo(ctx, sensor, jetstream.GetObjectInfoShowDeleted())
	if err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
		return fmt.Errorf("state of %s: %w", sensor, err)
	}
	object := nuid.Next()
	if err := s.put(ctx, sensor, object, state); err != nil {
		// What was written of it is in nobody's way but the disk's.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), purgeTime)
		defer cancel()
		return errors.Join(fmt.Errorf("state of %s: %w", sensor, err), s.purge(after, object))
	}
	if old != nil && old.NUID != "" {
		return s.purge(ctx, old.NUID)
	}
	return nil
}

// purgeTime is how long an attempt to remove half a state takes at the most.
const purgeTime = 2 * time.Second

func (s *Store) put(ctx context.Context, sensor, object string, state []byte) error {
	size := min(chunkBytes, max(1, int(s.nc.MaxPayload())-protocolBytes))
	info := jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{Name: sensor, Opts: &jetstream.ObjectMetaOptions{ChunkSize: uint32(size)}},
		Bucket:     s.bucket, NUID: object, Size: uint64(len(state)),
	}
	digest := sha256.New()
	for chunk := range slices.Chunk(state, size) {
		if _, err := s.js.Publish(ctx, s.chunks(object), chunk); err != nil {
			return err
		}
		digest.Write(chunk)
		info.Chunks++
	}
	info.Digest = jetstream.GetObjectDigestValue(digest)
	meta, err := json.Marshal(info)
	if err != nil {
		return err
	}
	_, err = s.js.PublishMsg(ctx, &nats.Msg{
		Subject: "$O." + s.bucket + ".M." + base64.URLEncoding.EncodeToString([]byte(sensor)),
		Header:  nats.Header{jetstream.MsgRollup: {jetstream.MsgRollupSubject}},
		Data:    meta,
	})
	return err
}

// chunks is the subject of an object's parts.
func (s *Store) chunks(object string) string { return "$O." + s.bucket + ".C." + object }

func (s *Store) purge(ctx context.Context, object string) error {
	if err := s.stream.Purge(ctx, jetstream.WithPurgeSubject(s.chunks(object))); err != nil {
		return fmt.Errorf("object store %s: parts of %s stay behind: %w", s.bucket, object, err)
	}
	return nil
}
