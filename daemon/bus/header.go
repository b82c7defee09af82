package bus

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nats-io/nats.go"

	"github.com/saccade-dev/saccade/events"
)

// The headers. NATS compares them by case.
const (
	HeaderEncoding  = "Saccade-Encoding"
	HeaderWidth     = "Saccade-Width"
	HeaderHeight    = "Saccade-Height"
	HeaderTimeBase  = "Saccade-Time-Base"
	HeaderSession   = "Saccade-Session"
	HeaderSeq       = "Saccade-Seq"
	HeaderOldest    = "Saccade-Oldest"
	HeaderRecording = "Saccade-Recording"
	HeaderEnd       = "Saccade-End"
	HeaderTruth     = "Saccade-Truth"

	HeaderEvents  = "Saccade-Events"
	HeaderMissed  = "Saccade-Missed"
	HeaderBorder  = "Saccade-Border"
	HeaderOutside = "Saccade-Outside"
	HeaderNoise   = "Saccade-Noise"
	HeaderIgnored = "Saccade-Ignored"

	HeaderRefractory = "Saccade-Refractory"
	HeaderBackground = "Saccade-Background"
	HeaderPart       = "Saccade-Part"
	HeaderMore       = "Saccade-More"
)

// DefaultEncoding is the encoding of a message that does not say.
const DefaultEncoding = "mono"

// Bounds of header values, in bytes.
const (
	MaxEncodingName  = 32
	MaxSession       = 64
	MaxRecordingName = 256
	MaxTruth         = 64
)

// HeaderError is a header that does not say what it must.
type HeaderError struct {
	Header string
	Want   string // what was expected
	Got    string // what was found
}

func (e *HeaderError) Error() string {
	return fmt.Sprintf("header %s: expected %s, found %s", e.Header, e.Want, e.Got)
}

// EventsHeader is what the headers of an events message say.
type EventsHeader struct {
	Encoding  string          // never empty once parsed
	Geometry  events.Geometry // the zero value where the message does not say
	TimeBase  int64           // ns
	Session   string          // one run of the sender, in which its messages are numbered
	Seq       uint64          // per session, from 0
	HasSeq    bool            // whether the message is numbered
	Oldest    uint64          // the oldest message that is not acknowledged: its sender goes back to there
	HasOldest bool            // whether the sender does that
	Recording string          // empty for a stream that has no beginning and no end
	End       bool            // the recording's last message
	Truth     string          // the recording's label, empty where it is not known
}

// ParseEventsHeader reads and checks the headers of an events message; nil headers
// are an unnumbered message in the default encoding. Its error is a [*HeaderError].
// It does not allocate. Whether the encoding is a known one is not checked.
func ParseEventsHeader(h nats.Header) (EventsHeader, error) {
	var e EventsHeader
	var err error
	if e.Encoding, err = headerText(h, HeaderEncoding, MaxEncodingName); err != nil {
		return EventsHeader{}, err
	}
	if e.Encoding == "" {
		e.Encoding = DefaultEncoding
	} else if !restricted(e.Encoding) {
		return EventsHeader{}, &HeaderError{HeaderEncoding, "a name of A-Z, a-z, 0-9, - and _", quote(e.Encoding)}
	}
	width, hasWidth, err := headerNumber(h, HeaderWidth, 1, events.MaxSide)
	if err != nil {
		return EventsHeader{}, err
	}
	height, hasHeight, err := headerNumber(h, HeaderHeight, 1, events.MaxSide)
	if err != nil {
		return EventsHeader{}, err
	}
	switch {
	case hasWidth && !hasHeight:
		return EventsHeader{}, &HeaderError{HeaderHeight, "a height beside " + HeaderWidth, "none"}
	case hasHeight && !hasWidth:
		return EventsHeader{}, &HeaderError{HeaderWidth, "a width beside " + HeaderHeight, "none"}
	}
	e.Geometry = events.Geometry{Width: int(width), Height: int(height)}
	base, _, err := headerNumber(h, HeaderTimeBase, 0, math.MaxInt64)
	if err != nil {
		return EventsHeader{}, err
	}
	e.TimeBase = int64(base)
	if e.Session, err = headerText(h, HeaderSession, MaxSession); err != nil {
		return EventsHeader{}, err
	}
	if e.Seq, e.HasSeq, err = headerNumber(h, HeaderSeq, 0, math.MaxUint64); err != nil {
		return EventsHeader{}, err
	}
	if e.Oldest, e.HasOldest, err = headerNumber(h, HeaderOldest, 0, math.MaxUint64); err != nil {
		return EventsHeader{}, err
	}
	if e.HasOldest && (!e.HasSeq || e.Oldest > e.Seq) {
		return EventsHeader{}, &HeaderError{HeaderOldest, "at most the message's own number in " + HeaderSeq, strconv.FormatUint(e.Oldest, 10)}
	}
	if e.Recording, err = headerText(h, HeaderRecording, MaxRecordingName); err != nil {
		return EventsHeader{}, err
	}
	if e.Truth, err = headerText(h, HeaderTruth, MaxTruth); err != nil {
		return EventsHeader{}, err
	}
	_, e.End, err = headerNumber(h, HeaderEnd, 1, 1)
	if err != nil {
		return EventsHeader{}, err
	}
	return e, nil
}

// Message gives what a decoder is told.
func (e EventsHeader) Message() events.MessageHeader {
	return events.MessageHeader{Geometry: e.Geometry, TimeBase: e.TimeBase}
}

// Set writes the headers into h and takes out those of a former message that this
// one does not have. It refuses, with a [*HeaderError], what ParseEventsHeader
// would: names come from files, and a line break in one would be a header of its
// own. h is then as it was.
func (e EventsHeader) Set(h nats.Header) error {
	if err := e.check(); err != nil {
		return err
	}
	setText(h, HeaderEncoding, e.Encoding)
	setNumber(h, HeaderWidth, uint64(e.Geometry.Width), e.Geometry.Known())
	setNumber(h, HeaderHeight, uint64(e.Geometry.Height), e.Geometry.Known())
	setNumber(h, HeaderTimeBase, uint64(e.TimeBase), e.TimeBase != 0)
	setText(h, HeaderSession, e.Session)
	setNumber(h, HeaderSeq, e.Seq, e.HasSeq)
	setNumber(h, HeaderOldest, e.Oldest, e.HasOldest)
	setText(h, HeaderRecording, e.Recording)
	setNumber(h, HeaderEnd, 1, e.End)
	setText(h, HeaderTruth, e.Truth)
	return nil
}

func (e EventsHeader) check() error {
	if e.Geometry != (events.Geometry{}) && !e.Geometry.Valid() {
		return &HeaderError{HeaderWidth, "a width and height of 1 to " + strconv.Itoa(events.MaxSide), fmt.Sprintf("%d and %d", e.Geometry.Width, e.Geometry.Height)}
	}
	if e.TimeBase < 0 {
		return &HeaderError{HeaderTimeBase, "0 or more", strconv.FormatInt(e.TimeBase, 10)}
	}
	if len(e.Encoding) > MaxEncodingName || !restricted(e.Encoding) {
		return &HeaderError{HeaderEncoding, "a name of A-Z, a-z, 0-9, - and _", quote(e.Encoding)}
	}
	if e.HasOldest && (!e.HasSeq || e.Oldest > e.Seq) {
		return &HeaderError{HeaderOldest, "at most the message's own number", strconv.FormatUint(e.Oldest, 10)}
	}
	if err := checkText(HeaderSession, e.Session, MaxSession); err != nil {
		return err
	}
	if err := checkText(HeaderRecording, e.Recording, MaxRecordingName); err != nil {
		return err
	}
	return checkText(HeaderTruth, e.Truth, MaxTruth)
}

// Counts accounts for the events of a message.
type Counts struct {
	Events  int // in the message
	Missed  int // no neuron within its threshold
	Border  int // too near the border for a whole patch
	Outside int // beyond the sensor's geometry
	Noise   int // too few pixels around it fired recently
	Ignored int // of a polarity that the layer does not look at

	Refractory int // dropped before the layer, within their pixel's refractory period
	Background int // dropped before the layer, as background activity
}

// Won is the number of events that won a feature.
func (c Counts) Won() int {
	return c.Events - c.Missed - c.Border - c.Outside - c.Noise - c.Ignored - c.Refractory - c.Background
}

// FeaturesHeader is what the headers of a features message say.
type FeaturesHeader struct {
	Session   string // of the message answered, as are the next three
	Seq       uint64
	HasSeq    bool
	Recording string
	Counts    Counts // of the events that this part answers
	Part      int    // number of the part, from 0
	More      bool   // another part of the same answer follows
}

// ParseFeaturesHeader reads and checks the headers of a features message. Its error
// is a [*HeaderError]. It does not allocate.
func ParseFeaturesHeader(h nats.Header) (FeaturesHeader, error) {
	var f FeaturesHeader
	var err error
	if f.Session, err = headerText(h, HeaderSession, MaxSession); err != nil {
		return FeaturesHeader{}, err
	}
	if f.Seq, f.HasSeq, err = headerNumber(h, HeaderSeq, 0, math.MaxUint64); err != nil {
		return FeaturesHeader{}, err
	}
	if f.Recording, err = headerText(h, HeaderRecording, MaxRecordingName); err != nil {
		return FeaturesHeader{}, err
	}
	if f.Counts.Events, err = headerCount(h, HeaderEvents); err != nil {
		return FeaturesHeader{}, err
	}
	if f.Counts.Missed, err = headerCount(h, HeaderMissed); err != nil {
		return FeaturesHeader{}, err
	}
	if f.Counts.Border, err = headerCount(h, HeaderBorder); err != nil {
		return FeaturesHeader{}, err
	}
	if f.Counts.Outside, err = headerCount(h, HeaderOutside); err != nil {
		return FeaturesHeader{}, err
	}
	noise, _, err := headerNumber(h, HeaderNoise, 0, maxCount)
	if err != nil {
		return FeaturesHeader{}, err
	}
	ignored, _, err := headerNumber(h, HeaderIgnored, 0, maxCount)
	if err != nil {
		return FeaturesHeader{}, err
	}
	refractory, _, err := headerNumber(h, HeaderRefractory, 0, maxCount)
	if err != nil {
		return FeaturesHeader{}, err
	}
	background, _, err := headerNumber(h, HeaderBackground, 0, maxCount)
	if err != nil {
		return FeaturesHeader{}, err
	}
	f.Counts.Noise, f.Counts.Ignored = int(noise), int(ignored)
	f.Counts.Refractory, f.Counts.Background = int(refractory), int(background)
	part, _, err := headerNumber(h, HeaderPart, 0, maxCount)
	if err != nil {
		return FeaturesHeader{}, err
	}
	f.Part = int(part)
	if _, f.More, err = headerNumber(h, HeaderMore, 1, 1); err != nil {
		return FeaturesHeader{}, err
	}
	if f.Counts.Won() < 0 {
		return FeaturesHeader{}, &HeaderError{HeaderEvents, "at least what the other counts add up to", strconv.Itoa(f.Counts.Events)}
	}
	return f, nil
}

// Set writes the headers into h and takes out those that this message does not
// have. It refuses a recording's name as EventsHeader.Set does.
func (f FeaturesHeader) Set(h nats.Header) error {
	if err := checkText(HeaderSession, f.Session, MaxSession); err != nil {
		return err
	}
	if err := checkText(HeaderRecording, f.Recording, MaxRecordingName); err != nil {
		return err
	}
	setText(h, HeaderSession, f.Session)
	setNumber(h, HeaderSeq, f.Seq, f.HasSeq)
	setText(h, HeaderRecording, f.Recording)
	setNumber(h, HeaderEvents, uint64(f.Counts.Events), true)
	setNumber(h, HeaderMissed, uint64(f.Counts.Missed), true)
	setNumber(h, HeaderBorder, uint64(f.Counts.Border), true)
	setNumber(h, HeaderOutside, uint64(f.Counts.Outside), true)
	setNumber(h, HeaderNoise, uint64(f.Counts.Noise), f.Counts.Noise > 0)
	setNumber(h, HeaderIgnored, uint64(f.Counts.Ignored), f.Counts.Ignored > 0)
	setNumber(h, HeaderRefractory, uint64(f.Counts.Refractory), f.Counts.Refractory > 0)
	setNumber(h, HeaderBackground, uint64(f.Counts.Background), f.Counts.Background > 0)
	setNumber(h, HeaderPart, uint64(f.Part), f.Part > 0)
	setNumber(h, HeaderMore, 1, f.More)
	return nil
}

// maxCount bounds a count from outside; no message holds that many events.
const maxCount = math.MaxInt32

func headerCount(h nats.Header, name string) (int, error) {
	n, ok, err := headerNumber(h, name, 0, maxCount)
	if err == nil && !ok {
		return 0, &HeaderError{name, "a number", "none"}
	}
	return int(n), err
}

// headerValue is a header's only value, if it is there. A map lookup by the exact
// name is what nats.Header.Get does, and costs nothing.
func headerValue(h nats.Header, name string) (value string, ok bool, err error) {
	switch values := h[name]; len(values) {
	case 0:
		return "", false, nil
	case 1:
		return values[0], true, nil
	default:
		return "", false, &HeaderError{name, "one value", strconv.Itoa(len(values))}
	}
}

func headerNumber(h nats.Header, name string, low, high uint64) (n uint64, ok bool, err error) {
	value, ok, err := headerValue(h, name)
	if !ok || err != nil {
		return 0, false, err
	}
	if n, ok = parseDecimal(value); !ok || n < low || n > high {
		want := fmt.Sprintf("%d to %d", low, high)
		if low == high {
			want = strconv.FormatUint(low, 10)
		}
		return 0, false, &HeaderError{name, want, quote(value)}
	}
	return n, true, nil
}

// parseDecimal reads digits and nothing else. strconv's error would be made on the
// heap for every bad header of a hostile sensor.
func parseDecimal(s string) (n uint64, ok bool) {
	if s == "" || len(s) > 20 {
		return 0, false
	}
	for i := range len(s) {
		d := uint64(s[i] - '0')
		if d > 9 || n > (math.MaxUint64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

func headerText(h nats.Header, name string, limit int) (string, error) {
	value, ok, err := headerValue(h, name)
	if !ok || err != nil {
		return "", err
	}
	return value, checkText(name, value, limit)
}

// checkText demands what travels in a header and can be shown: printable, and
// without the outer spaces that NATS takes off.
func checkText(name, value string, limit int) error {
	if len(value) > limit {
		return &HeaderError{name, fmt.Sprintf("at most %d bytes", limit), fmt.Sprintf("%d bytes", len(value))}
	}
	if !utf8.ValidString(value) || strings.ContainsFunc(value, unprintable) || strings.TrimSpace(value) != value {
		return &HeaderError{name, "printable text without spaces around it", quote(value)}
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

func setText(h nats.Header, name, value string) {
	if value == "" {
		delete(h, name)
		return
	}
	h[name] = []string{value}
}

func setNumber(h nats.Header, name string, n uint64, has bool) {
	if !has {
		delete(h, name)
		return
	}
	h[name] = []string{strconv.FormatUint(n, 10)}
}

// maxQuoted is how much of a value from outside an error repeats.
const maxQuoted = 64

func quote(s string) string {
	if len(s) > maxQuoted {
		return strconv.Quote(strings.ToValidUTF8(s[:maxQuoted], "")) + "..."
	}
	return strconv.Quote(s)
}
