package db3_test

import (
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events/db3"
	"github.com/saccade-dev/saccade/events/formattest"
)

// The bags of ROS 2 hold what others found in them.
func TestRecordings(t *testing.T) {
	formattest.Recordings{
		Formats: []string{db3.Name},
		Of:      func(format string) bool { return strings.HasPrefix(format, "ROS2 sqlite") },
	}.Run(t)
}
