package formattest

import (
	"bytes"
	"io"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

// Triggered sees that a format keeps triggers: those written between drawn events of a
// sensor are read again between the same events, on as many channels as the writer tells
// of, and one more is refused with what can be written on behind.
func Triggered(t *rapid.T, name string, g events.Geometry) {
	f := Format(t, name)
	var b bytes.Buffer
	w, err := f.NewWriter(&b, events.Header{Geometry: g})
	require.NoError(t, err)
	edges := TriggerWriter(t, w)
	channels := edges.TriggerChannels()
	require.True(t, channels >= 1 && channels <= 256, "%d channels", channels)
	in := Scene(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(0, 200).Draw(t, "events"), rapid.Int64Range(0, 1<<33).Draw(t, "start"), g)
	at := 0
	var want []events.Trigger
	for n := range rapid.IntRange(0, 30).Draw(t, "triggers") {
		to := rapid.IntRange(at, len(in)).Draw(t, "at")
		require.NoError(t, w.Write(in[at:to]))
		at = to
		near := int64(1 << 32)
		if to > 0 {
			near = in[to-1].T
		} else if len(in) > 0 {
			near = in[0].T
		}
		trigger := events.Trigger{
			T:  max(0, near+rapid.Int64Range(-50, 50).Draw(t, "t")),
			ID: uint8(rapid.IntRange(0, channels-1).Draw(t, "channel")), Rising: rapid.Bool().Draw(t, "rising"), After: int64(to),
		}
		require.NoError(t, edges.WriteTrigger(trigger), "trigger %d", n)
		want = append(want, trigger)
		if channels < 256 {
			var unheld *events.UnheldError
			err := edges.WriteTrigger(events.Trigger{T: near, ID: uint8(channels)})
			require.ErrorAs(t, err, &unheld)
			require.True(t, unheld.Trigger && unheld.Event == int64(to), "%v", err)
		}
	}
	require.NoError(t, w.Write(in[at:]))
	require.NoError(t, w.Close())
	r := NewReader(t, name, &b, events.Geometry{})
	var got []events.Trigger
	Triggers(t, r, &got)
	out, damage, end := ReadAll(t, r, rapid.IntRange(1, 70).Draw(t, "capacity"))
	require.Equal(t, io.EOF, end)
	require.Empty(t, damage)
	require.Equal(t, in, append([]events.Event{}, out...))
	require.Equal(t, want, got)
}
