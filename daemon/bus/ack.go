package bus

import (
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"
)

// HeaderOutcome says in an acknowledgement what became of the message.
const HeaderOutcome = "Saccade-Outcome"

// Outcome is what became of a message of events.
type Outcome string

// The outcomes.
const (
	OutcomeProcessed Outcome = "processed" // its results are published
	OutcomeDuplicate Outcome = "duplicate" // they had been before
	OutcomeRejected  Outcome = "rejected"  // a part of it or all could not be read, and a reject is published
	OutcomeStored    Outcome = "stored"    // it is in a JetStream stream, and will be processed; the server says so, and no daemon
	OutcomeBusy      Outcome = "busy"      // it was not taken, as too much is waiting or one before it is missing: send it again later
)

// Ack is an acknowledgement.
func Ack(o Outcome) *nats.Msg {
	return &nats.Msg{Header: nats.Header{HeaderOutcome: []string{string(o)}}}
}

// ParseAck reads an acknowledgement: a daemon's, or JetStream's, where messages are kept in a
// stream. A stream that refuses a message is busy. A reply by the server that nobody
// listens is nats.ErrNoResponders.
func ParseAck(m *nats.Msg) (Outcome, error) {
	// As nats.go has it: the status line of a message with no payload.
	if len(m.Data) == 0 && m.Header.Get("Status") == "503" {
		return "", nats.ErrNoResponders
	}
	value, there, err := headerValue(m.Header, HeaderOutcome)
	if err != nil {
		return "", err
	}
	if !there {
		if o, ok := stored(m.Data); ok {
			return o, nil
		}
	}
	switch o := Outcome(value); o {
	case OutcomeProcessed, OutcomeDuplicate, OutcomeRejected, OutcomeBusy:
		return o, nil
	}
	return "", &HeaderError{HeaderOutcome, fmt.Sprintf("%s, %s, %s or %s",
		OutcomeProcessed, OutcomeDuplicate, OutcomeRejected, OutcomeBusy), quote(value)}
}

// maxStored is more than JetStream's answer to a message takes.
const maxStored = 4096

// stored reads JetStream's answer to a message (its PubAck).
func stored(data []byte) (Outcome, bool) {
	if len(data) == 0 || len(data) > maxStored || data[0] != '{' {
		return "", false
	}
	var a struct {
		Stream string `json:"stream"`
		Seq    uint64 `json:"seq"`
		Error  *struct {
			Code int `json:"err_code"`
		} `json:"error"`
	}
	switch err := json.Unmarshal(data, &a); {
	case err != nil:
		return "", false
	case a.Error != nil:
		return OutcomeBusy, true
	case a.Stream == "" || a.Seq == 0:
		return "", false
	}
	return OutcomeStored, true
}
