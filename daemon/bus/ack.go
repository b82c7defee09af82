package bus

import (
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
	OutcomeBusy      Outcome = "busy"      // it was not taken, as too much is waiting or one before it is missing: send it again later
)

// Ack is an acknowledgement.
func Ack(o Outcome) *nats.Msg {
	return &nats.Msg{Header: nats.Header{HeaderOutcome: []string{string(o)}}}
}

// ParseAck reads an acknowledgement. A reply by the server that nobody listens is
// nats.ErrNoResponders.
func ParseAck(m *nats.Msg) (Outcome, error) {
	// As nats.go has it: the status line of a message with no payload.
	if len(m.Data) == 0 && m.Header.Get("Status") == "503" {
		return "", nats.ErrNoResponders
	}
	value, _, err := headerValue(m.Header, HeaderOutcome)
	if err != nil {
		return "", err
	}
	switch o := Outcome(value); o {
	case OutcomeProcessed, OutcomeDuplicate, OutcomeRejected, OutcomeBusy:
		return o, nil
	}
	return "", &HeaderError{HeaderOutcome, fmt.Sprintf("%s, %s, %s or %s",
		OutcomeProcessed, OutcomeDuplicate, OutcomeRejected, OutcomeBusy), quote(value)}
}
