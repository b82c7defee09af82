package control

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/saccade-dev/saccade/daemon/bus"
	"github.com/saccade-dev/saccade/daemon/pipeline"
	"github.com/saccade-dev/saccade/daemon/service"
)

// The codes of errors, after HTTP's.
const (
	codeBad      = "400"
	codeUnknown  = "404"
	codeConflict = "409"
	codeLarge    = "413"
	codeInternal = "500"
	codeBusy     = "503"
	codeLate     = "504"
	codeFull     = "507"
)

// Error is an answer that says no.
type Error struct {
	Code        string // "400" and so on, see the package's comment
	Description string
}

func (e *Error) Error() string { return e.Description }

// maxWhole bounds what is told of an error in an answer's data.
const maxWhole = 16 << 10

// whole is a description that is more than a header holds, such as all that is wrong with a
// configuration; nil for one that is not.
func (e *Error) whole() []byte {
	if len(e.Description) <= maxDescription && !strings.Contains(e.Description, "\n") {
		return nil
	}
	return []byte(strings.ToValidUTF8(e.Description[:min(len(e.Description), maxWhole)], "?"))
}

// errorOf sorts an error.
func errorOf(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	code := codeInternal
	switch {
	case errors.Is(err, service.ErrStopped):
		return stopping
	case bus.IsFenced(err):
		code = codeBusy
	case errors.Is(err, service.ErrNoSensor):
		code = codeUnknown
	case errors.Is(err, ErrNoPipeline):
		code = codeBad
	case errors.Is(err, service.ErrBroken), errors.Is(err, pipeline.ErrNoGeometry),
		errors.Is(err, service.ErrUnfit), errors.Is(err, pipeline.ErrRates), errors.Is(err, service.ErrNoStore):
		code = codeConflict
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{codeLate, "the sensor had too much to do before: it was not its turn in time, and nothing was done"}
	case errors.Is(err, context.Canceled):
		return stopping
	}
	return &Error{code, err.Error()}
}

var stopping = &Error{codeBusy, "the daemon is stopping"}

// maxDescription bounds what stands in a header.
const maxDescription = 512

// headerText is a description as a header can hold it: a line, not too long.
func headerText(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxDescription {
		s = strings.ToValidUTF8(s[:maxDescription], "") + "..."
	}
	return strings.TrimSpace(s)
}
