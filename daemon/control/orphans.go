package control

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/objects"
)

// orphanAge is how long no part has come of an object that nothing names, when it is taken for one that nobody will
// name any more: a daemon was ended while it stored. Whoever stores takes no longer than uploadTimeout for all.
const orphanAge = 10 * uploadTimeout

// sweep removes the parts that a daemon has left behind that was ended while it stored a model, and tells of how many
// objects those were. Others may be storing now.
func (s *models) sweep(ctx context.Context, now time.Time) (removed int, err error) {
	named, err := s.named(ctx)
	if err != nil {
		return 0, err
	}
	prefix := s.Parts("")
	parts, err := s.subjects(ctx, prefix+">")
	if err != nil {
		return 0, err
	}
	for subject := range parts {
		object := strings.TrimPrefix(subject, prefix)
		if named[object] {
			continue
		}
		last, err := bus.Last(ctx, s.Conn, objects.StreamName(s.Name), subject)
		switch {
		case err != nil:
			return removed, fmt.Errorf("object store %s: %w", s.Name, err)
		case last == nil || now.Sub(last.Time) < orphanAge:
			continue
		}
		if err := s.Purge(ctx, object); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

// named are the objects that the store names. One whose name cannot be read names nothing: it can be replaced alone.
func (s *models) named(ctx context.Context) (map[string]bool, error) {
	names, err := s.subjects(ctx, s.Meta("")+">")
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for subject := range names {
		last, err := bus.Last(ctx, s.Conn, objects.StreamName(s.Name), subject)
		switch {
		case err != nil:
			return nil, fmt.Errorf("object store %s: %w", s.Name, err)
		case last == nil:
			continue
		}
		var info jetstream.ObjectInfo
		if json.Unmarshal(last.Data, &info) == nil {
			out[info.NUID] = true
		}
	}
	return out, nil
}

func (s *models) subjects(ctx context.Context, filter string) (map[string]uint64, error) {
	info, err := s.Stream.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", s.Name, err)
	}
	return info.State.Subjects, nil
}
