package aedat2_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events/aedat2"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Every recording of the format that the table of recordings has, against it.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{
		Formats: []string{aedat2.Name},
		Of:      func(format string) bool { return strings.Contains(format, "AEDAT 2.0") },
		Check: func(t *testing.T, row formattest.Row, _ []byte, c *formattest.Content) {
			require.Equal(t, row.Listed(), len(c.Events) > 0, "what is not listed has no events")
		},
	}.Run(t)
}
