package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/saccade-dev/saccade/daemon/objects"
)

// MaxModels bounds the object store of models where the daemon makes it, and where whoever made it set no bound, in
// bytes: four of the largest models, hundreds of usual ones, and no disk full of them.
const MaxModels = 4 * MaxModel

// models is the object store of models.
type models struct{ objects.Bucket }

// openModels opens the object store, and makes it where there is none, on so many servers. One that is there stays as it was set up.
func openModels(ctx context.Context, nc *nats.Conn, prefix string, replicas int) (*models, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	s := &models{objects.Bucket{Name: ModelBucket(prefix), Conn: nc, JetStream: js}}
	name := objects.StreamName(s.Name)
	s.Stream, err = js.Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: s.Name, Description: "models for saccade's sensors", MaxBytes: MaxModels, Replicas: replicas,
		})
		switch {
		case full(err):
			return nil, refuse(codeFull, "object store %s cannot be made for %d bytes: %v; make it smaller, by nats object add", s.Name, MaxModels, err)
		case err == nil, errors.Is(err, jetstream.ErrBucketExists), errors.Is(err, jetstream.ErrStreamNameAlreadyInUse): // by another daemon meanwhile
			s.Stream, err = js.Stream(ctx, name)
		}
	}
	switch {
	case noJetStream(err):
		return nil, errNoObjects
	case err != nil:
		return nil, fmt.Errorf("object store %s: %w", s.Name, err)
	}
	return s, nil
}

// noJetStream tells whether an error says that the server keeps nothing.
func noJetStream(err error) bool {
	return errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) || errors.Is(err, nats.ErrNoResponders)
}

var errNoObjects = &Error{codeConflict, "the server has no JetStream, and so no objects"}

// stored is an object that is there, or none.
type stored struct {
	digest string // empty where there is none, or what names it cannot be read
	object string // of its parts, empty where there are none
	number uint64 // of the message that names it, 0 where there is none
	there  bool
}

// find gives the object of a name.
func (s *models) find(ctx context.Context, name string) (stored, error) {
	info, at, err := s.Info(ctx, name)
	switch {
	case errors.Is(err, jetstream.ErrObjectNotFound):
		return stored{number: at}, nil
	case errors.Is(err, jetstream.ErrBadObjectMeta):
		return stored{number: at, there: true}, nil // it can be replaced all the same
	case err != nil:
		return stored{}, fmt.Errorf("object store %s: %w", s.Name, err)
	}
	return stored{digest: info.Digest, object: info.NUID, number: at, there: true}, nil
}

// replaced refuses to replace an object where that was not asked for.
func (o *stored) replaced(r *UploadRequest, bucket string) error {
	if !o.there || r.Replace {
		return nil
	}
	what := "which cannot be read"
	if o.digest != "" {
		what = o.digest
	}
	return refuse(codeConflict, "object %s of bucket %s is there already, and another one: %.64q; with replace it is replaced", r.Name, bucket, what)
}

// room tells whether there is room for a model, beside the one that it may replace. Where there is not, it is made of
// what nobody needs.
func (s *models) room(ctx context.Context, size int64) error {
	err := s.fits(ctx, size)
	if no, is := errors.AsType[*Error](err); !is || no.Code != codeFull {
		return err
	}
	removed, failed := s.sweep(ctx, time.Now())
	switch {
	case failed != nil:
		return failed
	case removed == 0:
		return err
	default:
		return s.fits(ctx, size)
	}
}

func (s *models) fits(ctx context.Context, size int64) error {
	info, err := s.Stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("object store %s: %w", s.Name, err)
	}
	most := info.Config.MaxBytes
	if most <= 0 {
		most = MaxModels
	}
	need := size + objects.ProtocolBytes*(size/int64(s.Chunk())+1) + MaxRequest
	if taken := info.State.Bytes; taken > uint64(most) || need > most-int64(taken) {
		return s.full(fmt.Sprintf("%d of %d bytes are taken, and the model needs %d", taken, most, need))
	}
	return nil
}

func (s *models) full(why string) error {
	return refuse(codeFull, "object store %s is full: %s; remove models by nats object rm, or give it more room", s.Name, why)
}

// full tells whether a server's error says that there is no room.
func full(err error) bool {
	api, is := errors.AsType[*jetstream.APIError](err)
	if !is {
		return false
	}
	// The codes of nats-server for a stream that is full, and for storage, its account's or its own, that is.
	const streamFull, accountFull, memoryFull, storageFull = 10077, 10002, 10028, 10047
	return slices.Contains([]jetstream.ErrorCode{streamFull, accountFull, memoryFull, storageFull}, api.ErrorCode)
}

// purgeTime is how long an attempt to remove parts takes at the most.
const purgeTime = 5 * time.Second

// put stores a model under its name: whoever reads it gets the one before or this one. It does so only where the
// one before is still the one that is known.
//
// left is what was not removed of the one before, which does not matter to this one.
func (s *models) put(ctx context.Context, r *UploadRequest, data []byte, before stored) (left, err error) {
	object := nuid.Next()
	if _, err := s.Write(ctx, r.Name, object, data, nil, &before.number); err != nil {
		// A disk that is full is not to stay so.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), purgeTime)
		defer cancel()
		cleaned := s.Purge(after, object)
		switch {
		case errors.Is(err, objects.ErrRaced):
			err = refuse(codeConflict, "object %s of bucket %s: %v: upload it again", r.Name, s.Name, err)
		case full(err):
			return nil, s.full(err.Error())
		default:
			err = fmt.Errorf("object store %s: %w", s.Name, err)
		}
		return nil, errors.Join(err, cleaned)
	}
	if before.object != "" {
		return s.Purge(ctx, before.object), nil
	}
	return nil, nil
}

// ModelBucket is the object store of models of a prefix.
func ModelBucket(prefix string) string { return strings.ReplaceAll(prefix, ".", "-") + "-models" }
