package bus

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/monitor"
)

// LabelKind says what a label is of.
type LabelKind string

// The kinds. A label without one is from a daemon that had no others than the first
// two, and did not tell them apart.
const (
	LabelFinal    LabelKind = "final"    // the recording has ended
	LabelInterval LabelKind = "interval" // an interval is over; the next label rests on what comes now
	LabelRunning  LabelKind = "running"  // the recording so far; there will be others of it
)

// Label is a decision: what a recording, or an interval of a stream, is taken for.
type Label struct {
	Sensor     string             `json:"sensor"`
	Seq        *uint64            `json:"seq,omitempty"` // of the last message that it rests on, where messages are numbered
	Recording  string             `json:"recording,omitempty"`
	Kind       LabelKind          `json:"kind,omitempty"`
	Label      string             `json:"label"`
	Confidence float64            `json:"confidence"`      // 0 to 1
	Truth      string             `json:"truth,omitempty"` // as the messages said
	FirstUS    int64              `json:"t_first_us"`      // times of the first and last event that it rests on, microseconds
	LastUS     int64              `json:"t_last_us"`
	Events     int64              `json:"events"`           // how many it rests on
	Scores     map[string]float64 `json:"scores,omitempty"` // of every label, as the classifier gives them
}

// Reason is why a message was rejected, one of a few, fit for a metric's label.
type Reason string

// The reasons.
const (
	ReasonSubject  Reason = "subject"    // the sensor's name is not acceptable
	ReasonSensor   Reason = "sensor"     // the sensor is not served, or one too many
	ReasonSize     Reason = "size"       // larger than is accepted
	ReasonHeader   Reason = "header"     // a header does not say what it must
	ReasonEncoding Reason = "encoding"   // the encoding is not known
	ReasonGeometry Reason = "geometry"   // none is known, or it changed within a recording
	ReasonPayload  Reason = "payload"    // the payload cannot be read
	ReasonInternal Reason = "processing" // it was read and could not be processed
)

// MaxHead is how much of a rejected payload is kept.
const MaxHead = 256

// Reject says that a message, or a part of it, could not be read, and why.
type Reject struct {
	Sensor  string  `json:"sensor,omitempty"`
	Seq     *uint64 `json:"seq,omitempty"`
	Subject string  `json:"subject"`
	Reason  Reason  `json:"reason"`
	Error   string  `json:"error"`            // in full, for people
	Header  string  `json:"header,omitempty"` // the header that is wrong, if one is
	Offset  int64   `json:"offset"`           // the byte of the payload at which the damage begins
	Want    string  `json:"want,omitempty"`   // what was expected there
	Got     string  `json:"got,omitempty"`    // what was found
	Bytes   int     `json:"bytes"`            // size of the payload
	Head    []byte  `json:"head,omitempty"`   // its first bytes, at most MaxHead (base64 in JSON)
	More    int64   `json:"more,omitempty"`   // rejects of this sensor, or of all messages that are no sensor's, that were not published since the one before
}

// maxErrorText bounds the texts of a reject, whatever an error repeats.
const maxErrorText = 1024

// NewReject describes a rejected message. Where the error is, or wraps, a
// [*events.FormatError] or [*HeaderError], the reject says where, what was expected
// and what was found. The payload's head is copied.
func NewReject(subject string, payload []byte, reason Reason, err error) Reject {
	r := Reject{
		Subject: clip(subject, maxErrorText),
		Reason:  reason,
		Error:   clip(err.Error(), maxErrorText),
		Bytes:   len(payload),
		Head:    append([]byte(nil), payload[:min(len(payload), MaxHead)]...),
	}
	var format *events.FormatError
	var header *HeaderError
	switch {
	case errors.As(err, &format):
		r.Offset, r.Want, r.Got = format.Offset, clip(format.Want, maxErrorText), clip(format.Got, maxErrorText)
	case errors.As(err, &header):
		r.Header, r.Want, r.Got = header.Header, header.Want, header.Got
	}
	return r
}

// Clip bounds a text that goes into a message.
func Clip(s string) string { return clip(s, maxErrorText) }

func clip(s string, limit int) string {
	if len(s) > limit {
		return s[:limit] + "..."
	}
	return s
}

// LayerStatus is what a layer of a sensor does, and what its thresholds and outputs tell of
// its learning. Its counters are those of the layer since it was made; a layer behind the
// first is given the events that won a feature of the one before.
type LayerStatus struct {
	Width   int `json:"width"` // pixels, pooled
	Height  int `json:"height"`
	Neurons int `json:"neurons"` // of all banks

	Events   int64 `json:"events"`   // events = features + missed + border + outside + noise + ignored
	Features int64 `json:"features"` // events that won a feature
	Missed   int64 `json:"missed"`
	Border   int64 `json:"border"`
	Outside  int64 `json:"outside"`
	Noise    int64 `json:"noise"`
	Ignored  int64 `json:"ignored"`

	// MissedRate is that of [monitor.MissedRate], of the time between the two latest
	// statuses between which there was one.
	MissedRate    float64 `json:"missed_rate"`
	ThresholdMean float64 `json:"threshold_mean"`
	ThresholdMin  float64 `json:"threshold_min"`
	ThresholdMax  float64 `json:"threshold_max"`

	Settled  bool              `json:"settled"`
	Change   *monitor.Finding  `json:"change,omitempty"`
	Interval *monitor.Interval `json:"interval,omitempty"`
	Balance  *monitor.Balance  `json:"balance,omitempty"`
}

// Filtered counts events that filters dropped before the first layer saw them.
type Filtered struct {
	Refractory int64 `json:"refractory"` // within their pixel's refractory period
	Background int64 `json:"background"` // background activity
}

// Sum is how many there were of all.
func (f Filtered) Sum() int64 { return f.Refractory + f.Background }

// Status is what a sensor's pipeline says of itself. Counters go on from the stored
// state, where the sensor had one; Bytes, Refused and part of Rejects count from the
// start of the daemon.
type Status struct {
	Sensor  string    `json:"sensor"`
	Time    time.Time `json:"time"`
	UptimeS float64   `json:"uptime_s"`
	Device  string    `json:"device"` // the target that computes
	// DeviceFailure is why that is another than was asked for, or why nothing is computed any more.
	DeviceFailure string `json:"device_failure,omitempty"`

	Encoding string `json:"encoding"` // of the last message
	Width    int    `json:"width"`
	Height   int    `json:"height"`

	Recording  string  `json:"recording,omitempty"`
	Recordings int64   `json:"recordings"` // ended
	Seq        *uint64 `json:"seq,omitempty"`
	LastUS     int64   `json:"t_last_us"` // time of the last event

	Messages int64 `json:"messages"`
	Bytes    int64 `json:"bytes"`
	Events   int64 `json:"events"`   // events = features + missed + border + outside + noise + ignored + filtered
	Features int64 `json:"features"` // events that won a feature, of the last of several layers
	Missed   int64 `json:"missed"`   // this and what follows: of whichever layer they ended at
	Border   int64 `json:"border"`
	Outside  int64 `json:"outside"`
	Noise    int64 `json:"noise"`
	Ignored  int64 `json:"ignored"`
	// Filtered were dropped before the first layer, by which filter.
	Filtered Filtered `json:"filtered,omitzero"`
	Labels   int64    `json:"labels"`
	Rejects  int64    `json:"rejects"`
	Gaps     int64    `json:"gaps"` // messages that Saccade-Seq says are missing

	Duplicates int64 `json:"duplicates"` // messages sent again that had been processed
	Refused    int64 `json:"refused"`    // messages that were answered busy: too much was waiting, or they came too fast
	Throttled  int64 `json:"throttled"`  // those of them that were beyond the sensor's rate

	// Of the first layer; Layers has them of every one.
	MissedRate    float64 `json:"missed_rate"`
	ThresholdMean float64 `json:"threshold_mean"`
	ThresholdMin  float64 `json:"threshold_min"`
	ThresholdMax  float64 `json:"threshold_max"`
	Learning      bool    `json:"learning"`

	// What the thresholds and outputs of the first layer tell of its learning, see package
	// monitor: whether it has settled, and what was found last; the signals of the latest
	// interval, once there is one, and how far its misses per hit are from balance.
	Settled  bool              `json:"settled"`
	Change   *monitor.Finding  `json:"change,omitempty"`
	Interval *monitor.Interval `json:"interval,omitempty"`
	Balance  *monitor.Balance  `json:"balance,omitempty"`
	// Layers are all layers, the first among them, once the sensor's size is known.
	Layers []LayerStatus `json:"layers,omitempty"`
	// Network is what the network over frames does, where the model has one.
	Network *NetworkStatus `json:"network,omitempty"`

	QueueDepth int   `json:"queue_depth"` // messages that wait
	QueueBytes int64 `json:"queue_bytes"`
}

// MaxJSON bounds the JSON messages that are decoded.
const MaxJSON = 256 << 10

// Document is a message that travels as JSON.
type Document interface{ Label | Reject | Status }

// Encode writes a message as JSON. It fails where a number is not finite.
func Encode[T Document](m T) ([]byte, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("%s message: %w", documentName[T](), err)
	}
	return data, nil
}

// Decode reads a message from JSON. Fields that it does not know are those of a
// newer version and left out. Its error is an [*events.FormatError].
func Decode[T Document](data []byte) (T, error) {
	var m, none T
	if len(data) > MaxJSON {
		return none, documentError[T](MaxJSON, fmt.Sprintf("at most %d bytes", MaxJSON), fmt.Sprint(len(data)))
	}
	err := json.Unmarshal(data, &m)
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return m, nil
	case errors.As(err, &syntax):
		return none, documentError[T](syntax.Offset, "JSON", syntax.Error())
	case errors.As(err, &kind):
		return none, documentError[T](kind.Offset, fmt.Sprintf("%s in %s", kind.Type, kind.Field), clip(kind.Value, maxQuoted))
	default: // base64 of a reject, a time of a status
		return none, documentError[T](0, "JSON of the message", clip(err.Error(), maxErrorText))
	}
}

func documentName[T Document]() string {
	var m T
	switch any(m).(type) {
	case Label:
		return KindLabels.String()
	case Reject:
		return KindRejects.String()
	default:
		return KindStatus.String()
	}
}

func documentError[T Document](at int64, want, got string) error {
	return &events.FormatError{Format: documentName[T](), Offset: at, Want: want, Got: got, Fatal: true}
}
