package checkpoint

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// info gives what the object store says of an object, or [jetstream.ErrObjectNotFound], and the number
// of the message that says it, 0 where there is none.
func (s *Store) info(ctx context.Context, name string) (*jetstream.ObjectInfo, uint64, error) {
	last, err := bus.Last(ctx, s.nc, "OBJ_"+s.bucket, s.meta(name))
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

// meta is the subject of what names an object (NATS' ADR-20).
func (s *Store) meta(name string) string {
	return "$O." + s.bucket + ".M." + base64.URLEncoding.EncodeToString([]byte(name))
}
