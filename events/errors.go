package events

import (
	"fmt"
	"strings"
)

// FormatError is input that does not say what its format says it must.
type FormatError struct {
	Format string // the format's or encoding's name
	Source string // the file, where there is one
	Offset int64  // the byte at which the damage begins, from the start of the file or message
	Want   string // what was expected there
	Got    string // what was found
	Fatal  bool   // nothing behind the damage can be read
}

func (e *FormatError) Error() string {
	var b strings.Builder
	if e.Source != "" {
		b.WriteString(e.Source)
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "%s at byte %d: expected %s, found %s", e.Format, e.Offset, e.Want, e.Got)
	return b.String()
}
