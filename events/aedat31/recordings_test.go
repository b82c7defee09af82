package aedat31_test

import (
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events/aedat31"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Every recording of the format that the table of recordings has, against it.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{
		Formats: []string{aedat31.Name},
		Of:      func(format string) bool { return strings.Contains(format, "AEDAT 3.1") },
	}.Run(t)
}
