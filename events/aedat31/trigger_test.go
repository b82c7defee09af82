package aedat31_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat31"
	"github.com/saccade-dev/saccade/events/formattest"
)

func TestTriggered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { formattest.Triggered(t, aedat31.Name, events.Geometry{Width: 240, Height: 180}) })
}

// The inputs by their types; what is not valid, of another camera or of a time below 0 is
// counted and not handed on.
func TestTriggers(t *testing.T) {
	bad := special(2)
	bad[0] &^= 1
	data := file(
		packet(0, 1, 8, 4, 1, 1, 1, special(2)),
		polarity(0, event(5, 1, 2, 1)),
		packet(0, 1, 8, 4, 0, 9, 8, special(3), special(4), special(6), special(7), special(8), special(9), special(12), special(5), bad),
		packet(0, 2, 8, 4, 0, 1, 1, special(2)),
		packet(0, 1, 8, 0, 0, 1, 1, special(2)),
		packet(0, 1, 8, 4, -1, 1, 1, special(2)),
	)
	r := formattest.NewReader(t, aedat31.Name, bytes.NewReader(data), events.Geometry{})
	var got []events.Trigger
	formattest.Triggers(t, r, &got)
	in, damage, end := formattest.ReadAll(t, r, 3)
	require.Len(t, in, 1)
	require.Empty(t, damage)
	require.Equal(t, io.EOF, end)
	require.Equal(t, []events.Trigger{
		{T: 1<<31 + 7, Rising: true},
		{T: 7, After: 1},
		{T: 7, Rising: true, After: 1},
		{T: 7, ID: 1, Rising: true, After: 1},
		{T: 7, ID: 1, After: 1},
		{T: 7, ID: 1, Rising: true, After: 1},
		{T: 7, ID: 2, Rising: true, After: 1},
	}, got)
	require.Equal(t, map[string]int64{"external trigger": 10, "special": 2, "invalid": 1}, r.Skipped())
}
