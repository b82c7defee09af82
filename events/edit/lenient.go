package edit

import (
	"errors"
	"io"

	"github.com/saccade-dev/saccade/events"
)

// lenient reads on behind damage.
type lenient struct{ sieve }

// NewLenient goes on behind damage where its source does, and takes damage that nothing can
// be read behind for the end. Errors that are no *events.FormatError are handed on.
func NewLenient(src events.Reader) events.Reader {
	l := new(lenient)
	l.src = src
	l.listen(src)
	return l
}

func (l *lenient) Read(p *events.Packet) error {
	for {
		err := l.sieve.Read(p)
		var fe *events.FormatError
		if !errors.As(err, &fe) {
			return err
		}
		if fe.Fatal {
			l.end = io.EOF
		}
		switch {
		case len(p.Events) > 0:
			return nil
		case fe.Fatal:
			return io.EOF
		}
	}
}
