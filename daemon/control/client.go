package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// ErrNobody says that no daemon answers: none runs under the prefix, or none accepts the
// sensor.
var ErrNobody = errors.New("no daemon answers")

// Ask sends a request and gives the first answer. An answer that says no is an
// [*Error]; none, by the end of ctx or at once where nobody listens, is [ErrNobody].
func Ask(ctx context.Context, nc *nats.Conn, prefix, endpoint string, request any) ([]byte, error) {
	data, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	subject := Subject(prefix, endpoint)
	answer, err := nc.RequestWithContext(ctx, subject, data)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, fmt.Errorf("%w on %s", ErrNobody, subject)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%w on %s in time", ErrNobody, subject)
	case err != nil:
		return nil, err
	}
	if code := answer.Header.Get(micro.ErrorCodeHeader); code != "" {
		return nil, &Error{Code: code, Description: answer.Header.Get(micro.ErrorHeader)}
	}
	return answer.Data, nil
}
