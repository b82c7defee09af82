package pipeline

import (
	"errors"

	"github.com/saccade-dev/saccade/events"
)

// Input is one message of events.
type Input struct {
	Encoding string
	Header   events.MessageHeader
	Payload  []byte

	// Seq is the message's number in its session; HasSeq tells whether it has one.
	Session string
	Seq     uint64
	HasSeq  bool

	// Oldest is the oldest message of the session that is not acknowledged, from
	// a sender that goes back to it; HasOldest tells whether it does.
	Oldest    uint64
	HasOldest bool

	Recording string // the recording that it belongs to, empty for a stream
	Truth     string // the recording's true label, where the sender knows it
	End       bool   // the recording ends with this message
}

// Output takes what a pipeline makes of its inputs, in the order of the stream.
// What it is handed is valid during the call only. An error stops the message
// that is being processed, which is not taken back: the pipeline is then ahead of
// what was handed out, and a message of that number would be a Duplicate. What was not
// decoded of it is lost, as a missing message is. An output that can fail for a while had
// better try again.
type Output interface {
	// Features takes the results of one packet of a message. last marks the
	// message's last packet; a message with no events has one empty packet.
	Features(in []events.Event, winners []int16, last bool) error
	// Label takes a decision. It comes after the features that it rests on; as an
	// interval may end within a packet, some later ones may be before it.
	Label(Label) error
	Reject(Reject) error
}

// LabelKind says what a label is of.
type LabelKind string

// The kinds.
const (
	KindFinal    LabelKind = "final"    // the recording has ended
	KindInterval LabelKind = "interval" // an interval is over; the next label rests on what comes now
	KindRunning  LabelKind = "running"  // the recording so far, and there will be others
)

// Label is a decision.
type Label struct {
	Kind       LabelKind
	Recording  string
	Truth      string
	Label      string
	Confidence float64 // 0 to 1
	// First and Last are the times in microseconds of the first and last event
	// that it rests on, Events their number; of labels by a network within a
	// recording, those at which the first of the frames began and the last ended.
	First, Last int64
	Events      int64
	// Seq is the number of the last message that it rests on; HasSeq tells whether
	// that had one.
	Seq    uint64
	HasSeq bool
}

// Reject is a message, or a part of one, that could not be read.
type Reject struct {
	// Err says why. It is an *events.FormatError where a place in the payload is
	// damaged, and otherwise wraps ErrEncoding, ErrGeometry or ErrSequence.
	Err error
	// Count is how many places of the message were damaged; Err is the first.
	Count int
}

// Why a message was rejected whose payload was not even looked at.
var (
	ErrEncoding = errors.New("encoding")
	ErrGeometry = errors.New("geometry")
	ErrSequence = errors.New("sequence")
)

// Outcome says what became of a message.
type Outcome int

// The outcomes.
const (
	Processed Outcome = iota
	Duplicate         // it had been processed before
	Rejected          // a part of it or all could not be read; a Reject says why
	Early             // it is not its turn: its sender goes back to one before it
)
