package control

import (
	"context"
	"encoding/base64"
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

	"github.com/saccade-dev/saccade/daemon/bus"
)

// MaxModels bounds the object store of models where the daemon makes it, and where whoever made it set no bound, in
// bytes: four of the largest models, hundreds of usual ones, and no disk full of them.
const MaxModels = 4 * MaxModel

// models is the object store of models.
type models struct {
	nc     *nats.Conn
	js     jetstream.JetStream
	bucket string
	stream jetstream.Stream // where objects are
}

// openModels opens the object store, and makes it where there is none, on so many servers. One that is there stays as it was set up.
func openModels(ctx context.Context, nc *nats.Conn, prefix string, replicas int) (*models, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	s := &models{nc: nc, js: js, bucket: ModelBucket(prefix)}
	s.stream, err = js.Stream(ctx, s.name())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		_, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: s.bucket, Description: "models for saccade's sensors", MaxBytes: MaxModels, Replicas: replicas,
		})
		switch {
		case full(err):
			return nil, refuse(codeFull, "object store %s cannot be made for %d bytes: %v; make it smaller, by nats object add", s.bucket, MaxModels, err)
		case err == nil, errors.Is(err, jetstream.ErrBucketExists), errors.Is(err, jetstream.ErrStreamNameAlreadyInUse): // by another daemon meanwhile
			s.stream, err = js.Stream(ctx, s.name())
		}
	}
	switch {
	case noJetStream(err):
		return nil, errNoObjects
	case err != nil:
		return nil, fmt.Errorf("object store %s: %w", s.bucket, err)
	}
	return s, nil
}

// noJetStream tells whether an error says that the server keeps nothing.
func noJetStream(err error) bool {
	return errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) || errors.Is(err, nats.ErrNoResponders)
}

var errNoObjects = &Error{codeConflict, "the server has no JetStream, and so no objects"}

// name is the stream of the objects (NATS' ADR-20).
func (s *models) name() string { return "OBJ_" + s.bucket }

// meta is the subject of what names an object.
func (s *models) meta(name string) string {
	return "$O." + s.bucket + ".M." + base64.URLEncoding.EncodeToString([]byte(name))
}

// parts is the subject of an object's parts.
func (s *models) parts(object string) string { return "$O." + s.bucket + ".C." + object }

// stored is an object that is there, or none.
type stored struct {
	digest string // empty where there is none, or what names it cannot be read
	object string // of its parts, empty where there are none
	number uint64 // of the message that names it, 0 where there is none
	there  bool
}

// find gives the object of a name.
func (s *models) find(ctx context.Context, name string) (stored, error) {
	last, err := bus.Last(ctx, s.nc, s.name(), s.meta(name))
	switch {
	case err != nil:
		return stored{}, fmt.Errorf("object store %s: %w", s.bucket, err)
	case last == nil:
		return stored{}, nil
	}
	var info jetstream.ObjectInfo
	switch err := json.Unmarshal(last.Data, &info); {
	case err != nil:
		return stored{number: last.Seq, there: true}, nil //nolint:nilerr // it can be replaced all the same
	case info.Deleted:
		return stored{number: last.Seq}, nil
	}
	return stored{digest: info.Digest, object: info.NUID, number: last.Seq, there: true}, nil
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

const (
	// chunkBytes is how much of an object goes into a message: what NATS takes where nothing is said.
	chunkBytes = 128 << 10
	// protocolBytes is more than a message has besides its chunk.
	protocolBytes = 256
)

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
	info, err := s.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("object store %s: %w", s.bucket, err)
	}
	most := info.Config.MaxBytes
	if most <= 0 {
		most = MaxModels
	}
	need := size + protocolBytes*(size/int64(s.chunk())+1) + MaxRequest
	if taken := info.State.Bytes; taken > uint64(most) || need > most-int64(taken) {
		return s.full(fmt.Sprintf("%d of %d bytes are taken, and the model needs %d", taken, most, need))
	}
	return nil
}

func (s *models) full(why string) error {
	return refuse(codeFull, "object store %s is full: %s; remove models by nats object rm, or give it more room", s.bucket, why)
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

func (s *models) chunk() int { return min(chunkBytes, max(1, int(s.nc.MaxPayload())-protocolBytes)) }

// purgeTime is how long an attempt to remove parts takes at the most.
const purgeTime = 5 * time.Second

// put stores a model under its name: whoever reads it gets the one before or this one. It does so only where the
// one before is still the one that is known.
//
// It writes the object store's format (NATS' ADR-20) with a publish at a time. The library's Put sends everything
// before it knows what was stored: where the bucket is full, the small message that names the new object can still be
// taken, and then the old one is gone and the new one has no end.
//
// left is what was not removed of the one before, which does not matter to this one.
func (s *models) put(ctx context.Context, r *UploadRequest, data []byte, before stored) (left, err error) {
	object := nuid.Next()
	if err := s.write(ctx, r, data, object, before.number); err != nil {
		// A disk that is full is not to stay so.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), purgeTime)
		defer cancel()
		switch cleaned := s.purge(after, object); {
		case full(err):
			err = s.full(err.Error())
		case cleaned != nil:
			err = errors.Join(err, cleaned)
		}
		return nil, err
	}
	if before.object != "" {
		return s.purge(ctx, before.object), nil
	}
	return nil, nil
}

func (s *models) write(ctx context.Context, r *UploadRequest, data []byte, object string, known uint64) error {
	size := s.chunk()
	info := jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{Name: r.Name, Opts: &jetstream.ObjectMetaOptions{ChunkSize: uint32(size)}},
		Bucket:     s.bucket, NUID: object, Size: uint64(len(data)), Digest: r.Digest,
	}
	for chunk := range slices.Chunk(data, size) {
		if _, err := s.js.Publish(ctx, s.parts(object), chunk); err != nil {
			return fmt.Errorf("object store %s: %w", s.bucket, err)
		}
		info.Chunks++
	}
	text, err := json.Marshal(info)
	if err != nil {
		return err
	}
	_, err = s.js.PublishMsg(ctx, &nats.Msg{Subject: s.meta(r.Name), Data: text, Header: nats.Header{
		jetstream.MsgRollup:                 {jetstream.MsgRollupSubject},
		jetstream.ExpectedLastSubjSeqHeader: {strconv.FormatUint(known, 10)},
	}})
	if api, is := errors.AsType[*jetstream.APIError](err); is &&
		(api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
		return refuse(codeConflict, "object %s of bucket %s: somebody else has stored another one meanwhile: upload it again", r.Name, s.bucket)
	}
	if err != nil {
		return fmt.Errorf("object store %s: %w", s.bucket, err)
	}
	return nil
}

func (s *models) purge(ctx context.Context, object string) error {
	if err := s.stream.Purge(ctx, jetstream.WithPurgeSubject(s.parts(object))); err != nil {
		return fmt.Errorf("object store %s: parts of %s stay behind: %w", s.bucket, object, err)
	}
	return nil
}

// ModelBucket is the object store of models of a prefix.
func ModelBucket(prefix string) string { return strings.ReplaceAll(prefix, ".", "-") + "-models" }
