package bus

import (
	"context"
	"errors"
	"time"
)

// errStorageOff is why a server with JetStream is of no use any more.
var errStorageOff = errors.New("embedded NATS server: it has turned JetStream off, as it does where its disk fails or has no room: nothing can be stored until it starts again")

// watchEvery is how often the server is looked at. It has no other way to tell.
const watchEvery = time.Second

// Watch returns when ctx ends, or with an error when the server has turned its JetStream off, which it does for good:
// only a new start, with room on the disk, mends that. It is to be ended before Shutdown.
func (s *Server) Watch(ctx context.Context) error {
	if !s.stores {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if !s.ns.JetStreamEnabled() {
				return errStorageOff
			}
		}
	}
}
