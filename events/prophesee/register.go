package prophesee

import (
	"io"

	"github.com/saccade-dev/saccade/events"
)

// Codec is an encoding that is read and written, in RAW files and in messages.
type Codec struct {
	Name     string // of the format and of the encoding
	Encoding string // as headers have it, [EVT2] or [EVT3]
	// What users are told of files, and of messages.
	File, Message string

	Machine func() Machine
	Words   func() Words
}

// Register registers a codec as a format and as an encoding; call it from an init
// function. EVT 2.1 is not written and has two orders of bytes: it registers itself.
func (c Codec) Register() {
	events.RegisterFormat(&events.Format{
		Name:        c.Name,
		Description: c.File,
		Extension:   ".raw",
		Detect:      func(head []byte, _ int64) error { return Detect(c.Encoding, head) },
		NewReader: func(r io.Reader, g events.Geometry) (events.Reader, error) {
			return NewReader(c.Name, r, g, func(h *Header, _ []byte) (Machine, error) { return c.Machine(), LittleEndian(h) })
		},
		NewWriter: func(w io.Writer, h events.Header) (events.Writer, error) { return NewWriter(c.Name, w, h, c.Words()) },
	})
	events.RegisterEncoding(&events.Encoding{
		Name:        c.Name,
		Description: c.Message,
		NewDecoder:  func() events.Decoder { return NewDecoder(c.Name, c.Machine()) },
		NewEncoder:  func() events.Encoder { return NewEncoder(c.Name, c.Words()) },
	})
}
