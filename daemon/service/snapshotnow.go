package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/daemon/pipeline"
)

// Stored is a state that was stored.
type Stored struct {
	Stand
	// Checkpoint is it; its Sequence is 0 where messages do not come from a stream.
	Checkpoint Checkpoint
}

// ErrNoStore says that states are not stored, as there is no JetStream for them.
var ErrNoStore = errors.New("states are not stored: the server has no JetStream")

// StoreNow stores a sensor's state, between two of its messages and behind all that were
// received before, and returns when it is stored.
func (s *Service) StoreNow(ctx context.Context, name string) (Stored, error) {
	sn := s.find(name)
	switch {
	case sn == nil:
		return Stored{}, fmt.Errorf("%s: %w", name, ErrNoSensor)
	case sn.stream == nil && s.options.Store == nil:
		return Stored{}, ErrNoStore
	}
	var done Stored
	err := s.do(ctx, name, &job{change: true, done: make(chan error, 1), do: func(p *pipeline.Pipeline) error {
		done.Stand = sn.placeOf(p)
		if sn.stream != nil {
			return nil // a checkpoint follows every change
		}
		n, err := sn.storeNow(ctx)
		done.Checkpoint = Checkpoint{At: time.Now(), Bytes: int64(n)}
		return err
	}})
	if err == nil && sn.stream != nil {
		done.Checkpoint = *sn.stream.saved.Load()
	}
	return done, err
}
