package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Store keeps one object a sensor.
type Store struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	bucket string
	stream jetstream.Stream // where objects are
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
	stream, err := js.Stream(ctx, "OBJ_"+bucket)
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", bucket, err)
	}
	return &Store{nc: nc, js: js, bucket: bucket, stream: stream}, nil
}

// Load gives a sensor's state, nil where there is none.
func (s *Store) Load(ctx context.Context, sensor string) ([]byte, error) {
	info, _, err := s.info(ctx, sensor)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("state of %s: %w", sensor, err)
	case info.Size > MaxState:
		return nil, fmt.Errorf("state of %s: expected at most %d bytes, found %d: %w", sensor, MaxState, info.Size, errDamaged)
	}
	// The library waits for parts that are not there until its context ends.
	chunks := s.chunks(info.NUID)
	have, err := s.stream.Info(ctx, jetstream.WithSubjectFilter(chunks))
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
		m, err := s.stream.GetMsg(ctx, next, jetstream.WithGetMsgSubject(chunks))
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
	_, err := s.save(ctx, sensor, state, nil, nil)
	return err
}

// errRaced says that an object is another one than its writer knows of.
var errRaced = errors.New("somebody else has stored another one meanwhile")

// save replaces an object; where that is given, only the one that the message of this number names (0: none). It
// gives the number of the message that names the new one.
func (s *Store) save(ctx context.Context, sensor string, state []byte, meta map[string]string, known *uint64) (uint64, error) {
	old, at, err := s.info(ctx, sensor)
	// What names the old one may be damaged: it is replaced all the same.
	switch {
	case err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) && !errors.Is(err, jetstream.ErrBadObjectMeta):
		return 0, fmt.Errorf("state of %s: %w", sensor, err)
	case known != nil && *known != at:
		return 0, fmt.Errorf("state of %s: %w", sensor, errRaced)
	}
	object := nuid.Next()
	number, err := s.put(ctx, sensor, object, state, meta, known)
	if err != nil {
		// What was written of it is in nobody's way but the disk's.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), purgeTime)
		defer cancel()
		return 0, errors.Join(fmt.Errorf("state of %s: %w", sensor, err), s.purge(after, object))
	}
	if old != nil && old.NUID != "" {
		return number, s.purge(ctx, old.NUID)
	}
	return number, nil
}

// purgeTime is how long an attempt to remove half a state takes at the most.
const purgeTime = 2 * time.Second

func (s *Store) put(ctx context.Context, sensor, object string, state []byte, meta map[string]string, known *uint64) (uint64, error) {
	size := min(chunkBytes, max(1, int(s.nc.MaxPayload())-protocolBytes))
	info := jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{Name: sensor, Metadata: meta, Opts: &jetstream.ObjectMetaOptions{ChunkSize: uint32(size)}},
		Bucket:     s.bucket, NUID: object, Size: uint64(len(state)),
	}
	digest := sha256.New()
	for chunk := range slices.Chunk(state, size) {
		if _, err := s.js.Publish(ctx, s.chunks(object), chunk); err != nil {
			return 0, err
		}
		digest.Write(chunk)
		info.Chunks++
	}
	info.Digest = jetstream.GetObjectDigestValue(digest)
	text, err := json.Marshal(info)
	if err != nil {
		return 0, err
	}
	header := nats.Header{jetstream.MsgRollup: {jetstream.MsgRollupSubject}}
	if known != nil {
		header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(*known, 10))
	}
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: s.meta(sensor), Header: header, Data: text})
	if api, is := errors.AsType[*jetstream.APIError](err); is && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
		return 0, errRaced
	}
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// chunks is the subject of an object's parts.
func (s *Store) chunks(object string) string { return "$O." + s.bucket + ".C." + object }

func (s *Store) purge(ctx context.Context, object string) error {
	if err := s.stream.Purge(ctx, jetstream.WithPurgeSubject(s.chunks(object))); err != nil {
		return fmt.Errorf("object store %s: parts of %s stay behind: %w", s.bucket, object, err)
	}
	return nil
}
