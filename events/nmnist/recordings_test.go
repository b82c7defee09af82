package nmnist_test

import (
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/nmnist"
)

// Real recordings of the family, against what independent readers found in them.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{
		Formats: []string{nmnist.Name},
		Of:      func(format string) bool { return strings.HasSuffix(format, " bin") },
	}.Run(t)
}
