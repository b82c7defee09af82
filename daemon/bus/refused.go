package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
)

// Subscribed is [Flush], and an error where the server has refused the connection something that it
// asked for before: nats.go tells that of a subscription later, to a log, and it stays silent for ever.
func Subscribed(ctx context.Context, nc *nats.Conn) error {
	if err := Flush(ctx, nc); err != nil {
		return err
	}
	return Refused(nc.LastError())
}

// Refused gives an error that says what to do where err is, or wraps, a server's refusal of a subject, and nil for every other.
func Refused(err error) error {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return nil
	}
	hint := "the user has no permission for it"
	if strings.Contains(err.Error(), `"`+inboxes) {
		hint = "answers go to another inbox prefix with this user's permissions, such as _INBOX.USER"
	}
	return fmt.Errorf("the NATS server refuses a subject: %w: %s", err, hint)
}

// UntilRefused gives a context that ends when the server refuses the connection a subject: a request there is never
// answered, however long it is waited for. What was done with it hands its error to done, which gives the refusal in
// its stead where that is what ended it. The connection is used by nobody else meanwhile.
func UntilRefused(ctx context.Context, nc *nats.Conn) (trying context.Context, done func(error) error) {
	trying, end := context.WithCancelCause(ctx)
	before := nc.ErrorHandler()
	nc.SetErrorHandler(func(nc *nats.Conn, sub *nats.Subscription, err error) {
		if before != nil {
			before(nc, sub, err)
		}
		if no := Refused(err); no != nil {
			end(no)
		}
	})
	return trying, func(err error) error {
		nc.SetErrorHandler(before)
		if no := context.Cause(trying); err != nil && errors.Is(no, nats.ErrPermissionViolation) {
			err = no
		}
		end(nil)
		return err
	}
}
