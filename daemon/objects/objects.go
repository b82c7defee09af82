package objects

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// Bucket is an object store that is there. How it is made is its users' matter.
type Bucket struct {
	Name   string
	Conn   *nats.Conn
	Stream jetstream.Stream // where its objects are: see StreamName

	JetStream jetstream.JetStream
}

// StreamName is the stream of a bucket.
func StreamName(bucket string) string { return "OBJ_" + bucket }

// Parts is the subject of an object's parts.
func (b *Bucket) Parts(object string) string { return "$O." + b.Name + ".C." + object }

// Meta is the subject of what names an object.
func (b *Bucket) Meta(name string) string {
	return "$O." + b.Name + ".M." + base64.URLEncoding.EncodeToString([]byte(name))
}

// Info gives what the store says of an object, or [jetstream.ErrObjectNotFound], and the number of the message that
// says it, 0 where there is none; [jetstream.ErrBadObjectMeta] where that cannot be read.
func (b *Bucket) Info(ctx context.Context, name string) (*jetstream.ObjectInfo, uint64, error) {
	last, err := bus.Last(ctx, b.Conn, StreamName(b.Name), b.Meta(name))
	switch {
	case err != nil:
		return nil, 0, err
	case last == nil:
		return nil, 0, jetstream.ErrObjectNotFound
	}
	var info jetstream.ObjectInfo
	if json.Unmarshal(last.Data, &info) != nil {
		return nil, last.Seq, jetstream.ErrBadObjectMeta
	}
	if info.Deleted {
		return nil, last.Seq, jetstream.ErrObjectNotFound
	}
	info.ModTime = last.Time
	return &info, last.Seq, nil
}

const (
	// chunkBytes is how much of an object goes into a message: what NATS takes where nothing is said.
	chunkBytes = 128 << 10
	// ProtocolBytes is more than a message has besides its part.
	ProtocolBytes = 256
)

// Chunk is how much of an object goes into a message of this server.
func (b *Bucket) Chunk() int { return min(chunkBytes, max(1, int(b.Conn.MaxPayload())-ProtocolBytes)) }

// ErrRaced says that an object is another one than its writer knows of.
var ErrRaced = errors.New("somebody else has stored another one meanwhile")

// Write stores an object's parts under an id of its own, and then names it; where known is given, only if the message
// of this number still names it (0: none does), or else there is [ErrRaced]. It gives the number of the message that
// names it now. What it leaves behind where it fails, and what it has replaced, are the caller's to [Bucket.Purge].
func (b *Bucket) Write(ctx context.Context, name, id string, data []byte, meta map[string]string, known *uint64) (uint64, error) {
	size := b.Chunk()
	info := jetstream.ObjectInfo{
		ObjectMeta: jetstream.ObjectMeta{Name: name, Metadata: meta, Opts: &jetstream.ObjectMetaOptions{ChunkSize: uint32(size)}},
		Bucket:     b.Name, NUID: id, Size: uint64(len(data)),
	}
	digest := sha256.New()
	for chunk := range slices.Chunk(data, size) {
		if _, err := b.JetStream.Publish(ctx, b.Parts(id), chunk); err != nil {
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
	ack, err := b.JetStream.PublishMsg(ctx, &nats.Msg{Subject: b.Meta(name), Header: header, Data: text})
	if api, is := errors.AsType[*jetstream.APIError](err); is &&
		(api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
		return 0, ErrRaced
	}
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// Purge removes an object's parts.
func (b *Bucket) Purge(ctx context.Context, id string) error {
	if err := b.Stream.Purge(ctx, jetstream.WithPurgeSubject(b.Parts(id))); err != nil {
		return fmt.Errorf("object store %s: parts of %s stay behind: %w", b.Name, id, err)
	}
	return nil
}
