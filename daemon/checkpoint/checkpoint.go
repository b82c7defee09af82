package checkpoint

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/saccade-dev/saccade/daemon/objects"
)

// Store keeps one object a sensor.
type Store struct {
	bucket objects.Bucket
}

// MaxState is the largest state that is read back.
const MaxState = 1 << 30

// Open opens the object store of a subject prefix, and makes it where there is
// none, on so many servers. One that is there stays as its operator has set it up.
func Open(ctx context.Context, nc *nats.Conn, prefix string, replicas int) (*Store, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	// A bucket's name has no dots; a prefix has no two tokens that this confuses
	// unless somebody means it.
	bucket := strings.ReplaceAll(prefix, ".", "-") + "-state"
	_, err = js.ObjectStore(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		_, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket:      bucket,
			Description: "states of saccade's pipelines",
			Replicas:    replicas,
		})
		if errors.Is(err, jetstream.ErrBucketExists) { // made by another daemon meanwhile
			_, err = js.ObjectStore(ctx, bucket)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", bucket, err)
	}
	stream, err := js.Stream(ctx, objects.StreamName(bucket))
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", bucket, err)
	}
	return &Store{objects.Bucket{Name: bucket, Conn: nc, JetStream: js, Stream: stream}}, nil
}

// Load gives a sensor's state, nil where there is none.
func (s *Store) Load(ctx context.Context, sensor string) ([]byte, error) {
	info, _, err := s.bucket.Info(ctx, sensor)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("state of %s: %w", sensor, err)
	case info.Size > MaxState:
		return nil, fmt.Errorf("state of %s: expected at most %d bytes, found %d: %w", sensor, MaxState, info.Size, errDamaged)
	}
	// The library waits for parts that are not there until its context ends.
	chunks := s.bucket.Parts(info.NUID)
	have, err := s.bucket.Stream.Info(ctx, jetstream.WithSubjectFilter(chunks))
	if err != nil {
		return nil, fmt.Errorf("state of %s: %w", sensor, err)
	}
	if n := have.State.Subjects[chunks]; n != uint64(info.Chunks) {
		return nil, fmt.Errorf("state of %s: expected %d parts in the object store, found %d: %w", sensor, info.Chunks, n, errDamaged)
	}
	state, err := s.read(ctx, info, chunks)
	if err != nil {
		return nil, fmt.Errorf("state of %s: %w", sensor, err)
	}
	return state, nil
}

// read reads an object's parts, each by a request of its own, that any server that has it
// answers: the library's reader is a consumer, which can be on a server that is cut off.
func (s *Store) read(ctx context.Context, info *jetstream.ObjectInfo, chunks string) ([]byte, error) {
	state, next := make([]byte, 0, info.Size), uint64(1)
	for range info.Chunks {
		m, err := s.bucket.Stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(chunks))
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound):
			return nil, fmt.Errorf("a part of %d is missing: %w", info.Chunks, errDamaged)
		case err != nil:
			return nil, err
		case uint64(len(state)+len(m.Data)) > info.Size:
			return nil, fmt.Errorf("expected %d bytes, found more: %w", info.Size, errDamaged)
		}
		state, next = append(state, m.Data...), m.Sequence+1
	}
	digest := sha256.New()
	digest.Write(state)
	if uint64(len(state)) != info.Size || jetstream.GetObjectDigestValue(digest) != info.Digest {
		return nil, jetstream.ErrDigestMismatch
	}
	return state, nil
}

// Save replaces a sensor's state: whoever loads it gets the old one or the new one.
func (s *Store) Save(ctx context.Context, sensor string, state []byte) error {
	_, err := s.save(ctx, sensor, state, nil, nil)
	return err
}

// save replaces an object; where that is given, only the one that the message of this number names (0: none). It
// gives the number of the message that names the new one.
func (s *Store) save(ctx context.Context, sensor string, state []byte, meta map[string]string, known *uint64) (uint64, error) {
	old, at, err := s.bucket.Info(ctx, sensor)
	// What names the old one may be damaged: it is replaced all the same.
	switch {
	case err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) && !errors.Is(err, jetstream.ErrBadObjectMeta):
		return 0, fmt.Errorf("state of %s: %w", sensor, err)
	case known != nil && *known != at:
		return 0, fmt.Errorf("state of %s: %w", sensor, objects.ErrRaced)
	}
	object := nuid.Next()
	number, err := s.bucket.Write(ctx, sensor, object, state, meta, known)
	if err != nil {
		// What was written of it is in nobody's way but the disk's.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), purgeTime)
		defer cancel()
		return 0, errors.Join(fmt.Errorf("state of %s: %w", sensor, err), s.bucket.Purge(after, object))
	}
	if old != nil && old.NUID != "" {
		return number, s.bucket.Purge(ctx, old.NUID)
	}
	return number, nil
}

// purgeTime is how long an attempt to remove half a state takes at the most.
const purgeTime = 2 * time.Second
