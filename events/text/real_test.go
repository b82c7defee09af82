package text_test

import (
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/text"
)

// Real recordings, against what independent readers found in them. The lines do not say
// how large the sensor is; the table does.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{Formats: []string{text.Name, text.NameCSV}, Of: isText, Hint: true}.Run(t)
}

// isText tells by the table's column of formats.
func isText(format string) bool {
	format = strings.ToLower(format)
	return strings.Contains(format, "txt") || strings.Contains(format, "csv")
}
