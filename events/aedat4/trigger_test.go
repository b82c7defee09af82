package aedat4_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/formattest"
)

func TestTriggered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { formattest.Triggered(t, aedat4.Name, davis240) })
}

// Edges and pulses at the input are handed on, behind the events that stand before them, and
// what else a stream of triggers has is not.
func TestTriggers(t *testing.T) {
	in := formattest.Scene(1, 5, 100, davis240)
	data := join(header(aedat4.None, -1, "EVTS 240 180", "TRIG"),
		packet(1, triggerPacket(1)), packet(0, plain(in...)), packet(1, triggerPacket(0, 2, 3, 4, 6)))
	r := formattest.NewReader(t, aedat4.Name, bytes.NewReader(data), events.Geometry{})
	var got []events.Trigger
	formattest.Triggers(t, r, &got)
	out, damage, end := formattest.ReadAll(t, r, 2)
	require.Equal(t, in, out)
	require.Empty(t, damage)
	require.Equal(t, io.EOF, end)
	require.Equal(t, []events.Trigger{{Rising: true}, {T: 1, After: 5}, {T: 2, Rising: true, After: 5}}, got)
}
