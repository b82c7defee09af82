package command

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/daemon/bus"
)

// onRefusal ends a context when the server refuses a subject: what is published there goes nowhere, and no answer
// ever comes, however long it is waited for.
func onRefusal(end context.CancelCauseFunc) func(bus.Change) {
	return func(c bus.Change) {
		if err := bus.Refused(c.Err); err != nil {
			end(err)
		}
	}
}

// orRefused gives the refusal that a context has ended with, and else the error that came of it.
func orRefused(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil && !errors.Is(why, ctx.Err()) {
		return why
	}
	return err
}

// closeRefused closes the connection when the server has refused it a subject, so that nothing waits for answers on it.
func closeRefused(ctx context.Context, nc *nats.Conn) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		if orRefused(ctx, nil) != nil {
			nc.Close()
		}
	})
}
