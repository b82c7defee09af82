package events

import "io"

// Header is what a source says of itself. A reader may know more of it at the
// end of a source than at its start.
type Header struct {
	Format   string   // the format's name, as [Format.Name]
	Geometry Geometry // the zero value where the source does not say
	// Source is for writers; of a reader that knows it, it is asked as of a SourceTeller.
	Source Source
}

// Reader gives the events of one source in the order they stand there.
//
// Read empties p and fills it with at most its capacity. It returns io.EOF, and
// no events, at the end. Any other error may come with events: those that stand
// before the damage. After an error that is a *FormatError and not Fatal, the
// next Read goes on behind the damage; after any other, Read keeps returning it.
type Reader interface {
	Header() Header
	Read(p *Packet) error
	// Skipped counts what the source held that was not an event, by kind.
	Skipped() map[string]int64
}

// TopicReader is a Reader of a source that may hold the events of several cameras, each
// under a name of its own: the topics of a ROS bag. It gives those of one topic, the first
// that it meets unless another is selected.
type TopicReader interface {
	Reader
	// SelectTopic selects a topic, before anything else is asked of the reader. Where
	// the source turns out not to have it, or no events in it, Read says so.
	SelectTopic(topic string) error
}

// Writer writes events in the order given. Close writes what is buffered and
// whatever the format needs at its end; it does not close what lies beneath.
type Writer interface {
	Write(events []Event) error
	Close() error
}

// Format is a file format.
type Format struct {
	Name        string // short and lower case, as given to --format
	Description string
	Extension   string // with the dot, for files that are written

	// Detect looks at the first bytes of a file, at most DetectBytes, and at the
	// file's size (negative when not known). It returns nil when they are this
	// format's, and otherwise why not, so that a user can be told.
	Detect func(head []byte, size int64) error
	// Weak marks a format with no signature: its Detect is asked last.
	Weak bool

	// NewReader is nil for a format that cannot be read from its start to its end.
	NewReader func(r io.Reader, geometry Geometry) (Reader, error)
	// NewFileReader is set for a format that is read here and there, as a database is,
	// and used wherever there is a file of known size. A Reader of it that holds more
	// than memory is an io.Closer.
	NewFileReader func(r io.ReaderAt, size int64, geometry Geometry) (Reader, error)
	// NewWriter is nil for a format that is only read.
	NewWriter func(w io.Writer, h Header) (Writer, error)
}

// DetectBytes is how much of a file's head a format is shown.
const DetectBytes = 4096

// MessageHeader is what the headers of an events message say, with the meaning
// of ROS's event_camera_msgs/EventPacket.
type MessageHeader struct {
	Geometry Geometry
	TimeBase int64 // ns; times in the message count from it where the encoding says so
}

// Decoder reads the messages of one sensor in one encoding. It may keep state
// from message to message; one that does is an encoding.BinaryMarshaler and an
// encoding.BinaryUnmarshaler as well: with the state that it gives between two
// messages, another of the same encoding goes on with the same events and errors. A
// state that cannot be is refused, and changes nothing.
//
// Decode appends the events of data to p until p is full or data ends and tells
// how many bytes it took; call it again with the rest. An error is a
// *FormatError whose offset counts within data; n then stands behind what could
// not be read (at the end of data, if it is Fatal). Every event appended lies
// within h.Geometry.
type Decoder interface {
	Decode(h MessageHeader, data []byte, p *Packet) (n int, err error)
	// Reset forgets what earlier messages left behind.
	Reset()
}

// Encoder writes messages that a Decoder of the same encoding reads.
//
// Encode appends the encoded events to dst. It takes as many as one message can
// carry (a time base reaches only so far) and tells how many that were.
type Encoder interface {
	Encode(h MessageHeader, dst []byte, events []Event) (data []byte, n int, err error)
	// TimeBase is the time base for a message that starts at t microseconds.
	TimeBase(t int64) int64
}

// Encoding is the encoding of an events message, by the name in its header.
type Encoding struct {
	Name        string
	Description string
	NewDecoder  func() Decoder
	NewEncoder  func() Encoder // nil for an encoding that is only read
}
