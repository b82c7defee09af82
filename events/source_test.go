package events_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// What is read in one header never breaks another.
func TestSourceClean(t *testing.T) {
	start := time.Date(2020, 9, 25, 7, 48, 29, 0, time.UTC)
	good := events.Source{Camera: "DAVIS346", Serial: "00000104", Start: start}
	require.Equal(t, good, good.Clean())
	for _, bad := range []string{"a\nb", "\r", "é", "\x00", strings.Repeat("x", 65)} {
		require.Equal(t, events.Source{Start: start}, events.Source{Camera: bad, Serial: bad, Start: start}.Clean())
	}
	for _, year := range []int{-1, 0, 9999, 20000} {
		require.Zero(t, events.Source{Start: time.Date(year, 5, 1, 0, 0, 0, 0, time.UTC)}.Clean())
	}
}
