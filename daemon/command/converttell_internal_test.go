package command

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What is counted may be of several words, of which the first is the noun.
func TestOfKind(t *testing.T) {
	for kind, want := range map[string]string{
		"frame":                                "2 frames",
		"external trigger":                     "2 external triggers",
		"message lost":                         "2 messages lost",
		"event without a time or place":        "2 events without a time or place",
		"event message of topic /right/events": "2 event messages of topic /right/events",
	} {
		require.Equal(t, want, ofKind(2, kind))
		require.Equal(t, "1 "+kind, ofKind(1, kind))
	}
}
