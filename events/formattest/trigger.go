package formattest

import (
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
)

// Triggers has the external triggers that a reader meets from now on appended to a list.
func Triggers(t require.TestingT, r events.Reader, to *[]events.Trigger) {
	helper(t)
	source, ok := r.(events.TriggerSource)
	require.True(t, ok, "a reader that tells of triggers")
	source.OnTrigger(func(g events.Trigger) { *to = append(*to, g) })
}

// TriggerWriter is a writer that has a place for external triggers.
func TriggerWriter(t require.TestingT, w events.Writer) events.TriggerWriter {
	helper(t)
	out, ok := w.(events.TriggerWriter)
	require.True(t, ok, "a writer with a place for triggers")
	return out
}
