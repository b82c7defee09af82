package bus

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
)

// flushTimeout bounds a round trip to the server where the context does not.
const flushTimeout = 30 * time.Second

// Flush returns when the server has handled everything that was published and
// subscribed before.
func Flush(ctx context.Context, nc *nats.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, flushTimeout)
	defer cancel()
	return nc.FlushWithContext(ctx)
}
