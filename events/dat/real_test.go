package dat_test

import (
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events/dat"
	"github.com/saccade-dev/saccade/events/formattest"
)

// Real recordings, against what independent readers found in them.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{
		Formats: []string{dat.Name},
		Of:      func(format string) bool { return strings.Contains(format, "Prophesee DAT") },
	}.Run(t)
}
