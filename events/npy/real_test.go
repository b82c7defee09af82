package npy_test

import (
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events/formattest"
	"github.com/saccade-dev/saccade/events/npy"
)

// Real recordings, against what independent readers found in them. Arrays do not say
// how large the sensor is; the table does.
func TestRealRecordings(t *testing.T) {
	formattest.Recordings{Formats: []string{npy.Name, npy.NameZip}, Of: isArray, Optional: true, Hint: true}.Run(t)
}

// isArray tells by the table's column of formats.
func isArray(format string) bool {
	format = strings.ToLower(format)
	return strings.Contains(format, "npy") || strings.Contains(format, "npz") || strings.Contains(format, "numpy")
}
