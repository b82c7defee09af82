package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// The formats' names. NameSeconds and NameMicroseconds read the same lines with the
// unit of times given; they are never found out.
const (
	Name             = "text"
	NameCSV          = "csv"
	NameSeconds      = "text-s"
	NameMicroseconds = "text-us"
)

func init() {
	register := func(name, description, extension string, unit Unit,
		detect func([]byte, int64) error, write func(io.Writer, events.Header) (events.Writer, error),
	) {
		events.RegisterFormat(&events.Format{
			Name: name, Description: description, Extension: extension, Detect: detect, Weak: true,
			NewReader: func(r io.Reader, g events.Geometry) (events.Reader, error) {
				return newReader(r, name, Options{Unit: unit, Geometry: g})
			},
			NewWriter: write,
		})
	}
	register(Name, "lines of text, t x y p with t in seconds", ".txt", Found, detectText, newTextWriter)
	register(NameCSV, "comma-separated values with names, t in microseconds", ".csv", Found, detectCSV, newCSVWriter)
	register(NameSeconds, "lines of text, times in seconds whatever they look like", ".txt", Seconds, byNameOnly, nil)
	register(NameMicroseconds, "lines of text, times in microseconds whatever they look like", ".txt", Microseconds, byNameOnly, nil)
}

func byNameOnly([]byte, int64) error { return errors.New("read where it is asked for by name") }

func detectText(head []byte, size int64) error {
	separator, err := detect(head, size)
	if err == nil && separator != 0 {
		return fmt.Errorf("its fields are separated by %q", separator)
	}
	return err
}

func detectCSV(head []byte, size int64) error {
	separator, err := detect(head, size)
	if err == nil && separator == 0 {
		return errors.New("its fields are separated by blanks")
	}
	return err
}

// detect looks for lines that can be read as events, or for their names.
func detect(head []byte, size int64) (separator byte, err error) {
	if i := bytes.IndexFunc(head, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' }); i >= 0 {
		return 0, fmt.Errorf("byte 0x%02x at %d is no text", head[i], i)
	}
	f, err := discover(head, size >= 0 && size <= int64(len(head)), Options{})
	if err != nil {
		return 0, err
	}
	if f.events > 0 {
		// Hardly any may be damaged; one may always, as a recording can end in one.
		wrong := 0
		rest := head[f.start:]
		for range f.events {
			line, after, _ := bytes.Cut(rest, []byte{'\n'})
			if _, _, ok := f.layout.event(line); !ok && !comment(line) && len(bytes.TrimSpace(line)) > 0 {
				wrong++
			}
			rest = after
		}
		if wrong == f.events || wrong > max(1, f.events/20) {
			return 0, fmt.Errorf("%d of %d lines are not of time, x, y and polarity", wrong, f.events)
		}
	} else if !f.named {
		return 0, errors.New("no line of events, nor of their names")
	}
	return f.layout.separator, nil
}
