package aedat4_test

import (
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Every recording of the format that the table of recordings has, against it.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{
		Formats: []string{aedat4.Name},
		Of:      func(format string) bool { return strings.Contains(format, "AEDAT4") },
	}.Run(t)
}
