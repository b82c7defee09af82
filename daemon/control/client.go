package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
		return nil, errorIn(answer, code)
	}
	return answer.Data, nil
}

// errorIn is the error that an answer is.
func errorIn(answer *nats.Msg, code string) *Error {
	e := &Error{Code: code, Description: answer.Header.Get(micro.ErrorHeader)}
	if len(answer.Data) > 0 {
		e.Description = string(answer.Data)
	}
	return e
}

// quiet is how long [AskAll] waits for another answer behind the last one.
const quiet = 300 * time.Millisecond

// Answer is one daemon's.
type Answer struct {
	Data []byte
	Err  error // an [*Error] where the answer says no
}

// AskAll sends a request that every daemon answers, and gives their answers, in the order in
// which they came: those that come by the end of ctx, with no longer than a moment between
// them; where it is known how many there will be, as many as that, however long it takes. None
// at all is [ErrNobody].
func AskAll(ctx context.Context, nc *nats.Conn, subject string, request any, expect int) ([]Answer, error) {
	var data []byte
	if request != nil {
		var err error
		if data, err = json.Marshal(request); err != nil {
			return nil, err
		}
	}
	inbox := nc.NewRespInbox()
	sub, err := nc.SubscribeSync(inbox)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := nc.PublishRequest(subject, inbox, data); err != nil {
		return nil, err
	}
	var out []Answer
	for {
		if expect > 0 && len(out) == expect {
			return out, nil
		}
		waiting, cancel := ctx, context.CancelFunc(func() {})
		if len(out) > 0 && expect == 0 {
			waiting, cancel = context.WithTimeout(ctx, quiet)
		}
		m, err := sub.NextMsgWithContext(waiting)
		cancel()
		switch {
		case err == nil && m.Header.Get("Status") == noResponders:
			return nil, fmt.Errorf("%w on %s", ErrNobody, subject)
		case err == nil && m.Header.Get(micro.ErrorCodeHeader) != "":
			out = append(out, Answer{Err: errorIn(m, m.Header.Get(micro.ErrorCodeHeader))})
		case err == nil:
			out = append(out, Answer{Data: m.Data})
		case len(out) > 0 && errors.Is(err, context.DeadlineExceeded):
			return out, nil
		case errors.Is(err, nats.ErrNoResponders):
			return nil, fmt.Errorf("%w on %s", ErrNobody, subject)
		case errors.Is(err, context.DeadlineExceeded):
			return nil, fmt.Errorf("%w on %s in time", ErrNobody, subject)
		default:
			return nil, err
		}
	}
}

// noResponders is the status of NATS' word that nobody listens.
const noResponders = "503"
