package survey

import (
	"context"
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// MaxPictured bounds the events that are kept to picture a recording.
const MaxPictured = 1 << 20

// Read reads a recording's events, the first MaxPictured of them or a packet more.
func Read(ctx context.Context, path string, g events.Geometry) (in []events.Event, err error) {
	f, err := events.Open(path, events.OpenOptions{Geometry: g})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	p := events.NewPacket(events.DefaultPacketEvents)
	for len(in) < MaxPictured && ctx.Err() == nil {
		err := f.Read(p)
		in = append(in, p.Events...)
		if errors.Is(err, io.EOF) {
			return in, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return in, ctx.Err()
}
