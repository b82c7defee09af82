package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// Kept is a message that a stream holds.
type Kept struct {
	Seq    uint64
	Header nats.Header
	Data   []byte
	Time   time.Time
}

// StreamError is an error in the answer of NATS' JetStream.
type StreamError struct {
	Code        int    `json:"err_code"`
	Description string `json:"description"`
}

func (e *StreamError) Error() string {
	return fmt.Sprintf("%s (JetStream error %d)", e.Description, e.Code)
}

// codeNoMessage is JetStream's error code for a message that is not there.
const codeNoMessage = 10037

// Last gives the last message that a stream holds on a subject, which may have wildcards, or nil
// where there is none. It asks the stream's leader: the library asks whichever server is near, and
// one that was cut off a moment ago does not have the newest yet, or has what was replaced since.
func Last(ctx context.Context, nc *nats.Conn, stream, subject string) (*Kept, error) {
	body, err := json.Marshal(map[string]string{"last_by_subj": subject})
	if err != nil {
		return nil, err
	}
	reply, err := nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+stream, body)
	if err != nil {
		return nil, fmt.Errorf("stream %s: its last message on %s: %w", stream, subject, err)
	}
	kept, err := parseLast(reply.Data)
	if err != nil {
		return nil, fmt.Errorf("stream %s: its last message on %s: %w", stream, subject, err)
	}
	return kept, nil
}

// parseLast reads the answer to a request for a message, nil where there is none.
func parseLast(data []byte) (*Kept, error) {
	var answer struct {
		Error   *StreamError `json:"error"`
		Message struct {
			Seq    uint64    `json:"seq"`
			Header []byte    `json:"hdrs"`
			Data   []byte    `json:"data"`
			Time   time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, fmt.Errorf("the server's answer: %w", err)
	}
	m := &answer.Message
	switch {
	case answer.Error != nil && answer.Error.Code == codeNoMessage:
		return nil, nil //nolint:nilnil // there is none
	case answer.Error != nil:
		return nil, answer.Error
	case m.Seq == 0:
		return nil, fmt.Errorf("the server's answer: expected a message with its number, found none")
	}
	kept := &Kept{Seq: m.Seq, Data: m.Data, Time: m.Time}
	if len(m.Header) > 0 {
		var err error
		if kept.Header, err = nats.DecodeHeadersMsg(m.Header); err != nil {
			return nil, fmt.Errorf("its headers: %w", err)
		}
	}
	return kept, nil
}
